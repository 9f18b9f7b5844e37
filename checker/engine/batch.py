"""Checks several endpoints side by side, one crawl at a time for each host."""

import queue
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from checker.core.config import Config
from checker.core.errors import UsageError
from checker.core.events import CheckStarted, Event, Finished
from checker.core.report import Report, Summary
from checker.engine.run import run
from checker.rules import all_rules
from checker.rules.selection import selected
from checker.transport.network import Transport

__all__ = ["check_several", "refuse_wrong", "replaced"]

_AT_ONCE = 8
_GRACE_SECONDS = 3.0
_TICK_SECONDS = 0.1


def replaced(summary: Summary, reports: Mapping[str, Report]) -> Summary:
    """The summary with other reports."""
    return replace(summary, reports=reports)


def refuse_wrong(configs: Mapping[str, Config]) -> None:
    """What the first request would bring to light. Raises UsageError, naming the endpoint."""
    for name, config in configs.items():
        try:
            selected(config, all_rules())
            if config.ca_bundle is not None:
                Transport(ca_bundle=config.ca_bundle).close()
        except UsageError as error:
            raise UsageError(f"endpoint {name!r}: {error}") from None


def check_several(
    configs: Mapping[str, Config],
    done: Callable[[int], None] | None = None,
    describe: Callable[[Exception], str] = str,
) -> Summary:
    """Checks them all. An interrupt ends what is under way, and what was found so far is given.

    `done` hears how many are finished; `describe` words a failure of our own.
    """
    work = _Work(configs, describe)
    told = -1
    try:
        work.start()
        while work.busy():
            if done is not None and work.finished != told:
                told = work.finished
                done(told)
    except KeyboardInterrupt:
        work.stop()
    return work.summary()


class _Work:
    """Threads that take one host's endpoints after another's."""

    def __init__(self, configs: Mapping[str, Config], describe: Callable[[Exception], str]) -> None:
        self._configs = configs
        self._describe = describe
        self._queue: queue.SimpleQueue[list[str]] = queue.SimpleQueue()
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._reports: dict[str, Report] = {}
        self._failures: dict[str, str] = {}
        self._ended: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._running = 0
        groups = _by_host(configs)
        for group in groups:
            self._queue.put(group)
        self._threads = [
            threading.Thread(target=self._check_next, name=f"check-{number}", daemon=True)
            for number in range(min(_AT_ONCE, len(groups)))
        ]

    @property
    def finished(self) -> int:
        return len(self._reports) + len(self._failures)

    def start(self) -> None:
        for thread in self._threads:
            thread.start()
            self._running += 1

    def busy(self) -> bool:
        """Whether a check is under way; waits a moment for one to end."""
        if self._running:
            self._wait(_TICK_SECONDS)
        return self._running > 0

    def _wait(self, seconds: float) -> None:
        """Not by joining a thread, which Ctrl-C in Python 3.11 leaves marked as ended."""
        try:
            self._ended.get(timeout=seconds)
        except queue.Empty:
            return
        self._running -= 1

    def stop(self) -> None:
        """Ends each check at its next event; one that waits for its server is left behind."""
        self._stopped.set()
        until = time.monotonic() + _GRACE_SECONDS
        while self._running and (left := until - time.monotonic()) > 0:
            self._wait(left)

    def summary(self) -> Summary:
        with self._lock:
            reports, failures = dict(self._reports), dict(self._failures)
        missing = {name: "the run was interrupted" for name in self._configs if name not in reports}
        return Summary(
            reports={name: reports[name] for name in self._configs if name in reports},
            not_checked=missing | failures,
            interrupted=self._stopped.is_set(),
            crashed=bool(failures) or any(report.crashes for report in reports.values()),
        )

    def _check_next(self) -> None:
        try:
            self._take_groups()
        finally:
            self._ended.put(None)

    def _take_groups(self) -> None:
        while not self._stopped.is_set():
            try:
                group = self._queue.get_nowait()
            except queue.Empty:
                return
            for name in group:
                self._check(name)

    def _check(self, name: str) -> None:
        if self._stopped.is_set():
            return
        try:
            report = run(self._configs[name], self._listen)
        except KeyboardInterrupt:
            return
        except Exception as error:  # noqa: BLE001  the others go on; this one is told as our failure
            with self._lock:
                self._failures[name] = self._describe(error)
            return
        with self._lock:
            self._reports[name] = report

    def _listen(self, event: Event) -> None:
        """Raises in the thread of the check what Ctrl-C raises in the main one."""
        if self._stopped.is_set() and not isinstance(event, CheckStarted | Finished):
            raise KeyboardInterrupt


def _by_host(configs: Mapping[str, Config]) -> list[list[str]]:
    groups: dict[str, list[str]] = {}
    for name, config in configs.items():
        groups.setdefault(urlsplit(config.endpoint.url).hostname or "", []).append(name)
    return list(groups.values())
