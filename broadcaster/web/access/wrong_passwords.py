"""Counts wrong passwords by client. Attempts that run at the same time count before they end."""

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable

__all__ = ["WrongPasswords"]

_LIMITS = ((5, 60.0), (30, 3600.0))
"""So many wrong passwords of a client in so many seconds."""

_LONGEST_SECONDS = max(seconds for _, seconds in _LIMITS)
_MOST_CLIENTS = 10_000


class WrongPasswords:
    """Safe from any thread."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._wrong: defaultdict[str, list[float]] = defaultdict(list)
        self._open: Counter[str] = Counter()

    def begin(self, client: str) -> bool:
        """Whether the client may try a password now. Then `end` must be called."""
        with self._lock:
            now = self._now()
            if len(self._wrong) > _MOST_CLIENTS:
                self._forget_old(now)
            at = self._wrong[client] = [
                one for one in self._wrong[client] if one > now - _LONGEST_SECONDS
            ]
            for most, seconds in _LIMITS:
                if sum(one > now - seconds for one in at) + self._open[client] >= most:
                    return False
            self._open[client] += 1
            return True

    def end(self, client: str, *, wrong: bool) -> None:
        """What came of the attempt."""
        with self._lock:
            self._open[client] -= 1
            if not self._open[client]:
                del self._open[client]
            if wrong:
                self._wrong[client].append(self._now())

    def _forget_old(self, now: float) -> None:
        for client in list(self._wrong):
            if not any(one > now - _LONGEST_SECONDS for one in self._wrong[client]):
                del self._wrong[client]
