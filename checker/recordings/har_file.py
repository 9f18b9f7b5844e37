"""Reads a HAR of any size entry by entry, and keeps what is asked for beside the memory.

Raises UsageError for a file that is none: one sentence with the place and what was expected.
"""

import contextlib
import json
import tempfile
from collections.abc import Hashable, Iterator
from pathlib import Path
from typing import IO, Any

import ijson
import ijson.common

from checker.core.errors import UsageError

__all__ = ["HarFile", "entries_of", "open_file", "recorded_head"]

_BOM = b"\xef\xbb\xbf"
_MEMBERS_LEVEL = 2
_DEEPEST = 100
_LOOKED_AGAIN_BYTES = 64 * 1024 * 1024


class HarFile:
    """Entries in a temporary file, found by their keys; the first of a key counts."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  closed by close()
        self._places: dict[Hashable, tuple[int, int]] = {}

    def __contains__(self, key: Hashable) -> bool:
        return key in self._places

    def __len__(self) -> int:
        return len(self._places)

    def add(self, key: Hashable, entry: dict[str, Any]) -> None:
        """Keep an entry."""
        if key not in self._places:
            packed = json.dumps(entry).encode()
            start = self._file.seek(0, 2)
            self._file.write(packed)
            self._places[key] = (start, len(packed))

    def get(self, key: Hashable) -> dict[str, Any] | None:
        """The entry of that key, if there is one."""
        if key not in self._places:
            return None
        start, length = self._places[key]
        self._file.seek(start)
        entry: dict[str, Any] = json.loads(self._file.read(length))
        return entry

    @contextlib.contextmanager
    def closed_on_failure(self) -> Iterator[None]:
        """For whoever fills it, so that nothing is left behind."""
        try:
            yield
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """The file is gone after this."""
        self._file.close()


def open_file(name: str, what: str) -> IO[bytes]:
    """A file behind its byte order mark, if it has one. `what` says what it should be."""
    try:
        file = Path(name).open("rb")  # noqa: SIM115  closed by those who read it
    except (OSError, ValueError):
        raise UsageError(f"{what} {name!r} cannot be read.") from None
    if file.read(3) != _BOM:
        file.seek(0)
    return file


def recorded_head(name: str) -> dict[str, Any] | None:
    """What a recording of ours says of its run; None in a HAR of someone else."""
    for head in _items(name, "_broadcast", _MEMBERS_LEVEL):
        if not isinstance(head, dict) or not isinstance(head.get("endpoint"), str):
            raise UsageError(f"{name}: log._broadcast should be an object that names the endpoint.")
        return head
    return None


def entries_of(name: str) -> Iterator[dict[str, Any]]:
    """The entries of a HAR in the file's order. Raises UsageError, also when there are none."""
    count = 0
    for count, entry in enumerate(_items(name, "entries", _MEMBERS_LEVEL + 1), 1):
        if not isinstance(entry, dict):
            raise UsageError(f"{name}: entry {count} of log.entries should be an object.")
        yield entry
    if not count:
        raise UsageError(
            f"{name} holds no recorded request: a HAR 1.2 file, with log.entries, was expected."
        )


def _items(name: str, member: str, level: int) -> Iterator[Any]:
    """The values at this level of a member of `log`. What is nested too deep is refused: it would
    take all memory.
    """
    with open_file(name, "The recording") as file:
        try:
            yield from _built(name, ijson.basic_parse(file, use_float=True), member, level)
        except (ijson.JSONError, ValueError, OSError):
            raise UsageError(
                f"{name}{_line_of_fault(name)} is not JSON: a HAR 1.2 file was expected."
            ) from None


def _built(name: str, events: Iterator[tuple[str, Any]], member: str, wanted: int) -> Iterator[Any]:
    builder: Any = None
    names: dict[int, str] = {}
    level = 0
    for event, value in events:
        if event.startswith("end"):
            level -= 1
        elif event == "map_key" and builder is None:
            names[level] = value
            if level == _MEMBERS_LEVEL and value == "entries" != member:
                return  # ours says before its entries that it is ours
        elif (
            builder is None and level == wanted and (names.get(1), names.get(2)) == ("log", member)
        ):
            builder = ijson.common.ObjectBuilder()
        if builder is not None:
            builder.event(event, value)
        if event.startswith("start"):
            level += 1
            if level > _DEEPEST:
                raise UsageError(f"{name} is nested over {_DEEPEST} levels deep: no HAR 1.2 file.")
        elif builder is not None and level == wanted:
            yield builder.value
            builder = None


def _line_of_fault(name: str) -> str:
    """`, line 7, column 3,` where a file that is not too large stops being JSON."""
    with open_file(name, "The recording") as file:
        data = file.read(_LOOKED_AGAIN_BYTES + 1)
    if len(data) > _LOOKED_AGAIN_BYTES:
        return ""
    try:
        json.loads(data)
    except json.JSONDecodeError as error:
        return f", line {error.lineno}, column {error.colno},"
    except (ValueError, RecursionError):
        return ""
    return ""
