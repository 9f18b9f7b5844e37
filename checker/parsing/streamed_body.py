"""Reading a body with very many small values without building them all. Pure.

Sixteen mebibytes of `{},{},{}` are five million rows, and would take half a gigabyte as Python
objects. Such a body is streamed: every row is counted, the first ones are kept, and of them only
what a page is made of.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import ijson
import ijson.common

__all__ = ["DENSE_CONTAINERS", "DENSE_VALUES", "ROWS_KEPT", "DenseBody", "is_dense", "read_dense"]

DENSE_CONTAINERS = 50_000
"""Objects and arrays in one body from which on it is streamed; 100 times an honest page's."""

DENSE_VALUES = 100_000
"""The same for its values of any kind, counted by their commas."""

ROWS_KEPT = 1_000
"""Rows of such a body that are judged; the others are only counted."""

_CHEAP_BYTES = 2 * DENSE_CONTAINERS
_MEMBERS = {1: ("list", "next"), 3: ("uid", "msg")}
_STARTS = ("start_map", "start_array")
_ENDS = ("end_map", "end_array")


@dataclass(frozen=True, slots=True)
class DenseBody:
    """The page with its first rows, the number of all rows, and the depth of the nesting."""

    value: Any
    row_count: int
    depth: int


def is_dense(body: bytes) -> bool:
    """Whether the body holds too many values to be built in memory."""
    if len(body) < _CHEAP_BYTES:
        return False
    containers = body.count(b"{") + body.count(b"[")
    return containers > DENSE_CONTAINERS or body.count(b",") > DENSE_VALUES


def read_dense(body: bytes, depth_limit: int) -> DenseBody | None:
    """The body, abridged; None when it is not JSON. Stops reading below the depth limit."""
    page = _AbridgedPage()
    events = ijson.basic_parse(io.BytesIO(body), use_float=True)
    try:
        for event, value in events:
            page.take(event, value)
            if page.keeps_no_more_rows:
                page.count_the_rest(events, depth_limit)
            if page.level > depth_limit:
                return DenseBody(None, page.rows, page.level)
    except (ijson.JSONError, ValueError, OverflowError):
        return None
    return DenseBody(getattr(page.builder, "value", None), page.rows, page.deepest)


class _AbridgedPage:
    """Builds a page from parser events; `level` is the nesting outside the next value."""

    def __init__(self) -> None:
        self.builder = ijson.common.ObjectBuilder()
        self.rows = self.level = self.deepest = 0
        self._names: dict[int, str] = {}
        self._list_is_array = False

    def take(self, event: str, value: Any) -> None:
        if event in _ENDS:
            self.level -= 1
        elif event == "map_key":
            self._names[self.level] = value
        elif self.level == 2 and self._inside_list():
            self.rows += 1
        if self._belongs():
            self.builder.event(event, value)
        if event in _STARTS:
            if self.level == 1:
                self._list_is_array = event == "start_array"
            self.level += 1
            self._names.pop(self.level, None)
            self.deepest = max(self.deepest, self.level)

    @property
    def keeps_no_more_rows(self) -> bool:
        """Whether what comes until the list's end is only counted."""
        return self.rows > ROWS_KEPT and self.level > 1 and self._inside_list()

    def count_the_rest(self, events: Iterator[tuple[str, Any]], depth_limit: int) -> None:
        """The list's other rows, in a loop of its own, since there may be millions."""
        for event, value in events:
            if event in _ENDS:
                self.level -= 1
                if self.level == 1:
                    self.builder.event(event, value)
                    return
            elif event != "map_key":
                self.rows += self.level == 2
                if event in _STARTS:
                    self.level += 1
                    self.deepest = max(self.deepest, self.level)
                    if self.level > depth_limit:
                        return

    def _inside_list(self) -> bool:
        return self._list_is_array and self._names.get(1) == "list"

    def _belongs(self) -> bool:
        """Whether the event at this level is a part of a page, and of a row that is kept."""
        if self.level == 0:
            return True
        if self.level == 1:
            return self._names.get(1) in _MEMBERS[1]
        if not self._inside_list() or self.rows > ROWS_KEPT:
            return False
        return self.level == 2 or (self.level == 3 and self._names.get(3) in _MEMBERS[3])
