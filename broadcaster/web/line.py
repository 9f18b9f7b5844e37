"""A line of work: a few orders run at a time, each in its process; the others wait, and say so.

An order stays in memory until its process ends, with the headers that are in it. What an order is,
and what becomes of its outcome, is the business of those who inherit: checks, loads, sends.
"""

import contextlib
import multiprocessing
import os
import shutil
import signal
import tempfile
import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from broadcaster.errors import NotNow, WrongCommand
from broadcaster.web.child import BEGINNING, Failed
from broadcaster.web.work import Order, Outcome, Progress, WorkState

__all__ = ["Line"]

_OTHERS = ("broadcaster.web.load_line", "broadcaster.web.send_line")
_LOST = "its process ended before its time"


class _Entry:
    """One order from its beginning to its end."""

    def __init__(self, name: str, order: Order) -> None:
        self.name = name
        self.order = order
        self.state = WorkState.IN_LINE
        self.step = BEGINNING
        self.started = 0.0
        self.version = 0
        self.process: BaseProcess | None = None
        self.out_of_time = False


class Line(ABC):
    """Safe from any thread. `target` runs in the process, with the order and the pipe to tell by.

    Work may run for `seconds`, and has `grace_seconds` to end when it is interrupted; `one_a_host`
    runs one at a time against a host.
    """

    def __init__(
        self,
        target: Callable[[Any, Connection], None],
        *,
        at_once: int,
        waiting: int,
        seconds: float | None = None,
        one_a_host: bool = False,
        grace_seconds: float = 10.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._target = target
        self._waiting = waiting
        self._seconds = seconds
        self._one_a_host = one_a_host
        self._grace_seconds = grace_seconds
        self._clock = clock
        self._changed = threading.Condition()
        self._line: deque[_Entry] = deque()
        self._entries: dict[str, _Entry] = {}
        self._closed = False
        self._context = _context()
        self._threads = [
            threading.Thread(target=self._work, name=f"line-{number}", daemon=True)
            for number in range(at_once)
        ]
        for thread in self._threads:
            thread.start()

    @abstractmethod
    def finish(self, name: str, outcome: Outcome, *, out_of_time: bool) -> None:
        """Keep what came of it."""

    def enter(self, name: str, order: Order) -> None:
        """Put an order into the line. Raises NotNow when the line is full, or knows the name."""
        with self._changed:
            self.require_room()
            if name in self._entries:
                raise NotNow("This is under way already.")
            entry = _Entry(name, order)
            self._entries[name] = entry
            self._line.append(entry)
            self._changed.notify_all()

    def require_room(self) -> None:
        """Raises NotNow when the line is full."""
        with self._changed:
            if self._closed or len(self._line) >= self._waiting:
                raise NotNow("Too many wait in line; try again in a few minutes.")

    def stop(self, name: str) -> None:
        """End it as an interrupt does. Nothing happens to what ended already."""
        with self._changed:
            entry = self._entries.get(name)
            if entry is None:
                return
            waited = entry.state is WorkState.IN_LINE
            if waited:
                self._line.remove(entry)
            self._interrupt(entry)
        if waited:
            self._end(entry, Failed(reason="", interrupted=True))

    def look(self, name: str) -> Progress | None:
        """How far it is; None when it is not under way."""
        with self._changed:
            entry = self._entries.get(name)
            return None if entry is None else self._progress(entry)

    def counts(self) -> tuple[int, int]:
        """How many are under way, and how many wait in line."""
        with self._changed:
            waiting = len(self._line)
            return len(self._entries) - waiting, waiting

    def wait(self, name: str, seen: int, timeout_seconds: float) -> Progress | None:
        """The same as soon as there is more than version `seen`, or time is up."""
        with self._changed:
            self._changed.wait_for(
                lambda: (e := self._entries.get(name)) is None or self._version(e) != seen,
                timeout_seconds,
            )
        return self.look(name)

    def close(self) -> None:
        """Interrupt all that is under way, and wait until its outcome is kept."""
        with self._changed:
            self._closed = True
            waiting = list(self._line)
            self._line.clear()
            for entry in self._entries.values():
                if entry.state is not WorkState.IN_LINE:
                    self._interrupt(entry)
            self._changed.notify_all()
        for entry in waiting:
            self._end(entry, Failed(reason="the server was stopped"))
        for thread in self._threads:
            thread.join(self._grace_seconds + 2)

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or self._next() is not None)
                entry = self._next()
                if self._closed or entry is None:
                    return
                self._line.remove(entry)
                entry.state, entry.started = WorkState.RUNNING, self._clock()
                self._tell(entry)
            try:
                outcome = self._run(entry)
            except Exception as error:  # noqa: BLE001  this one is lost; the line goes on
                outcome = Failed(reason=f"{_LOST} ({type(error).__name__})")
            self._end(entry, outcome)

    def _next(self) -> _Entry | None:
        """The first whose host is free."""
        if not self._one_a_host:
            return self._line[0] if self._line else None
        busy = {e.order.host for e in self._entries.values() if e.state is not WorkState.IN_LINE}
        return next((entry for entry in self._line if entry.order.host not in busy), None)

    def _run(self, entry: _Entry) -> Outcome:
        here, there = self._context.Pipe()
        process = self._context.Process(
            target=self._target, args=(entry.order, there), daemon=True, name="work"
        )
        process.start()
        there.close()
        with self._changed:
            entry.process = process
            if entry.state is WorkState.STOPPING or self._closed:
                self._interrupt(entry)
        try:
            return self._listen(entry, here)
        finally:
            process.join(self._grace_seconds)
            if process.is_alive():
                process.kill()
                process.join()
            with self._changed:
                process.close()
                entry.process = None
            here.close()

    def _listen(self, entry: _Entry, pipe: Connection) -> Outcome:
        until = None if self._seconds is None else self._clock() + self._seconds
        last: float | None = None
        while True:
            moment = self._clock()
            if until is not None and moment >= until and last is None:
                entry.out_of_time = True
                self._interrupt(entry)
            if entry.state is WorkState.STOPPING and last is None:
                last = moment + self._grace_seconds
            if last is not None and moment >= last:
                return Failed(reason="", interrupted=True)
            if not pipe.poll(0.5):
                continue
            try:
                is_last, told = pipe.recv()
            except (EOFError, OSError):
                return Failed(reason=_LOST)
            if is_last:
                return told
            with self._changed:
                entry.step = told
                self._tell(entry)

    def _interrupt(self, entry: _Entry) -> None:
        """Hold the lock, or be the only one who may close the process."""
        entry.state = WorkState.STOPPING
        self._tell(entry)
        process = entry.process
        if process is not None and process.pid is not None and process.is_alive():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGINT)

    def _end(self, entry: _Entry, outcome: Outcome) -> None:
        try:
            self.finish(entry.name, outcome, out_of_time=entry.out_of_time)
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
        return entry.version if entry.state is not WorkState.IN_LINE else -self._before(entry)

    def _before(self, entry: _Entry) -> int:
        return self._line.index(entry) if entry in self._line else 0

    def _progress(self, entry: _Entry) -> Progress:
        progress = Progress(
            state=entry.state,
            endpoint=entry.order.endpoint,
            step=entry.step,
            version=self._version(entry),
        )
        if entry.state is WorkState.IN_LINE:
            return replace(progress, before=self._before(entry))
        return replace(progress, seconds=self._clock() - entry.started)


def _context() -> Any:
    """Processes that start quickly: forked from one that has loaded the checker and no more."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(
        ["broadcaster.web.check_line", "broadcaster.web.load_line", "broadcaster.web.send_line"]
    )
    try:
        forkserver.ensure_running()  # it loads while nobody waits for it yet
    except OSError as error:
        folder = tempfile.gettempdir()
        raise WrongCommand(
            f"No process for checks can be started by way of {folder} ({error.strerror or error}); "
            "name a folder with a short path by TMPDIR."
        ) from error
    return context
