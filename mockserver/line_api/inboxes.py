"""What each user received, and how fast it came. No I/O."""

import hashlib
from array import array
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

__all__ = ["Delivery", "Inbox", "Inboxes", "PeakRate", "text_digest"]

_MASK = (1 << 64) - 1


class Delivery(NamedTuple):
    """One accepted request as one user sees it."""

    at: float
    number: int
    texts: tuple[str, ...]


class Inbox(NamedTuple):
    """A user with what arrived; without texts, `deliveries` is empty."""

    uid: str
    received: int
    """How many requests reached the user."""
    digest: int
    last_at: float
    deliveries: Sequence[Delivery]


def text_digest(texts: Sequence[str]) -> int:
    """The sum, modulo 2^64, of the first 8 bytes of each text's BLAKE2b: the same in any order."""
    total = 0
    for text in texts:
        content = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        total += int.from_bytes(content, "big")
    return total & _MASK


class Inboxes:
    """Counts and digests of every user in arrays, and the texts beside them if they are kept."""

    def __init__(self, *, keep_texts: bool) -> None:
        self.keep_texts = keep_texts
        self._rows: dict[str, int] = {}  # the user who received last stands last
        self._uids: list[str] = []
        self._counts = array("L")
        self._digests = array("Q")
        self._last = array("d")
        self._deliveries: list[list[Delivery]] = []

    def __len__(self) -> int:
        return len(self._uids)

    def put(self, uid: str, delivery: Delivery, digest: int) -> None:
        """Deliver to one user; `digest` is that of the texts."""
        row = self._rows.pop(uid, None)
        if row is None:
            row = len(self._uids)
            self._uids.append(uid)
            self._counts.append(0)
            self._digests.append(0)
            self._last.append(0.0)
            if self.keep_texts:
                self._deliveries.append([])
        self._rows[uid] = row
        self._counts[row] += 1
        self._digests[row] = (self._digests[row] + digest) & _MASK
        self._last[row] = delivery.at
        if self.keep_texts:
            self._deliveries[row].append(delivery)

    def get(self, uid: str) -> Inbox | None:
        """What one user received; None if nothing."""
        row = self._rows.get(uid)
        return None if row is None else self._inbox(row)

    def listed(self, start: int, limit: int) -> Iterator[Inbox]:
        """The inboxes in the order in which users received their first message."""
        for row in range(start, min(start + limit, len(self._uids))):
            yield self._inbox(row)

    def newest_first(self, start: int, limit: int, search: str = "") -> Iterator[Inbox]:
        """The inboxes, that of the latest message first; with `search`, those that hold it."""
        rows = iter(reversed(self._rows.values()))
        if search:
            rows = (row for row in rows if self._holds(row, search))
        for row in islice(rows, start, start + limit):
            yield self._inbox(row)

    def _holds(self, row: int, search: str) -> bool:
        if search in self._uids[row]:
            return True
        if not self.keep_texts:
            return False
        wanted = search.casefold()
        return any(wanted in text.casefold() for one in self._deliveries[row] for text in one.texts)

    def _inbox(self, row: int) -> Inbox:
        kept = self._deliveries[row] if self.keep_texts else ()
        return Inbox(self._uids[row], self._counts[row], self._digests[row], self._last[row], kept)


class PeakRate:
    """The most effects within any one second."""

    def __init__(self) -> None:
        self._recent: deque[tuple[float, int]] = deque()
        self._sum = 0
        self.peak = 0

    def add(self, at: float, count: int) -> None:
        """Note effects at this time."""
        recent = self._recent
        while recent and recent[0][0] <= at - 1:
            self._sum -= recent.popleft()[1]
        recent.append((at, count))
        self._sum += count
        self.peak = max(self.peak, self._sum)
