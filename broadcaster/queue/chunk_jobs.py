"""What a worker does with a job: sends one chunk, and has the next ones handed out."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from broadcaster.channels.base import Answer, Channel, Quota
from broadcaster.channels.stored_channel import stored_name
from broadcaster.delivery import BroadcastSender, Pace, new_owner
from broadcaster.delivery.sender import FLUSH_SECONDS
from broadcaster.errors import StoreError
from broadcaster.model import Broadcast, Call
from broadcaster.queue.shared_pace import BothPaces, SharedPace
from broadcaster.store import Store
from broadcaster.store.dispatch import Dispatch

__all__ = ["ChunkJobs", "WorkObserver"]

_KNOWN_SECONDS = 1.0
_FILL_SECONDS = 0.1
_FLUSH_SECONDS = 0.5
_SLICE_SECONDS = 0.5
"""For so long a chunk is sent at a time. A chunk that waits for its pace would hold its slot for
minutes; now another broadcast, or a dead worker's chunk, waits for a slice and the calls under way.
"""

_log = logging.getLogger("broadcaster.queue")


class WorkObserver:
    """Is notified of the work; metrics are such an observer. Each method may be overridden."""

    def chunk_began(self) -> None:
        """A job was taken."""

    def chunk_ended(self, outcome: str, seconds: float) -> None:
        """`outcome` is sent, nothing (somebody else has it, or it is not sent now) or failed."""

    def answered(self, channel: str, verdict: str) -> None:
        """A channel answered a call."""

    def handed_out_again(self, chunks: int, ended_leases: int) -> None:
        """So many chunks were in nobody's hands; of these and of those that waited for a worker
        already, so many had a lease that ended.
        """


class ChunkJobs:
    """Performs the jobs of some channels, several at once in one event loop."""

    def __init__(
        self,
        store: Store,
        channels: Sequence[Channel],
        dispatch: Dispatch,
        *,
        at_once: int,
        lease_seconds: float,
        watching: WorkObserver,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`channels` are open, and stay the caller's to close. `at_once` jobs share the calls that
        a channel takes at once.
        """
        self._store = store
        self._dispatch = dispatch
        self._lease_seconds = lease_seconds
        self._watching = watching
        self._clock = clock
        self._channels = {stored_name(one): _Share(one, at_once, watching) for one in channels}
        self._paces: dict[str, Pace] = {
            stored_name(one): SharedPace(store, stored_name(one), one.rate) for one in channels
        }
        self._own_paces: dict[str, SharedPace] = {}
        self._senders: set[BroadcastSender] = set()
        self._known: dict[int, tuple[float, Broadcast | None]] = {}
        self._filled_at: dict[int, float] = {}
        self._stopping = False

    @property
    def busy(self) -> int:
        """Chunks that are being sent."""
        return len(self._senders)

    def stop(self) -> None:
        """Make no more calls; what is not sent is for others."""
        self._stopping = True
        for sender in self._senders:
            sender.stop(None)

    def abort(self) -> None:
        """Do not even wait for the calls under way."""
        self.stop()
        for sender in self._senders:
            sender.abort(None)

    async def perform(self, job: Mapping[str, Any]) -> None:
        """Send a chunk, if it may be sent now. Never raises: what is left is handed out again."""
        number, first_row = int(job["broadcast"]), int(job["first_row"])
        began, outcome = time.monotonic(), "failed"
        fields = {"broadcast": str(number), "chunk": first_row}
        self._watching.chunk_began()
        try:
            broadcast = await self._broadcast(number)
            if broadcast is not None:
                fields["broadcast"] = broadcast.id
            sent = broadcast is not None and await self._send(broadcast, first_row)
            await asyncio.to_thread(
                self._store.chunk_queue.ended,
                number,
                first_row,
                self._dispatch,
                look_seconds=self._lease_seconds,
                now=self._clock(),
                fill=self._fills(number),
            )
            outcome = "sent" if sent else "nothing"
            _log.info("chunk_ended", extra={**fields, "outcome": outcome})
        except StoreError as error:
            _log.warning("store_failed", extra={**fields, "cause": str(error)})
        except Exception as error:  # noqa: BLE001  a fault of ours must not end the worker
            # the type alone, since its words may hold a customer's data
            _log.error("chunk_failed", extra={**fields, "cause": type(error).__name__})
        finally:
            self._watching.chunk_ended(outcome, time.monotonic() - began)

    async def _send(self, broadcast: Broadcast, first_row: int) -> bool:
        channel = self._channels.get(broadcast.via)
        if channel is None or self._stopping:
            return False
        sender = BroadcastSender(
            self._store,
            broadcast,
            channel,
            owner=new_owner(),
            pace=self._pace(broadcast),
            clock=self._clock,
            lease_seconds=self._lease_seconds,
            first_row=first_row,
            # several chunks share a limit, so each has little to commit; where a repeat is safe,
            # nothing is lost by waiting for more
            flush_seconds=_FLUSH_SECONDS if channel.idempotent else FLUSH_SECONDS,
            slice_seconds=_SLICE_SECONDS,
        )
        self._senders.add(sender)
        try:
            await sender.run()
        finally:
            self._senders.discard(sender)
        return True

    async def _broadcast(self, number: int) -> Broadcast | None:
        """What is known of it for a moment already: whether it is still sent, each claim asks."""
        at, broadcast = self._known.get(number, (float("-inf"), None))
        if broadcast is None or time.monotonic() - at > _KNOWN_SECONDS:
            broadcast = await asyncio.to_thread(self._store.chunk_queue.broadcast, number)
            self._known[number] = (time.monotonic(), broadcast)
        return broadcast

    def _fills(self, number: int) -> bool:
        """Whether to see if more chunks are to be handed out: now and then, not after each."""
        now = time.monotonic()
        due = now - self._filled_at.get(number, float("-inf")) >= _FILL_SECONDS
        if due:
            self._filled_at[number] = now
        return due

    def _pace(self, broadcast: Broadcast) -> Pace:
        channel = self._paces[broadcast.via]
        if broadcast.rate is None:
            return channel
        key = f"broadcast {broadcast.id}"
        own = self._own_paces.get(key)
        if own is None or own.limit != broadcast.rate:  # which may change while it is sent
            own = self._own_paces[key] = SharedPace(self._store, key, broadcast.rate)
        return BothPaces(own, channel)


class _Share:
    """A channel as one of several senders of this worker sees it: with its share of the calls."""

    def __init__(self, channel: Channel, among: int, watching: WorkObserver) -> None:
        self._channel = channel
        self._watching = watching
        self.name = channel.name
        self.idempotent = channel.idempotent
        self.rate = channel.rate
        self.concurrency = max(1, channel.concurrency // among)
        self.group_limit = channel.group_limit
        self.row_format = channel.row_format

    def render(self, uids: Sequence[str], msg: str) -> bytes:
        return self._channel.render(uids, msg)

    async def open(self) -> None:
        """It is open already."""

    async def send(self, call: Call) -> Answer:
        answer = await self._channel.send(call)
        self._watching.answered(self.name, answer.verdict.value)
        return answer

    async def quota(self) -> Quota | None:
        return await self._channel.quota()

    async def validate(self, requests: Sequence[bytes]) -> str | None:
        return await self._channel.validate(requests)

    async def close(self) -> None:
        """It is closed by whoever opened it."""
