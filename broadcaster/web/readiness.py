"""Asks whether the store can be used, within a bounded time and once at a time.

A database that is frozen, or reached no more, answers nothing for long; whoever asks meanwhile is
told so, and the server's threads are not used up by load balancers that ask again and again.
"""

import threading

from broadcaster.queue.metrics import not_ready
from broadcaster.store import Store

__all__ = ["ASKED_SECONDS", "Readiness"]

ASKED_SECONDS = 2.0
"""As long as load balancers commonly wait for an answer."""


class Readiness:
    """Safe from any thread."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._asking: _Asking | None = None

    def ask(self) -> bool:
        """Whether the store answered."""
        with self._lock:
            asking = self._asking
            if asking is None or not asking.is_alive():
                asking = self._asking = _Asking(self._store)
                asking.start()
        asking.join(ASKED_SECONDS)
        return asking.ready


class _Asking(threading.Thread):
    """One question. It ends with the process, however long the store takes."""

    def __init__(self, store: Store) -> None:
        super().__init__(name="readiness", daemon=True)
        self._store = store
        self.ready = False

    def run(self) -> None:
        self.ready = not_ready(self._store) is None
