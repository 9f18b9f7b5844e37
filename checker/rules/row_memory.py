"""Remembers every row of a crawl by its hash, and finds those that stand twice.

Sixteen bytes a row, so that ten million rows stay under 200 MB; finding repeats goes bucket by
bucket for the same reason. Python's string hash is keyed and 64 bits wide: among ten million rows
the chance of one false hit is under one in 300,000.
"""

import struct
from array import array
from bisect import bisect_right, insort
from collections.abc import Iterator
from dataclasses import dataclass

from checker.core.model import Page

__all__ = ["ROWS_REMEMBERED", "Repeat", "RepeatTally", "RowMemory"]

ROWS_REMEMBERED = 20_000_000
"""Rows beyond these are not compared (contract reading: a documented ceiling)."""

_ROWS_A_BUCKET = 50_000
_BUCKETS_AT_ONCE = 64
_FEW_ROWS = 1_000_000
_FIRSTS = 5


@dataclass(frozen=True, slots=True, order=True)
class Repeat:
    """A row's place, and the earlier place of the same person. Rows are counted from 0."""

    page: int
    row: int
    earlier_page: int
    earlier_row: int
    same_message: bool


class RepeatTally:
    """Repeats of two kinds: rows of one page on another, and people with several messages."""

    def __init__(self) -> None:
        self.overlaps = self.other_messages = 0
        self.first_overlaps: list[Repeat] = []
        self.first_other_messages: list[Repeat] = []

    def take(self, repeat: Repeat) -> None:
        """Count a repeat. One within a page is a matter of that page."""
        if not repeat.same_message:
            self.other_messages += 1
            _keep_first(self.first_other_messages, repeat)
        elif repeat.page != repeat.earlier_page:
            self.overlaps += 1
            _keep_first(self.first_overlaps, repeat)


def _keep_first(firsts: list[Repeat], repeat: Repeat) -> None:
    if len(firsts) < _FIRSTS or repeat < firsts[-1]:
        insort(firsts, repeat)
        del firsts[_FIRSTS:]


def _of_another_type(page: Page, index: int) -> tuple[str, str] | None:
    """The uid as it came where uid or msg is not a string; None for a row without one of them."""
    row = page.rows[index] if index < len(page.rows) else None
    if not isinstance(row, dict) or row.get("uid") is None or row.get("msg") is None:
        return None
    return ("uid", repr(row["uid"]))


def _append(remembered: "array[int]", hashes: list[int]) -> None:
    """What `extend` does, in a third of the time."""
    remembered.frombytes(struct.pack(f"{len(hashes)}q", *hashes))


class RowMemory:
    """The rows of one crawl, in order."""

    def __init__(self) -> None:
        self._uids = array("q")
        self._rows = array("q")
        self._page_ends = array("q")
        self._tally: RepeatTally | None = None
        self.overflowed = False

    def add(self, page: Page) -> None:
        """Remember a page's rows. Rows without a uid or msg are remembered as like no other."""
        self._tally = None
        if len(self._rows) + len(page.rows) > ROWS_REMEMBERED:
            self.overflowed = True
        if not self.overflowed:
            if page.regular:
                self._keep(page.uid_hashes, page.row_hashes)
            else:
                self._add_irregular(page)
        self._page_ends.append(len(self._rows))

    def skip_page(self) -> None:
        """A page that has no rows to remember."""
        self._page_ends.append(len(self._rows))

    def _add_irregular(self, page: Page) -> None:
        uids, rows = [], []
        for index, (uid, msg) in enumerate(zip(page.uids, page.msgs, strict=True)):
            lonely = False
            if uid is not None and msg is not None:
                key = hash(uid)
            elif (other := _of_another_type(page, index)) is not None:
                key = hash(other)
            else:
                lonely, key = True, hash((page.number, index))
            uids.append(key)
            rows.append(key if lonely else page.row_hashes[index])
        self._keep(uids, rows)

    def _keep(self, uids: list[int], rows: list[int]) -> None:
        _append(self._uids, uids)
        _append(self._rows, rows)

    def pages_of(self, rows: set[int]) -> dict[int, int]:
        """The first page of each of these rows, by the row's hash; one that no page has is left out."""
        found: dict[int, int] = {}
        for index, row in enumerate(self._rows):
            if row in rows and row not in found:
                found[row] = self._place(index)[0]
        return found

    def tally(self) -> "RepeatTally":
        """What stands twice, counted, with the first few places; cached until rows are added."""
        if self._tally is None:
            self._tally = RepeatTally()
            few = len(self._uids) <= _FEW_ROWS
            if few and len(set(self._uids)) == len(self._uids):
                return self._tally
            for bucket in self._buckets():
                uids = [self._uids[index] for index in bucket]
                if len(set(uids)) != len(uids):
                    for repeat in self._repeats_in(bucket):
                        self._tally.take(repeat)
        return self._tally

    def _buckets(self) -> "Iterator[array[int]]":
        """The rows' indexes, those of one uid always together, at most about so many at once."""
        count = len(self._uids) // _ROWS_A_BUCKET + 1
        for first in range(0, count, _BUCKETS_AT_ONCE):
            buckets = [array("I") for _ in range(_BUCKETS_AT_ONCE)]
            for index, uid in enumerate(self._uids):
                number = uid % count - first
                if 0 <= number < _BUCKETS_AT_ONCE:
                    buckets[number].append(index)
            yield from buckets

    def _repeats_in(self, bucket: "array[int]") -> Iterator[Repeat]:
        people: dict[int, dict[int, int]] = {}
        for index in bucket:
            uid, row = self._uids[index], self._rows[index]
            messages = people.get(uid)
            if messages is None:
                people[uid] = {row: index}
            elif row in messages:
                yield self._repeat(index, messages[row], same_message=True)
            else:
                yield self._repeat(index, next(iter(messages.values())), same_message=False)
                messages[row] = index

    def _repeat(self, index: int, earlier: int, *, same_message: bool) -> Repeat:
        page, row = self._place(index)
        earlier_page, earlier_row = self._place(earlier)
        return Repeat(page, row, earlier_page, earlier_row, same_message)

    def _place(self, index: int) -> tuple[int, int]:
        page = bisect_right(self._page_ends, index)
        start = self._page_ends[page - 1] if page else 0
        return page + 1, index - start
