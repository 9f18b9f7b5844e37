"""The file behind `file:`: whole lines only, each key once, on the disk before it counts.

Blocking, for one thread at a time. It knows nothing of answers and verdicts.
"""

import contextlib
import errno
import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from broadcaster.errors import WrongCommand
from checker import visible

__all__ = ["JsonlFile", "NotWritten", "WrittenPerhaps", "jsonl_line"]

_START = b'{"key":"'
_KEY_LENGTH = 36
_READ_BYTES = 1 << 20


class NotWritten(Exception):  # noqa: N818  what it says, as a sentence
    """Surely nothing of the lines is in the file. Its text is a sentence."""


class WrittenPerhaps(Exception):  # noqa: N818  the same
    """The disk failed, and so did undoing. Its text is a sentence."""


def jsonl_line(key: str, request: bytes) -> bytes:
    """A row's line; `request` is a JSON object with the row's other members."""
    return _START + key.encode() + b'",' + request[1:] + b"\n"


class JsonlFile:
    """Opens the file, or makes it, readable for its owner only. Raises WrongCommand when it can't,
    when another process writes to it, or when it holds something else. With `read_only` nothing is
    made or changed, and nothing can be written.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self._only_look = read_only
        self._path = path
        self._shown = visible(str(path))
        self._broken = ""
        self._keys: set[bytes] = set()
        self._size = 0
        self._descriptor = _opened(path, make=not read_only)
        if self._descriptor < 0:
            return
        try:
            _lock(self._descriptor, path)
            self._size = self._read()
        except BaseException:
            os.close(self._descriptor)
            raise

    def close(self) -> None:
        """Close the file, which frees the lock."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def append(self, lines: Sequence[bytes]) -> None:
        """Write the lines whose keys aren't there yet, and wait for the disk. Raises NotWritten or
        WrittenPerhaps.
        """
        fresh = {line[len(_START) : len(_START) + _KEY_LENGTH]: line for line in lines}
        fresh = {key: line for key, line in fresh.items() if key not in self._keys}
        if not fresh:
            return
        self._look_for_changes()
        try:
            self._write(b"".join(fresh.values()))
        except OSError as error:
            reason = f"{self._shown} cannot be written ({error.strerror})."
            self._undo(reason)
            raise NotWritten(reason) from None
        self._keys.update(fresh)

    def _write(self, content: bytes) -> None:
        view = memoryview(content)
        while view:
            view = view[os.write(self._descriptor, view) :]
        os.fsync(self._descriptor)
        self._size += len(content)

    def _undo(self, reason: str) -> None:
        """Take back what was written in part; after that a failed write has left no trace."""
        try:
            os.ftruncate(self._descriptor, self._size)
            os.fsync(self._descriptor)
        except OSError:
            self._broken = reason
            raise WrittenPerhaps(reason) from None

    def _look_for_changes(self) -> None:
        """Raises NotWritten when the file was changed since the last write."""
        if self._broken:
            raise NotWritten(self._broken)
        ours = os.fstat(self._descriptor)
        try:
            there = self._path.stat()
        except OSError:
            raise NotWritten(f"{self._shown} is gone.") from None
        if (there.st_dev, there.st_ino) != (ours.st_dev, ours.st_ino):
            raise NotWritten(f"{self._shown} was replaced by another file.")
        if ours.st_size != self._size:
            raise NotWritten(f"{self._shown} was changed by another program.")

    def _read(self) -> int:
        """Learn the keys, and cut off a last line that was never finished: it never counted."""
        size = 0
        for number, line in enumerate(_lines(self._descriptor), 1):
            if line.endswith(b"\n") and line.startswith(_START):
                self._keys.add(line[len(_START) : len(_START) + _KEY_LENGTH])
                size += len(line)
            elif line.endswith(b"\n") or not _may_be_torn(line):
                raise WrongCommand(
                    f"{self._shown} holds other data than sent messages (line {number}): "
                    "give another file."
                )
            elif not self._only_look:
                os.ftruncate(self._descriptor, size)
                os.fsync(self._descriptor)
        return size


def _lines(descriptor: int) -> Iterator[bytes]:
    with open(descriptor, "rb", buffering=_READ_BYTES, closefd=False) as reader:
        yield from reader


def _may_be_torn(line: bytes) -> bool:
    """Whether it is the beginning of a line of ours; a lost power leaves zeros in its place."""
    start = line.rstrip(b"\0")
    return start.startswith(_START) or _START.startswith(start)


def _opened(path: Path, *, make: bool) -> int:
    """A descriptor; -1 for a file that is not there and shall not be made."""
    try:
        if path.is_symlink() and path.lstat().st_uid not in (0, os.getuid()):
            raise WrongCommand(f"{visible(str(path))} is another user's link: name another file.")
        with contextlib.suppress(FileNotFoundError):
            if not stat.S_ISREG(path.stat().st_mode):
                raise WrongCommand(f"{visible(str(path))} is not a regular file: give another one.")
        made = not path.exists()
        if made and not make:
            _require_makeable(path)
            return -1
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        if made:
            _keep_name(path.parent)
    except (OSError, ValueError) as error:
        cause = error.strerror if isinstance(error, OSError) else "not a path"
        raise WrongCommand(f"{visible(str(path))} cannot be written ({cause}).") from None
    return descriptor


def _require_makeable(path: Path) -> None:
    """Raises OSError where making it would."""
    if not path.parent.is_dir():
        missing = errno.ENOTDIR if path.parent.exists() else errno.ENOENT
        raise OSError(missing, os.strerror(missing))
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def _keep_name(folder: Path) -> None:
    """A new file's name is on the disk only when its folder is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _lock(descriptor: int, path: Path) -> None:
    try:
        import fcntl
    except ImportError:
        raise WrongCommand("file: needs a system with POSIX file locks.") from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise WrongCommand(
            f"Another process writes to {visible(str(path))}: wait for it, or give another file."
        ) from None
