"""Remembers values for a while, in memory only: what was typed for a check, with its headers."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

__all__ = ["ShortMemory"]

T = TypeVar("T")

_SECONDS = 30 * 60.0
_MOST = 200


class ShortMemory(Generic[T]):
    """Values by name, each for half an hour, the newest 200. Safe from any thread."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._held: dict[str, tuple[float, T]] = {}

    def put(self, name: str, value: T) -> None:
        """Remember the value."""
        with self._lock:
            self._forget_old()
            self._held[name] = (self._now() + _SECONDS, value)
            while len(self._held) > _MOST:
                del self._held[next(iter(self._held))]

    def get(self, name: str) -> T | None:
        """The value; None once it is forgotten."""
        with self._lock:
            self._forget_old()
            return self._held[name][1] if name in self._held else None

    def _forget_old(self) -> None:
        now = self._now()
        for name in [one for one, (end, _) in self._held.items() if end <= now]:
            del self._held[name]
