"""A job queue: a few jobs run at a time, each in a process of its own; the others wait.

A job stays in memory until its process ends, with the headers that it holds. The subclasses
(checks, loads, sends) define what a job is, and store its outcome.
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
from broadcaster.web.jobs.job import FIRST_STEP, Failed, Job, JobState, Outcome, Progress

__all__ = ["JobQueue"]

_PRELOADED = ["checks", "loads", "sends"]
_LOST = "its process ended unexpectedly"


class _Entry:
    """One job from its beginning to its end."""

    def __init__(self, name: str, job: Job) -> None:
        self.name = name
        self.job = job
        self.state = JobState.QUEUED
        self.step = FIRST_STEP
        self.started = 0.0
        self.version = 0
        self.process: BaseProcess | None = None
        self.out_of_time = False


class JobQueue(ABC):
    """Safe from any thread. `target` runs in the process, with the job and a pipe for its reports.

    `at_once` jobs run at a time, and at most `waiting` wait. A job may run for `seconds`, and has
    `grace_seconds` to end when it is interrupted; `one_a_host` runs one at a time against a host.
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
        self._queue: deque[_Entry] = deque()
        self._entries: dict[str, _Entry] = {}
        self._closed = False
        self._context = _context()
        self._threads = [
            threading.Thread(target=self._work, name=f"queue-{number}", daemon=True)
            for number in range(at_once)
        ]
        for thread in self._threads:
            thread.start()

    @abstractmethod
    def finish(self, name: str, outcome: Outcome, *, out_of_time: bool) -> None:
        """Store the outcome."""

    def enter(self, name: str, job: Job) -> None:
        """Add a job. Raises NotNow when the queue is full, or holds a job of this name."""
        with self._changed:
            self.require_room()
            if name in self._entries:
                raise NotNow("This is running already.")
            entry = _Entry(name, job)
            self._entries[name] = entry
            self._queue.append(entry)
            self._changed.notify_all()

    def require_room(self) -> None:
        """Raises NotNow when the queue is full."""
        with self._changed:
            if self._closed or len(self._queue) >= self._waiting:
                raise NotNow("Too many jobs are waiting: try again in a few minutes.")

    def stop(self, name: str) -> None:
        """End a job as an interrupt does. A job that ended already stays as it is."""
        with self._changed:
            entry = self._entries.get(name)
            if entry is None:
                return
            waited = entry.state is JobState.QUEUED
            if waited:
                self._queue.remove(entry)
            self._interrupt(entry)
        if waited:
            self._end(entry, Failed(reason="", interrupted=True))

    def look(self, name: str) -> Progress | None:
        """The progress of a job; None for one that has ended, or is unknown."""
        with self._changed:
            entry = self._entries.get(name)
            return None if entry is None else self._progress(entry)

    def counts(self) -> tuple[int, int]:
        """How many jobs run, and how many wait."""
        with self._changed:
            waiting = len(self._queue)
            return len(self._entries) - waiting, waiting

    def wait(self, name: str, seen: int, timeout_seconds: float) -> Progress | None:
        """The same, as soon as its version is not `seen` any more, or the time is up."""
        with self._changed:
            self._changed.wait_for(
                lambda: (e := self._entries.get(name)) is None or self._version(e) != seen,
                timeout_seconds,
            )
        return self.look(name)

    def close(self) -> None:
        """Interrupt all jobs, and wait until their outcomes are stored."""
        with self._changed:
            self._closed = True
            waiting = list(self._queue)
            self._queue.clear()
            for entry in self._entries.values():
                if entry.state is not JobState.QUEUED:
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
                self._queue.remove(entry)
                entry.state, entry.started = JobState.RUNNING, self._clock()
                self._notify(entry)
            try:
                outcome = self._run(entry)
            except Exception as error:  # noqa: BLE001  this job is lost; the others go on
                outcome = Failed(reason=f"{_LOST} ({type(error).__name__})")
            self._end(entry, outcome)

    def _next(self) -> _Entry | None:
        """The first whose host is free."""
        if not self._one_a_host:
            return self._queue[0] if self._queue else None
        busy = {e.job.host for e in self._entries.values() if e.state is not JobState.QUEUED}
        return next((entry for entry in self._queue if entry.job.host not in busy), None)

    def _run(self, entry: _Entry) -> Outcome:
        here, there = self._context.Pipe()
        process = self._context.Process(
            target=self._target, args=(entry.job, there), daemon=True, name="job"
        )
        process.start()
        there.close()
        with self._changed:
            entry.process = process
            if entry.state is JobState.STOPPING or self._closed:
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
            if entry.state is JobState.STOPPING and last is None:
                last = moment + self._grace_seconds
            if last is not None and moment >= last:
                return Failed(reason="", interrupted=True)
            if not pipe.poll(0.5):
                continue
            try:
                is_last, message = pipe.recv()
            except (EOFError, OSError):
                return Failed(reason=_LOST)
            if is_last:
                return message
            with self._changed:
                entry.step = message
                self._notify(entry)

    def _interrupt(self, entry: _Entry) -> None:
        """To be called with the lock, or by the only thread that may close the process."""
        entry.state = JobState.STOPPING
        self._notify(entry)
        process = entry.process
        if process is not None and process.pid is not None and process.is_alive():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGINT)

    def _end(self, entry: _Entry, outcome: Outcome) -> None:
        try:
            self.finish(entry.name, outcome, out_of_time=entry.out_of_time)
        finally:
            if entry.job.folder:
                shutil.rmtree(entry.job.folder, ignore_errors=True)
            with self._changed:
                with contextlib.suppress(ValueError):
                    self._queue.remove(entry)
                self._entries.pop(entry.name, None)
                self._changed.notify_all()

    def _notify(self, entry: _Entry) -> None:
        with self._changed:
            entry.version += 1
            self._changed.notify_all()

    def _version(self, entry: _Entry) -> int:
        """The version of a job that waits is its place in the queue."""
        return entry.version if entry.state is not JobState.QUEUED else -self._before(entry)

    def _before(self, entry: _Entry) -> int:
        return self._queue.index(entry) if entry in self._queue else 0

    def _progress(self, entry: _Entry) -> Progress:
        progress = Progress(
            state=entry.state,
            endpoint=entry.job.endpoint,
            step=entry.step,
            version=self._version(entry),
        )
        if entry.state is JobState.QUEUED:
            return replace(progress, before=self._before(entry))
        return replace(progress, seconds=self._clock() - entry.started)


def _context() -> Any:
    """Processes that start quickly: forked from one that has the modules of the jobs loaded."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([f"{__package__}.{name}" for name in _PRELOADED])
    try:
        forkserver.ensure_running()  # it loads before anybody waits for it
    except OSError as error:
        folder = tempfile.gettempdir()
        raise WrongCommand(
            f"Cannot start processes by way of {folder} ({error.strerror or error}): "
            "set TMPDIR to a folder with a short path."
        ) from error
    return context
