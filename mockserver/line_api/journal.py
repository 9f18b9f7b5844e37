"""The append-only file that keeps keys and effects over a restart of the stand-in.

One JSON array a line, written before the response is sent. It is written to the file at once and
not synced to the disk: it survives a crash of the stand-in, not one of the machine.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

if sys.platform != "win32":
    import fcntl

from mockserver.errors import BadInput

__all__ = ["Journal"]

_HEADER = ["broadcast-mock line", 1]
_FLAGS = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)  # binary: on Windows


class Journal:
    """An open state file, locked against a second stand-in."""

    def __init__(self, path: Path) -> None:
        """Open or make the file; raises BadInput when it can't be used."""
        self._path = path
        self._size = 0
        try:
            self._file = os.open(path, _FLAGS, 0o600)
        except OSError as error:
            raise BadInput(f"{path}: can't be opened ({error.strerror})") from None
        if not _locked(self._file):
            os.close(self._file)
            raise BadInput(f"{path}: another stand-in is using it")

    def records(self) -> Iterator[list[Any]]:
        """Every record, oldest first; a last line that was cut short by a crash is removed."""
        size = 0
        torn = b""
        with os.fdopen(os.dup(self._file), "rb") as lines:
            lines.seek(0)
            for line in lines:
                if not line.endswith(b"\n"):
                    torn = line
                    break
                record = self._record(line)
                if size:
                    yield record
                elif record != _HEADER:
                    raise self._foreign()
                size += len(line)
        if not size and not _line(_HEADER).startswith(torn):
            raise self._foreign()
        os.ftruncate(self._file, size)
        self._size = size
        if not size:
            self.append(_HEADER)

    def _record(self, line: bytes) -> list[Any]:
        try:
            record = orjson.loads(line)
        except orjson.JSONDecodeError:
            raise self._foreign() from None
        if not isinstance(record, list):
            raise self._foreign()
        return record

    def _foreign(self) -> BadInput:
        return BadInput(f"{self._path}: not a state file of broadcast-mock line, or a damaged one")

    def append(self, *records: list[Any]) -> None:
        """Write records, all or none; raises OSError when that fails."""
        content = b"".join(map(_line, records))
        written = os.write(self._file, content)
        if written != len(content):
            os.ftruncate(self._file, self._size)
            raise OSError("the state file could not be written to its end")
        self._size += written

    def clear(self) -> None:
        """Forget everything."""
        os.ftruncate(self._file, 0)
        self._size = 0
        self.append(_HEADER)

    def close(self) -> None:
        """Give the file back."""
        os.close(self._file)


def _locked(file: int) -> bool:
    """Whether the file is ours alone; where there are no such locks, it is taken to be."""
    if sys.platform != "win32":
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
    return True


def _line(record: list[Any]) -> bytes:
    return orjson.dumps(record) + b"\n"
