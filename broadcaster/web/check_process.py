"""One check in a process of its own: what the page's server starts, listens to, and may stop.

A process of its own keeps the pages quick while many checks run, and takes the headers with it when
it ends. An interrupt ends the check as it ends the command: what was found so far is reported.
"""

import contextlib
import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from multiprocessing.connection import Connection
from typing import Self

from broadcaster.web.check_files import offline_order
from broadcaster.web.check_order import CheckOrder
from checker import CheckerError, Event, Redactor, Report, cut, visible
from checker.embedding import CheckStarted, Headers, PageRead, Probed, Waiting, crash_sentence, run

__all__ = ["Doing", "Failed", "Step", "check_in_process"]

_TELL_SECONDS = 0.1
_NICENESS = 10  # the server answers first


class Doing(StrEnum):
    """What a check is busy with."""

    CONNECTING = "connecting"
    READING = "reading"
    WAITING = "waiting"
    PROBING = "probing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """How far a check is. `why` says of a pause, or a probe, what it is; it is masked."""

    doing: Doing
    pages: int = 0
    rows: int = 0
    why: str = ""
    pause_seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """There is no report; `interrupted` when a person stopped the check before there could be."""

    reason: str
    interrupted: bool = False


def check_in_process(order: CheckOrder, pipe: Connection) -> None:
    """Run the order; send Steps, and at last a Report or a Failed."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with contextlib.suppress(OSError, AttributeError):
        os.nice(_NICENESS)
    outcome: Report | Failed | None = None
    try:
        outcome = _outcome(order, pipe)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    except KeyboardInterrupt:
        outcome = outcome or Failed(reason="", interrupted=True)
    with contextlib.suppress(BrokenPipeError):
        pipe.send(outcome)
        pipe.close()


def _outcome(order: CheckOrder, pipe: Connection) -> Report | Failed:
    try:
        if order.config is not None and order.kind is None:
            with Teller(pipe.send, order.config.headers) as teller:
                return run(order.config, teller)
        offline = offline_order(order)
        try:
            with Teller(pipe.send, offline.config.headers) as teller:
                return run(offline.config, teller, offline.client)
        finally:
            offline.client.close()
    except CheckerError as error:
        return Failed(reason=str(error))
    except Exception as error:  # noqa: BLE001  the last door: a sentence instead of a traceback
        return Failed(reason=crash_sentence(error))


class Teller:
    """A listener that tells how far the check is, no oftener than can be seen, yet never late.

    It tells from a thread of its own, so that the newest is told also while the check waits.
    """

    def __init__(self, send: Callable[[Step], None], headers: Headers) -> None:
        self._send = send
        self._redactor = Redactor([value for _, value in headers])
        self._step = Step(doing=Doing.CONNECTING)
        self._new = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._tell, name="teller", daemon=True)

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
            step = Step(doing=Doing.CONNECTING)
        elif isinstance(event, Waiting):
            why = cut(visible(self._redactor.text(event.why)), 200)
            step = Step(doing=Doing.WAITING, why=why, pause_seconds=event.seconds)
        elif isinstance(event, Probed):
            step = Step(doing=Doing.PROBING, why=event.purpose.value)
        elif isinstance(event, PageRead):
            pages, rows = pages + 1, rows + event.page.row_count
            step = Step(doing=Doing.READING)
        if step is not None:
            self._step = replace(step, pages=pages, rows=rows)
            self._new.set()

    def _tell(self) -> None:
        while self._new.wait() and not self._ended.is_set():
            self._new.clear()
            try:
                self._send(self._step)
            except OSError:
                os._exit(1)  # the server has gone: so does its check
            self._ended.wait(_TELL_SECONDS)
