"""What the processes of a line share: how they tell, how they are stopped, how they end.

A process of its own keeps the pages quick while much runs, and takes the headers with it when it
ends. An interrupt ends the work as it ends the command: what was done so far is kept.
"""

import contextlib
import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from multiprocessing.connection import Connection
from typing import Any, Self

from broadcaster.errors import BroadcastError
from checker import CheckerError, Event, Redactor, cut, visible
from checker.api import CheckStarted, Headers, PageRead, Probed, Waiting, crash_sentence

__all__ = ["BEGINNING", "Doing", "Failed", "Step", "Teller", "work_in_process"]

_TELL_SECONDS = 0.1
_LOOK_SECONDS = 1.0
_NICENESS = 10  # the server answers first


class Doing(StrEnum):
    """What a crawl is busy with."""

    CONNECTING = "connecting"
    READING = "reading"
    WAITING = "waiting"
    PROBING = "probing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """How far a crawl is. `why` says of a pause, or a probe, what it is; it is masked."""

    doing: Doing
    pages: int = 0
    rows: int = 0
    why: str = ""
    pause_seconds: float = 0.0


BEGINNING = Step(doing=Doing.CONNECTING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """There is no outcome; `interrupted` when a person stopped the work before there could be."""

    reason: str
    interrupted: bool = False


def work_in_process(work: Callable[[], Any], pipe: Connection) -> None:
    """Do the work, and send its outcome, or a Failed, as the last."""
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
    except Exception as error:  # noqa: BLE001  the last door: a sentence instead of a traceback
        return Failed(reason=crash_sentence(error))


class Teller:
    """A listener that tells how far a crawl is, no oftener than can be seen, yet never late.

    It tells from a thread of its own, so that the newest is told also while the crawl waits.
    """

    def __init__(self, pipe: Connection, headers: Headers) -> None:
        self._pipe = pipe
        self._redactor = Redactor([value for _, value in headers])
        self._step = BEGINNING
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
            step = BEGINNING
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
        while not self._ended.is_set():
            new = self._new.wait(_LOOK_SECONDS)
            try:
                if self._pipe.poll():
                    raise EOFError  # noqa: TRY301  nobody ever sends us anything else
                if new and not self._ended.is_set():
                    self._new.clear()
                    self._pipe.send((False, self._step))
            except (EOFError, OSError):
                os._exit(1)  # the server has gone: so does its work
            self._ended.wait(_TELL_SECONDS)
