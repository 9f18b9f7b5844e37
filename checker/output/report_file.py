"""Writes a report to standard output, or to a file that is replaced once the report is whole."""

import contextlib
import os
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

from checker.core.errors import UnwrittenError, UsageError

__all__ = ["Write", "open_report"]


Write = Callable[[str], object]


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
