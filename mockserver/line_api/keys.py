"""Retry keys and idempotency keys: when each was first seen, with what, and what came of it.

In arrays, so that a million keys are a few big things and not millions of small ones.
"""

from array import array
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["KeyRing", "KeyUse"]


class KeyUse(NamedTuple):
    """What is known of a key when a request with it comes in."""

    row: int
    attempt: int
    """How many requests came with this key while it holds, this one included."""
    identical: bool
    """Whether the request is the same as the first one."""


class KeyRing:
    """Every key with its history; a key runs out `lifetime_seconds` after its first request."""

    def __init__(self, lifetime_seconds: float | None) -> None:
        self._lifetime = lifetime_seconds
        self._rows: dict[bytes, int] = {}
        self._keys: list[bytes] = []
        self._first = array("d")
        self._digests = array("Q")
        self._accepted = array("Q")
        self._attempts = array("L")
        self._effects = array("L")

    def is_new(self, key: bytes, at: float) -> bool:
        """Whether no request came with this key yet, or the key ran out since."""
        row = self._rows.get(key)
        return row is None or self._over(row, at)

    def record_use(self, key: bytes, digest: int, at: float) -> KeyUse:
        """Note a request with this key and say what is known of it."""
        row = self._rows.get(key)
        if row is not None and not self._over(row, at):
            self._attempts[row] += 1
            identical = self._digests[row] == digest
            return KeyUse(row, self._attempts[row], identical=identical)
        if row is None:
            row = len(self._first)
            self._rows[key] = row
            self._keys.append(key)
            self._first.append(at)
            self._digests.append(digest)
            self._accepted.append(0)
            self._attempts.append(1)
            self._effects.append(0)
        else:
            self._first[row], self._digests[row] = at, digest
            self._accepted[row], self._attempts[row] = 0, 1
        return KeyUse(row, 1, identical=True)

    def _over(self, row: int, at: float) -> bool:
        return self._lifetime is not None and at - self._first[row] >= self._lifetime

    def accept(self, row: int, number: int) -> int:
        """Note that this request was accepted; return how often the key had an effect by now."""
        self._accepted[row] = number
        self._effects[row] += 1
        return self._effects[row]

    def row(self, key: bytes) -> int:
        """The row of a key that was recorded."""
        return self._rows[key]

    def accepted(self, row: int) -> int:
        """The number of the request that was accepted with this row's key; 0 if none was."""
        return self._accepted[row]

    def __len__(self) -> int:
        return len(self._keys)

    def listed(self, start: int, limit: int) -> Iterator[tuple[bytes, int, int]]:
        """Key, attempts and effects of each key, in the order in which they first came."""
        for row in range(start, min(start + limit, len(self._keys))):
            yield self._keys[row], self._attempts[row], self._effects[row]
