"""A worker: takes chunks from the queue and sends them, until it is told to stop."""

import asyncio
import contextlib
import hashlib
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass

from broadcaster.channels.base import Channel
from broadcaster.channels.stored_channel import stored_name
from broadcaster.delivery.clock_watch import ClockWatch
from broadcaster.delivery.owner import process_name
from broadcaster.delivery.rate_control import LowRate
from broadcaster.delivery.sender import LEASE_SECONDS
from broadcaster.errors import StoreError
from broadcaster.queue.chunk_jobs import ChunkJobs, WorkObserver
from broadcaster.queue.engine import Engine
from broadcaster.queue.slots import paces_in_use
from broadcaster.store import Store
from broadcaster.store.dispatch import HandedOut

__all__ = ["Worker", "WorkerSettings", "queue_of"]

_RECONCILE_SECONDS = 0.25
_REFILL_SECONDS = 1.0
_LONGEST_LEASE_SECONDS = 2 * 3600.0  # a worker's lease is an hour at most, and may be renewed

_log = logging.getLogger("broadcaster.queue")


def queue_of(via: str) -> str:
    """The queue of a channel, by the name under which the store knows it."""
    return f"send-{hashlib.blake2b(via.encode(), digest_size=8).hexdigest()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSettings:
    """`concurrency` is in chunks at once. A dead worker's chunk is taken over after
    `lease_seconds`. Told to stop, calls under way are waited for during `grace_seconds`.
    """

    concurrency: int = 4
    lease_seconds: float = LEASE_SECONDS
    grace_seconds: float = 20.0


class Worker:
    """One process's part. `channels` are those that it can send by, not open yet."""

    def __init__(
        self,
        store: Store,
        channels: Sequence[Channel],
        settings: WorkerSettings,
        watching: WorkObserver | None = None,
        *,
        checks: int = 0,
    ) -> None:
        """`checks` is how many endpoints of a fleet this process checks at the same time. Raises
        WrongCommand for a store that is not on PostgreSQL.
        """
        self._store = store
        self._channels = channels
        self._settings = settings
        self._watching = watching or WorkObserver()
        self._engine = Engine(store.url)
        self._checks = checks
        self._name, self._began_at = process_name(), time.time()
        self._names = [stored_name(channel) for channel in channels]
        self._clock_watch = ClockWatch(time.time)
        self._low: dict[str, LowRate | None] = {}
        self._seen_at = self._refilled_at = float("-inf")

    @property
    def ready(self) -> bool:
        """Whether it wrote to the store a short while ago."""
        return time.monotonic() - self._seen_at < 5.0

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, then for at most `grace_seconds` and a little. Raises
        WrongCommand when a channel cannot be opened, StoreError when the store is of no use.
        """
        await asyncio.to_thread(self._prepare)
        async with contextlib.AsyncExitStack() as opened:
            for channel in self._channels:
                await channel.open()
                opened.push_async_callback(channel.close)
            settings = self._settings
            jobs = ChunkJobs(
                self._store,
                self._channels,
                self._engine.dispatch,
                at_once=settings.concurrency,
                lease_seconds=settings.lease_seconds,
                watching=self._watching,
            )
            _log.info("worker_began", extra={"channels": self._names})
            # before the first job is taken: one between its job and its lease looks like nobody's
            await self._look_over()
            reconciling = asyncio.create_task(self._look_over_often())
            ending = asyncio.create_task(self._end_jobs(jobs, stop))
            try:
                queues = [queue_of(name) for name in self._names]
                if not queues:
                    await stop.wait()  # here only checks are done, elsewhere in this process
                await self._engine.run(
                    queues, jobs.perform, concurrency=settings.concurrency, stop=stop
                )
            finally:
                for task in (reconciling, ending):
                    task.cancel()
                await asyncio.gather(reconciling, ending, return_exceptions=True)
                with contextlib.suppress(StoreError):
                    await asyncio.to_thread(self._store.workers.ended, self._name)
            _log.info("worker_ended")

    def _prepare(self) -> None:
        with self._store.writing() as connection:
            self._engine.prepare(connection)
        self._note_that_it_runs()

    def _note_that_it_runs(self) -> None:
        self._store.workers.seen(
            self._name, self._names, self._checks, began_at=self._began_at, now=time.time()
        )
        self._seen_at = time.monotonic()

    async def _end_jobs(self, jobs: ChunkJobs, stop: asyncio.Event) -> None:
        await stop.wait()
        _log.info("worker_stopping", extra={"chunks": jobs.busy})
        jobs.stop()
        await asyncio.sleep(self._settings.grace_seconds)
        jobs.abort()

    async def _look_over_often(self) -> None:
        while True:
            await asyncio.sleep(_RECONCILE_SECONDS)
            await self._look_over()

    async def _look_over(self) -> None:
        try:
            await asyncio.to_thread(self._reconcile)
            if time.monotonic() - self._refilled_at >= _REFILL_SECONDS:
                self._refilled_at = time.monotonic()
                await asyncio.to_thread(self._refill)
        except StoreError as error:
            _log.warning("store_failed", extra={"cause": str(error)})

    def _reconcile(self) -> None:
        if back := self._clock_watch.set_back_seconds():
            _log.warning("clock_set_back", extra={"seconds": round(back)})
            for number in self._store.chunk_queue.look_now(time.time()):
                self._store.ledger.set_back(number, back, time.time())
        again = self._store.chunk_queue.reconcile(
            self._engine.dispatch, look_seconds=self._settings.lease_seconds, now=time.time()
        )
        for lease in again.ended_leases:
            fields = {"broadcast": lease.broadcast, "chunk": lease.first_row, "owner": lease.owner}
            _log.warning("lease_ended", extra=fields)
        if again.chunks:
            _log.info("handed_out_again", extra={"chunks": again.chunks})
        if again != HandedOut():
            self._watching.handed_out_again(again.chunks, len(again.ended_leases))

    def _refill(self) -> None:
        self._note_that_it_runs()
        now = time.time()
        self._store.ledger.hold_cancelled(now, since=now - _LONGEST_LEASE_SECONDS)
        self._store.chunk_queue.refill(
            self._engine.dispatch, look_seconds=self._settings.lease_seconds, now=time.time()
        )
        self._log_paces()

    def _log_paces(self) -> None:
        """Why a channel of ours is called at a low rate, when that changes."""
        paces = paces_in_use(*self._store.paces.read())
        for name in self._names:
            pace = paces.get(name)
            low = None if pace is None else pace.low
            if pace is not None and low != self._low.get(name):
                fields = {"channel": name, "rate": round(pace.rate, 1), "cause": low}
                _log.info("pace_low" if low else "pace_recovered", extra=fields)
            self._low[name] = low
