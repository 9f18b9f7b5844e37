"""The line of checks: a few run at a time, each in its process; the others wait, and are told so.

Headers stay in the order, in memory, until its process ends; the store gets only what is masked.
"""

import contextlib
import multiprocessing
import os
import shutil
import signal
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from broadcaster.errors import NotNow
from broadcaster.store import Store
from broadcaster.web.check_order import CheckOrder
from broadcaster.web.check_process import Doing, Failed, Step, check_in_process
from broadcaster.web.kept_reports import kept
from checker import Report

__all__ = ["CheckLine", "CheckState", "Progress"]

_GRACE_SECONDS = 10.0
_BEGINNING = Step(doing=Doing.CONNECTING)
_LOST = "the check's process ended without a report"


class CheckState(StrEnum):
    """Where a check stands that has no report yet."""

    IN_LINE = "in line"
    RUNNING = "running"
    STOPPING = "stopping"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What is known of a check at a moment; `version` grows with each change. `before` is how many
    stand before it in the line.
    """

    state: CheckState
    endpoint: str
    before: int = 0
    step: Step = _BEGINNING
    seconds: float = 0.0
    version: int = 0


class _Entry:
    """One check from its order to its end."""

    def __init__(self, name: str, order: CheckOrder) -> None:
        self.name = name
        self.order = order
        self.state = CheckState.IN_LINE
        self.step = _BEGINNING
        self.started = 0.0
        self.version = 0
        self.process: BaseProcess | None = None
        self.out_of_time = False


class CheckLine:
    """Safe from any thread. A check may run for `seconds`, its report is kept for `kept_seconds`;
    `one_a_host` runs one check at a time against a host.
    """

    def __init__(
        self,
        store: Store,
        *,
        at_once: int,
        waiting: int,
        seconds: float | None = None,
        one_a_host: bool = False,
        kept_seconds: float | None = None,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._waiting = waiting
        self._seconds = seconds
        self._one_a_host = one_a_host
        self._kept_seconds = kept_seconds
        self._clock = clock
        self._now = now
        self._changed = threading.Condition()
        self._line: deque[_Entry] = deque()
        self._entries: dict[str, _Entry] = {}
        self._closed = False
        self._context = _context()
        self._threads = [
            threading.Thread(target=self._work, name=f"check-{number}", daemon=True)
            for number in range(at_once)
        ]
        for thread in self._threads:
            thread.start()

    def start(self, order: CheckOrder) -> str:
        """Put a check into the line; gives its id. Raises NotNow when the line is full."""
        with self._changed:
            if self._closed or len(self._line) >= self._waiting:
                raise NotNow("Too many checks wait in line; try again in a few minutes.")
        if self._kept_seconds is not None:
            self._store.checks.forget_before(self._now() - self._kept_seconds)
        name = self._store.checks.begin(order.endpoint, "", self._now())
        entry = _Entry(name, order)
        with self._changed:
            self._entries[name] = entry
            self._line.append(entry)
            self._changed.notify_all()
        return name

    def stop(self, name: str) -> None:
        """End a check; what it found so far is kept. Nothing happens to one that ended."""
        with self._changed:
            entry = self._entries.get(name)
            if entry is None:
                return
            waited = entry.state is CheckState.IN_LINE
            if waited:
                self._line.remove(entry)
            self._interrupt(entry)
        if waited:
            self._end(entry, Failed(reason="", interrupted=True))

    def look(self, name: str) -> Progress | None:
        """How far a check is; None when it is not under way."""
        with self._changed:
            entry = self._entries.get(name)
            return None if entry is None else self._progress(entry)

    def wait(self, name: str, seen: int, timeout_seconds: float) -> Progress | None:
        """The same as soon as there is more than version `seen`, or time is up."""
        with self._changed:
            self._changed.wait_for(
                lambda: (e := self._entries.get(name)) is None or self._version(e) != seen,
                timeout_seconds,
            )
        return self.look(name)

    def close(self) -> None:
        """Interrupt all checks, and wait until what they found is kept."""
        with self._changed:
            self._closed = True
            waiting = list(self._line)
            self._line.clear()
            for entry in self._entries.values():
                if entry.state is not CheckState.IN_LINE:
                    self._interrupt(entry)
            self._changed.notify_all()
        for entry in waiting:
            self._end(entry, Failed(reason="the server was stopped"))
        for thread in self._threads:
            thread.join(_GRACE_SECONDS + 2)

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or self._next() is not None)
                entry = self._next()
                if self._closed or entry is None:
                    return
                self._line.remove(entry)
                entry.state, entry.started = CheckState.RUNNING, self._clock()
                self._tell(entry)
            try:
                outcome = self._run(entry)
            except Exception as error:  # noqa: BLE001  this check is lost; the line goes on
                outcome = Failed(reason=f"{_LOST} ({type(error).__name__})")
            self._end(entry, outcome)

    def _next(self) -> _Entry | None:
        """The first whose host is free."""
        if not self._one_a_host:
            return self._line[0] if self._line else None
        busy = {e.order.host for e in self._entries.values() if e.state is not CheckState.IN_LINE}
        return next((entry for entry in self._line if entry.order.host not in busy), None)

    def _run(self, entry: _Entry) -> Report | Failed:
        here, there = self._context.Pipe()
        process = self._context.Process(
            target=check_in_process, args=(entry.order, there), daemon=True, name="check"
        )
        process.start()
        there.close()
        with self._changed:
            entry.process = process
            if entry.state is CheckState.STOPPING or self._closed:
                self._interrupt(entry)
        try:
            return self._listen(entry, here)
        finally:
            process.join(_GRACE_SECONDS)
            if process.is_alive():
                process.kill()
                process.join()
            with self._changed:
                process.close()
                entry.process = None
            here.close()

    def _listen(self, entry: _Entry, pipe: Connection) -> Report | Failed:
        until = None if self._seconds is None else self._clock() + self._seconds
        last: float | None = None
        while True:
            moment = self._clock()
            if until is not None and moment >= until and last is None:
                entry.out_of_time = True
                self._interrupt(entry)
            if entry.state is CheckState.STOPPING and last is None:
                last = moment + _GRACE_SECONDS
            if last is not None and moment >= last:
                return Failed(reason="", interrupted=True)
            if not pipe.poll(0.5):
                continue
            try:
                told = pipe.recv()
            except (EOFError, OSError):
                return Failed(reason=_LOST)
            if not isinstance(told, Step):
                return told  # type: ignore[no-any-return]
            with self._changed:
                entry.step = told
                self._tell(entry)

    def _interrupt(self, entry: _Entry) -> None:
        """Hold the lock, or be the only one who may close the process."""
        entry.state = CheckState.STOPPING
        self._tell(entry)
        process = entry.process
        if process is not None and process.pid is not None and process.is_alive():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGINT)

    def _end(self, entry: _Entry, outcome: Report | Failed) -> None:
        out_of_time = "its time was up" if entry.out_of_time else ""
        if isinstance(outcome, Report):
            state = "stopped" if outcome.interrupted else "done"
            values: dict[str, Any] = {
                "state": state,
                "reason": out_of_time,
                "report": kept(outcome),
            }
        else:
            state = "stopped" if outcome.interrupted else "failed"
            values = {"state": state, "reason": outcome.reason or out_of_time}
        try:
            self._store.checks.end(entry.name, now=self._now(), **values)
        finally:
            if entry.order.folder:
                shutil.rmtree(entry.order.folder, ignore_errors=True)
            with self._changed:
                with contextlib.suppress(ValueError):
                    self._line.remove(entry)
                self._entries.pop(entry.name, None)
                self._changed.notify_all()

    def _tell(self, entry: _Entry) -> None:
        with self._changed:
            entry.version += 1
            self._changed.notify_all()

    def _version(self, entry: _Entry) -> int:
        """Of one in line, the place tells that something changed."""
        return entry.version if entry.state is not CheckState.IN_LINE else -self._before(entry)

    def _before(self, entry: _Entry) -> int:
        return self._line.index(entry) if entry in self._line else 0

    def _progress(self, entry: _Entry) -> Progress:
        progress = Progress(
            state=entry.state,
            endpoint=entry.order.endpoint,
            step=entry.step,
            version=self._version(entry),
        )
        if entry.state is CheckState.IN_LINE:
            return replace(progress, before=self._before(entry))
        return replace(progress, seconds=self._clock() - entry.started)


def _context() -> Any:
    """Processes that start quickly: forked from one that has loaded the checker and no more."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["broadcaster.web.check_process"])
    forkserver.ensure_running()  # it loads while nobody waits for it yet
    return context
