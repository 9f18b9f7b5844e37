"""Reads a settings file, and refuses what its schema refuses: in one sentence, with the line.

Values stay what the file says; variables are put in only for the endpoint that is checked.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from checker.core.errors import UsageError
from checker.core.schema_errors import Path as KeyPath
from checker.core.schema_errors import did_you_mean, dotted, faults_of
from checker.settings.file_search import PYPROJECT, TABLE, find_file
from checker.settings.toml_lines import line_of

__all__ = ["SettingsFile", "read_file", "settings_file"]

_LARGEST_BYTES = 1024 * 1024
_WHERE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


@dataclass(frozen=True, kw_only=True)
class SettingsFile:
    """What a file says, right by the schema. Without a file, all of it is empty."""

    path: Path | None = None
    text: str = field(default="", repr=False)
    prefix: KeyPath = ()
    document: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def endpoints(self) -> Mapping[str, Mapping[str, Any]]:
        """What is said of each endpoint, by its name."""
        found: Mapping[str, Mapping[str, Any]] = self.document.get("endpoints", {})
        return found

    @property
    def defaults(self) -> dict[str, Any]:
        """What holds for every check."""
        return {key: value for key, value in self.document.items() if key != "endpoints"}

    def endpoint(self, name: str) -> Mapping[str, Any]:
        """What is said of that endpoint. Raises UsageError with what was probably meant."""
        if self.path is None:
            raise UsageError(
                f"There is no settings file that could name an endpoint {name!r}; "
                "a URL begins with http:// or https://."
            )
        if name not in self.endpoints:
            known = list(self.endpoints)
            listed = f"known: {', '.join(known)}" if known else "it names none"
            raise UsageError(
                f"{shown(self.path)} names no endpoint {name!r}"
                f"{did_you_mean(name, known) or '; ' + listed + '.'} "
                "A URL begins with http:// or https://."
            )
        return self.endpoints[name]

    def where(self, path: KeyPath) -> str:
        """`broadcast-check.toml, line 3`: for sentences about a key."""
        if self.path is None:
            return "the settings"
        return f"{shown(self.path)}, line {line_of(self.text, (*self.prefix, *path))}"


def settings_file(named: str | None, *, wanted: bool = True) -> SettingsFile:
    """The file that was named, or the one that is found; none with `wanted=False`."""
    if named is not None and not wanted:
        raise UsageError("--config cannot be combined with --no-config.")
    if not wanted:
        return SettingsFile()
    path = Path(named) if named is not None else find_file(Path.cwd())
    return SettingsFile() if path is None else read_file(path)


def read_file(path: Path) -> SettingsFile:
    """Raises UsageError: file, line, and what was expected."""
    try:
        with path.open("rb") as file:
            raw = file.read(_LARGEST_BYTES + 1)
        text = raw.decode("utf-8-sig")
    except OSError:
        raise UsageError(f"The settings file {shown(path)!r} cannot be read.") from None
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise UsageError(f"{shown(path)}, line {line}: TOML is UTF-8, and this is not.") from None
    if len(raw) > _LARGEST_BYTES:
        raise UsageError(f"{shown(path)} is over 1 MiB, too large for a settings file.")
    document: dict[str, Any] = _parse(path, text)
    prefix: KeyPath = ()
    if path.name == PYPROJECT:
        document, prefix = _our_table(path, document), TABLE
    found = SettingsFile(path=path, text=text, prefix=prefix, document=document)
    _refuse_faults(found)
    return found


def shown(path: Path) -> str:
    """The path as people would write it from the current folder."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _parse(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        where = _WHERE.search(message)
        lines = len(text.splitlines()) or 1
        line = int(where[1]) if where and where[1] else lines
        reason = _WHERE.sub("", message)
        raise UsageError(f"{shown(path)}, line {line}: this is not TOML ({reason}).") from None
    except RecursionError:
        raise UsageError(f"{shown(path)} is nested too deeply.") from None


def _our_table(path: Path, document: Any) -> dict[str, Any]:
    for key in TABLE:
        document = document.get(key) if isinstance(document, dict) else None
    if not isinstance(document, dict):
        raise UsageError(f"{shown(path)} has no table [{'.'.join(TABLE)}].")
    return document


def _refuse_faults(found: SettingsFile) -> None:
    faults = faults_of("config", found.document)
    if faults:
        located = [(line_of(found.text, (*found.prefix, *f.path)), f) for f in faults]
        _, fault = min(located, key=lambda pair: pair[0])
        subject = repr(dotted(fault.path)) if fault.path else "the file"
        end = "" if fault.what.endswith("?") else "."
        what = fault.what.replace("an object", "a table")  # as TOML calls it
        raise UsageError(f"{found.where(fault.path)}: {subject} {what}{end}")
