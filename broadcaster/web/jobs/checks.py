"""Checks: each in a process of its own; its masked report is stored."""

import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from broadcaster.loading.loader import endpoint_key
from broadcaster.store import Store
from broadcaster.web.jobs.check_job import CheckJob
from broadcaster.web.jobs.child_process import ProgressReporter, run_in_process
from broadcaster.web.jobs.job import Outcome
from broadcaster.web.jobs.job_queue import JobQueue
from broadcaster.web.jobs.opened_files import offline_check_of
from broadcaster.web.jobs.stored_report import stored_report
from checker import Report, Severity
from checker.api import run

__all__ = ["NOT_REACHED", "CheckJobs", "check_in_process"]

NOT_REACHED = "the server could not be reached"
"""The reason of a check that read no page, because there was no connection."""

_NO_CONNECTION = frozenset({"NET001", "NET002", "NET004"})


def check_in_process(job: CheckJob, pipe: Connection) -> None:
    """Run the check in this process, which is its own; the outcome is a Report."""
    run_in_process(lambda: _check(job, pipe), pipe)


def _check(job: CheckJob, pipe: Connection) -> Report:
    if job.config is not None and job.kind is None:
        with ProgressReporter(pipe, job.config.headers) as teller:
            return run(job.config, teller)
    offline = offline_check_of(job)
    try:
        with ProgressReporter(pipe, offline.config.headers) as teller:
            return run(offline.config, teller, offline.client)
    finally:
        offline.client.close()


class CheckJobs(JobQueue):
    """The checks that run or wait. A report is kept for `kept_seconds` (None: for good)."""

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

    def start(self, job: CheckJob) -> str:
        """Start a check, or let it wait; gives its id. Raises NotNow when the queue is full."""
        self.require_room()
        if self._kept_seconds is not None:
            self._store.checks.forget_before(self._now() - self._kept_seconds)
        config = job.config if job.kind is None else None
        key = "" if config is None else endpoint_key(config)
        name = self._store.checks.begin(job.endpoint, key, self._now())
        self.enter(name, job)
        return name

    def finish(self, name: str, outcome: Outcome, *, out_of_time: bool) -> None:
        """Store the report, or why there is none."""
        reason = "its time was up" if out_of_time else ""
        if isinstance(outcome, Report):
            state = "stopped" if outcome.interrupted else "done"
            values: dict[str, Any] = {
                "state": state,
                "reason": reason or (NOT_REACHED if _not_reached(outcome) else ""),
                "report": stored_report(outcome),
            }
        else:
            state = "stopped" if outcome.interrupted else "failed"
            values = {"state": state, "reason": outcome.reason or reason}
        self._store.checks.end(name, now=self._now(), **values)


def _not_reached(report: Report) -> bool:
    errors = {one.rule for one in report.findings if one.severity is Severity.ERROR}
    return not report.crawl.pages and bool(errors) and errors <= _NO_CONNECTION
