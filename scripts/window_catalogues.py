"""Updates the catalogues of the window's texts: `python -m scripts.window_catalogues`.

It collects every text of the modules and templates in each `messages.po`, where people translate
them, and compiles that to the `messages.mo` which the server reads. With `--check` it only says
what is stale. A new text has no translation yet; a test reports that.
"""

import io
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

__all__ = ["catalogues", "main", "texts"]

_WINDOW = Path(__file__).resolve().parent.parent / "broadcaster" / "web"
_TRANSLATIONS = _WINDOW / "translations"
_METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
_OPTIONS = {"templates/**.html": {"trimmed": "true", "trim_blocks": "true", "silent": "false"}}
_KEYWORDS = {"_": None, "counted": (1, 2)}


def texts() -> Catalog:
    """Every text of the window's sources."""
    catalog = Catalog(project="broadcast-conformance")
    found = extract_from_dir(
        _WINDOW,
        method_map=_METHODS,
        options_map=_OPTIONS,
        keywords=_KEYWORDS,
        comment_tags=("i18n:",),
    )
    for _file, _line, message, comments, context in sorted(found, key=lambda item: item[:2]):
        catalog.add(message, auto_comments=comments, context=context)
    return catalog


def catalogues() -> Iterator[tuple[Path, Catalog]]:
    """Each language's file, and its catalogue brought up to date with the sources."""
    template = texts()
    for path in sorted(_TRANSLATIONS.glob("*/LC_MESSAGES/messages.po")):
        with path.open("rb") as file:
            catalog = read_po(file, locale=path.parts[-3])
        catalog.update(template, no_fuzzy_matching=True, update_creation_date=False)
        catalog.obsolete.clear()
        yield path, catalog


def main(argv: Sequence[str] | None = None) -> int:
    """0 when all is written or fresh, 1 when something is stale."""
    check_only = "--check" in (sys.argv[1:] if argv is None else argv)
    stale = 0
    for path, catalog in catalogues():
        source, compiled = io.BytesIO(), io.BytesIO()
        write_po(source, catalog, no_location=True, sort_output=True, width=98)
        source.seek(0)
        write_mo(compiled, read_po(source, locale=path.parts[-3]))
        for file, content in (
            (path, source.getvalue()),
            (path.with_suffix(".mo"), compiled.getvalue()),
        ):
            if file.is_file() and file.read_bytes() == content:
                continue
            stale += 1
            if check_only:
                sys.stderr.write(f"{file.relative_to(_WINDOW)} is stale; run make generate.\n")
            else:
                file.write_bytes(content)
    return 1 if check_only and stale else 0


if __name__ == "__main__":
    sys.exit(main())
