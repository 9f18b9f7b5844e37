"""Where reports go: files that are tried before the crawl, and replaced only once whole."""

import argparse
import contextlib
import os
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from checker.errors import UnwrittenError, UsageError
from checker.reports import FORMATS

__all__ = ["Destination", "Write", "open_report", "open_reports", "refuse_shared_files"]

Write = Callable[[str], object]


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
                f"{other} and {option} name the same file, {file!r}; give each its own."
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
            f"{item[:80]!r} is no report (--report): give FORMAT=FILE, such as html=report.html; "
            f"the formats are {', '.join(FORMATS)}."
        )
    return form, file, "--report"


@contextlib.contextmanager
def open_report(name: str | None, option: str = "-o", *, private: bool = False) -> Iterator[Write]:
    """Gives what writes the report, once. No name, or `-`, is the standard output.

    A file that is replaced keeps its mode; with `private` only its owner can read it. Raises
    UsageError where nothing can be written, and for a link of another user, who would choose the
    file that is written.
    """
    if name is None or name == "-":
        yield _telling(sys.stdout, "the standard output")
        return
    path = Path(name)
    if path.exists() and not path.is_file() and not path.is_dir():
        with _device(path, name, option) as write:  # such as /dev/null, which is not replaced
            yield write
        return
    if _is_link_of_another_user(path):
        raise UsageError(f"{name!r} is another user's link and is not followed ({option}).")
    with _replaced(Path(os.path.realpath(path)), name, option, private=private) as write:
        yield write


def _telling(file: TextIO, where: str) -> Write:
    """Writes at once, so that a full disk shows here. Raises UnwrittenError."""

    def write(text: str) -> None:
        try:
            file.write(text)
            file.flush()
        except BrokenPipeError:
            raise  # nobody reads any more, which is no failure
        except OSError as error:
            with contextlib.suppress(OSError):
                file.close()  # or its end would try once more
            why = error.strerror or type(error).__name__
            raise UnwrittenError(f"The report could not be written to {where}: {why}.") from None

    return write


def _refusal(name: str, option: str) -> UsageError:
    return UsageError(f"The report cannot be written to {name!r} ({option}).")


@contextlib.contextmanager
def _device(path: Path, name: str, option: str) -> Iterator[Write]:
    try:
        file = path.open("w", encoding="utf-8", errors="backslashreplace")
    except OSError:
        raise _refusal(name, option) from None
    with file:
        yield _telling(file, f"{name!r} ({option})")


@contextlib.contextmanager
def _replaced(path: Path, name: str, option: str, *, private: bool) -> Iterator[Write]:
    try:
        if path.is_dir():
            raise IsADirectoryError
        descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name[:80]}.", dir=path.parent)
    except (OSError, ValueError):
        raise _refusal(name, option) from None
    try:
        with open(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:  # noqa: PTH123  a descriptor
            yield _telling(file, f"{name!r} ({option})")
        Path(temporary).chmod(_mode_of(path, private=private))
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _mode_of(path: Path, *, private: bool) -> int:
    """That of the file which is replaced, or of a new one: never looser than before."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError:
        mode = 0o666 & ~_umask()
    return mode & 0o600 if private else mode


def _is_link_of_another_user(path: Path) -> bool:
    of_another = False
    if sys.platform != "win32":
        of_another = path.is_symlink() and path.lstat().st_uid not in (0, os.getuid())
    return of_another


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
