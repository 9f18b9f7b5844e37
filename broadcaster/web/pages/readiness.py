"""Tests whether the store can be used, within a bounded time and one test at a time.

A database that hangs or cannot be reached does not answer for long. Meanwhile the answer is "not
ready", and load balancers that ask again and again do not use up the server's threads.
"""

import threading

from broadcaster.queue.metrics import not_ready
from broadcaster.store import Store

__all__ = ["TEST_SECONDS", "Readiness"]

TEST_SECONDS = 2.0
"""How long load balancers commonly wait for an answer."""


class Readiness:
    """Safe from any thread."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._test: _Test | None = None

    def ask(self) -> bool:
        """Whether the store answered."""
        with self._lock:
            test = self._test
            if test is None or not test.is_alive():
                test = self._test = _Test(self._store)
                test.start()
        test.join(TEST_SECONDS)
        return test.ready


class _Test(threading.Thread):
    """One test. It ends with the process at the latest."""

    def __init__(self, store: Store) -> None:
        super().__init__(name="readiness", daemon=True)
        self._store = store
        self.ready = False

    def run(self) -> None:
        self.ready = not_ready(self._store) is None
