"""Checks: each in a process of its own, its report kept in the store, masked."""

import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from broadcaster.store import Store
from broadcaster.web.check_files import offline_order
from broadcaster.web.check_order import CheckOrder
from broadcaster.web.child import Teller, work_in_process
from broadcaster.web.kept_reports import kept
from broadcaster.web.line import Line
from broadcaster.web.work import Outcome
from checker import Report
from checker.api import run

__all__ = ["CheckLine", "check_in_process"]


def check_in_process(order: CheckOrder, pipe: Connection) -> None:
    """Run the order in a process of its own; the outcome is a Report."""
    work_in_process(lambda: _check(order, pipe), pipe)


def _check(order: CheckOrder, pipe: Connection) -> Report:
    if order.config is not None and order.kind is None:
        with Teller(pipe, order.config.headers) as teller:
            return run(order.config, teller)
    offline = offline_order(order)
    try:
        with Teller(pipe, offline.config.headers) as teller:
            return run(offline.config, teller, offline.client)
    finally:
        offline.client.close()


class CheckLine(Line):
    """The checks that are under way. A report is kept for `kept_seconds`."""

    def __init__(
        self,
        store: Store,
        *,
        kept_seconds: float | None = None,
        now: Callable[[], float] = time.time,
        **settings: Any,
    ) -> None:
        self._store = store
        self._kept_seconds = kept_seconds
        self._now = now
        super().__init__(check_in_process, **settings)

    def start(self, order: CheckOrder) -> str:
        """Put a check into the line; gives its id. Raises NotNow when the line is full."""
        self.require_room()
        if self._kept_seconds is not None:
            self._store.checks.forget_before(self._now() - self._kept_seconds)
        name = self._store.checks.begin(order.endpoint, "", self._now())
        self.enter(name, order)
        return name

    def finish(self, name: str, outcome: Outcome, *, out_of_time: bool) -> None:
        """The report, or why there is none."""
        reason = "its time was up" if out_of_time else ""
        if isinstance(outcome, Report):
            state = "stopped" if outcome.interrupted else "done"
            values: dict[str, Any] = {"state": state, "reason": reason, "report": kept(outcome)}
        else:
            state = "stopped" if outcome.interrupted else "failed"
            values = {"state": state, "reason": outcome.reason or reason}
        self._store.checks.end(name, now=self._now(), **values)
