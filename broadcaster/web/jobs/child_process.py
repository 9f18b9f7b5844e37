"""The part of a job that runs in its own process: how it reports, how it is stopped, how it ends.

A process of its own keeps the pages quick while jobs run, and its headers are gone when it ends.
An interrupt ends a job as it ends the command: what was done so far is kept.
"""

import contextlib
import os
import signal
import threading
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import Any, Self

from broadcaster.errors import BroadcastError
from broadcaster.web.jobs.job import FIRST_STEP, Activity, Failed, Step
from checker import CheckerError, Event, Redactor, cut, visible
from checker.api import CheckStarted, Headers, PageRead, Probed, Waiting, crash_sentence

__all__ = ["ProgressReporter", "run_in_process"]

_REPORT_SECONDS = 0.1
_SERVER_CHECK_SECONDS = 1.0
_NICENESS = 10  # the server answers first


def run_in_process(work: Callable[[], Any], pipe: Connection) -> None:
    """Do the work, and send its outcome, or a Failed, as the last message."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with contextlib.suppress(OSError, AttributeError):
        os.nice(_NICENESS)
    outcome: Any = None
    try:
        outcome = _outcome(work)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    except KeyboardInterrupt:
        outcome = outcome or Failed(reason="", interrupted=True)
    with contextlib.suppress(OSError):
        pipe.send((True, outcome))
        pipe.close()


def _outcome(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except (CheckerError, BroadcastError) as error:
        return Failed(reason=str(error))
    except Exception as error:  # noqa: BLE001  nothing above this catches it: no traceback
        return Failed(reason=crash_sentence(error))


class ProgressReporter:
    """A listener that sends the progress of a crawl, at most ten times a second.

    It sends from a thread of its own, so that the newest step is sent also while the crawl waits.
    """

    def __init__(self, pipe: Connection, headers: Headers) -> None:
        self._pipe = pipe
        self._redactor = Redactor([value for _, value in headers])
        self._step = FIRST_STEP
        self._new = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._report, name="progress", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._new.set()
        self._thread.join()

    def __call__(self, event: Event) -> None:
        pages, rows = self._step.pages, self._step.rows
        step: Step | None = None
        if isinstance(event, CheckStarted):
            step = FIRST_STEP
        elif isinstance(event, Waiting):
            why = cut(visible(self._redactor.text(event.why)), 200)
            step = Step(activity=Activity.WAITING, why=why, pause_seconds=event.seconds)
        elif isinstance(event, Probed):
            step = Step(activity=Activity.PROBING, why=event.purpose.value)
        elif isinstance(event, PageRead):
            pages, rows = pages + 1, rows + event.page.row_count
            step = Step(activity=Activity.READING)
        if step is not None:
            self._step = replace(step, pages=pages, rows=rows)
            self._new.set()

    def _report(self) -> None:
        while not self._ended.is_set():
            new = self._new.wait(_SERVER_CHECK_SECONDS)
            try:
                if self._pipe.poll():
                    raise EOFError  # noqa: TRY301  nobody ever sends us anything else
                if new and not self._ended.is_set():
                    self._new.clear()
                    self._pipe.send((False, self._step))
            except (EOFError, OSError):
                os._exit(1)  # the server has gone, so its jobs end
            self._ended.wait(_REPORT_SECONDS)
