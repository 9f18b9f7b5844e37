"""Checks the endpoints of a fleet, several at once, and one at a time of each host."""

import logging
import math
import threading
import time
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from broadcaster.delivery import new_owner
from broadcaster.errors import StoreError
from broadcaster.loading.loader import masked_endpoint
from broadcaster.store import Store
from broadcaster.store.fleet import FleetEndpoint, FleetResult
from checker import CheckerError
from checker.api import (
    CheckStarted,
    Config,
    Event,
    Finished,
    Report,
    as_document,
    crash_sentence,
    run,
)

__all__ = ["CHECK_LEASE_SECONDS", "CheckJobs", "enrolled"]

CHECK_LEASE_SECONDS = 30.0
_IDLE_SECONDS = 1.0

_log = logging.getLogger("broadcaster.queue.checks")


def enrolled(configs: Mapping[str, Config]) -> list[FleetEndpoint]:
    """The endpoints of a settings file as the store knows them: without what is secret."""
    return [
        FleetEndpoint(
            name=name,
            host=(urlsplit(config.endpoint.url).hostname or "").lower(),
            endpoint=masked_endpoint(config),
        )
        for name, config in configs.items()
    ]


class CheckJobs:
    """Takes what is due from the store. `configs` are those that this process can check, with the
    secrets of its own environment; what it does not know is recorded as not checked.
    """

    def __init__(
        self,
        store: Store,
        configs: Mapping[str, Config],
        *,
        at_once: int,
        lease_seconds: float = CHECK_LEASE_SECONDS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._configs = configs
        self.at_once = at_once
        self._lease_seconds = lease_seconds
        self._clock = clock
        self._stop = threading.Event()
        self._ended: list[threading.Event] = []  # one of each thread

    def start(self, *, until_done: bool = False) -> None:
        """Begin, in threads. `until_done`: end when nothing is due and no check runs."""
        for _ in range(self.at_once):
            ended = threading.Event()
            self._ended.append(ended)
            threading.Thread(
                target=self._work, args=(until_done, ended), name="check", daemon=True
            ).start()

    def stop(self) -> None:
        """End the checks under way at their next request; they stay due."""
        self._stop.set()

    def join(self, seconds: float | None = None) -> None:
        """Wait for the threads, so long together.

        Not by joining one, which Ctrl-C in Python 3.11 leaves marked as ended; and in short waits:
        a long one is not ended by a signal that another thread gets.
        """
        end = math.inf if seconds is None else time.monotonic() + seconds
        for ended in self._ended:
            while not ended.is_set() and (left := end - time.monotonic()) > 0:
                ended.wait(min(left, _IDLE_SECONDS))

    def _work(self, until_done: bool, ended: threading.Event) -> None:  # noqa: FBT001  a thread's
        try:
            self._check_what_is_due(until_done)
        finally:
            ended.set()

    def _check_what_is_due(self, until_done: bool) -> None:  # noqa: FBT001
        owner = new_owner()
        while not self._stop.is_set():
            try:
                name = self._store.fleet.claim(
                    owner, now=self._clock(), lease_seconds=self._lease_seconds
                )
                if name is not None:
                    self._check(owner, name)
                elif until_done and self._nothing_left():
                    return
                else:
                    self._stop.wait(_IDLE_SECONDS)
            except StoreError as error:
                _log.warning("store_failed", extra={"cause": str(error)})
                self._stop.wait(_IDLE_SECONDS)

    def _nothing_left(self) -> bool:
        standing = self._store.fleet.standing(self._clock())
        return not standing.due and not standing.running

    def _check(self, owner: str, name: str) -> None:
        began_at = self._clock()
        with _Renewing(self._store, owner, self._lease_seconds, self._clock):
            outcome = self._outcome(name)
        if isinstance(outcome, Report) and outcome.interrupted:
            self._store.fleet.release(owner)
            return
        result = _result(name, began_at, self._clock(), outcome)
        recorded = self._store.fleet.record(owner, result)
        outcome_fields = {"endpoint": name, "verdict": result.verdict, "recorded": recorded}
        _log.info("check_ended", extra=outcome_fields)

    def _outcome(self, name: str) -> Report | str:
        config = self._configs.get(name)
        if config is None:
            return "the settings file of this worker does not name it"
        try:
            return run(config, self._stop_if_asked)
        except CheckerError as error:
            return str(error)
        except Exception as error:  # noqa: BLE001  the fleet goes on
            return crash_sentence(error)

    def _stop_if_asked(self, event: Event) -> None:
        if self._stop.is_set() and not isinstance(event, CheckStarted | Finished):
            raise KeyboardInterrupt  # which ends a check early, as it does at the terminal


def _result(name: str, began_at: float, ended_at: float, outcome: Report | str) -> FleetResult:
    if isinstance(outcome, str):
        return FleetResult(
            name=name, began_at=began_at, ended_at=ended_at, verdict=None, reason=outcome
        )
    document = as_document(outcome)
    rules = {
        found["rule"]: found["severity"]
        for found in document["findings"]
        if found["severity"] != "info"
    }
    return FleetResult(
        name=name,
        began_at=began_at,
        ended_at=ended_at,
        verdict=document["verdict"],
        rules=rules,
        not_judged=sorted({rule for one in document["not_judged"] for rule in one["rules"]}),
        report=document,
    )


class _Renewing:
    """Keeps an owner's lease while the block runs, in a thread of its own."""

    def __init__(
        self, store: Store, owner: str, lease_seconds: float, clock: Callable[[], float]
    ) -> None:
        self._store = store
        self._owner = owner
        self._lease_seconds = lease_seconds
        self._clock = clock
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._renew, name="lease", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _renew(self) -> None:
        while not self._over.wait(self._lease_seconds / 3):
            try:
                self._store.fleet.renew(self._owner, self._clock() + self._lease_seconds)
            except StoreError as error:
                _log.warning("store_failed", extra={"cause": str(error)})
