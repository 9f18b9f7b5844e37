"""Where reports go: files that are tried before the crawl, and replaced only once whole."""

import argparse
import contextlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from checker.core.errors import UsageError
from checker.output.report_file import Write, open_report
from checker.reports import FORMATS

__all__ = ["Destination", "open_reports", "refuse_shared_files"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """A report that is asked for: its format, what writes it, and whether to standard output."""

    form: str
    write: Write
    is_standard_output: bool


@contextlib.contextmanager
def open_reports(form: str, name: str | None, more: Sequence[str]) -> Iterator[list[Destination]]:
    """Every report that is asked for: that of -o, and each --report.

    Raises UsageError where nothing can be written.
    """
    wanted = [(form, name, "-o"), *(_named(item) for item in more)]
    with contextlib.ExitStack() as stack:
        yield [
            Destination(
                form=form,
                write=stack.enter_context(open_report(file, option)),
                is_standard_output=file in (None, "-"),
            )
            for form, file, option in wanted
        ]


def refuse_shared_files(options: argparse.Namespace) -> None:
    """Raises UsageError where a file would be written twice, or written over what is read.

    Only a baseline may be written anew in its place.
    """
    read = [("--replay", options.replay), *(("--page", file) for file in options.page)]
    read += [("--header-file", file) for file in options.header_file]
    read += [("--config", options.config), ("--ca-bundle", options.ca_bundle)]
    read += [("--baseline", options.baseline)]
    written = [("-o", options.output), *((o, file) for _, file, o in map(_named, options.report))]
    written += [("--record", options.record), ("--write-baseline", options.write_baseline)]
    taken = {path: option for option, file in read if (path := _identity(file, option))}
    for option, file in written:
        path = _identity(file, option)
        if path is None:
            continue
        other = taken.get(path)
        if other is not None and (other, option) != ("--baseline", "--write-baseline"):
            raise UsageError(
                f"{other} and {option} name the same file, {file!r}. Give each its own file."
            )
        taken[path] = option


def _identity(name: str | None, option: str) -> str | None:
    """What two names of one file share; None for a stream or a device, which none replaces."""
    if name is None or name == "-":
        return None
    if "\0" in name:
        raise UsageError(f"The file {name!r} cannot be read or written ({option}).")
    path = os.path.realpath(name)
    return None if Path(path).exists() and not Path(path).is_file() else path


def _named(item: str) -> tuple[str, str, str]:
    form, equals, file = item.partition("=")
    if not equals or not file or file == "-" or form not in FORMATS:
        raise UsageError(
            f"{item[:80]!r} is not a report (--report). "
            f"Give FORMAT=FILE, such as html=report.html; the formats are {', '.join(FORMATS)}."
        )
    return form, file, "--report"
