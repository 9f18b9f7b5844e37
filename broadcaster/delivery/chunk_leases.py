"""The chunks that a sender holds: leased, claimed from, renewed, settled and released.

All that a sender does to the store is here, one thing at a time in a thread of its own, so that
the calls go on meanwhile.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

from broadcaster.channels.base import Channel
from broadcaster.delivery.decisions import bundle
from broadcaster.errors import NotNow
from broadcaster.model import (
    Broadcast,
    BroadcastState,
    Call,
    Chunk,
    DeliveryState,
    Settlement,
    StopCause,
)
from broadcaster.store import Store

__all__ = ["ChunkLeases"]

T = TypeVar("T")


@dataclass(slots=True)
class _Lease:
    """A chunk that is ours. `calls` may be made and are not claimed yet; `open` are claimed rows,
    by row and attempt, that are not settled.
    """

    chunk: Chunk
    calls: list[Call] = field(default_factory=list)
    open: set[tuple[int, int]] = field(default_factory=set)
    exhausted: bool = False
    lost: bool = False


class ChunkLeases:
    """The store as one sender of one broadcast sees it."""

    def __init__(
        self,
        store: Store,
        broadcast: Broadcast,
        channel: Channel,
        *,
        owner: str,
        clock: Callable[[], float],
        lease_seconds: float,
        first_row: int | None,
    ) -> None:
        self._store = store
        self._broadcast = broadcast
        self._channel = channel
        self._owner = owner
        self._clock = clock
        self._lease_seconds = lease_seconds
        self._first_row = first_row
        self.repeatable = channel.idempotent or broadcast.at_least_once
        self._leases: dict[int, _Lease] = {}
        self._settled: list[Settlement] = []
        self._database = ThreadPoolExecutor(1, thread_name_prefix="ledger")

    def close(self) -> None:
        """Wait for what is under way in the store."""
        self._database.shutdown(wait=True)

    @property
    def busy(self) -> bool:
        """Whether a chunk is ours, so that something more will come of it."""
        return bool(self._leases)

    def may_call(self, call: Call) -> bool:
        """Whether the lease under which the call was claimed still stands."""
        lease = self._leases.get(call.deliveries[0].chunk)
        if lease is None or lease.lost:
            return False
        # another sender may hold it by now, and settles what we claimed
        lease.lost = self._clock() >= lease.chunk.lease_until
        return not lease.lost

    async def claim(self, at_most: int, *, called: bool = True) -> list[Call] | None:
        """Up to so many calls, of the chunk at hand or of the next one, committed as `sending`;
        None when there is nothing now. Empty when a chunk turned out to have nothing to send.
        Where they are not `called` at once, `record_called` must come before each call.
        """
        lease = next((h for h in self._leases.values() if not h.exhausted and not h.lost), None)
        if lease is None:
            if self._first_row is not None and self._leases:
                return None  # the one chunk is ours, and claimed to its end
            chunk = await self._run(self._lease)
            if chunk is None:
                return None
            lease = self._leases[chunk.first_row] = _Lease(chunk=chunk)
        calls = await self._run(partial(self._claim, lease, at_most, called))
        lease.open |= {(one.row, one.attempt) for call in calls for one in call.deliveries}
        lease.exhausted = not calls
        return calls

    async def record_called(self, calls: Sequence[Call]) -> None:
        """Commit that these claimed calls, the next ones in their order, may have been made."""
        by_chunk: dict[int, list[Call]] = {}
        for call in calls:
            by_chunk.setdefault(call.deliveries[0].chunk, []).append(call)
        for first_row, some in by_chunk.items():
            lease = self._leases.get(first_row)
            if lease is not None and not lease.lost:
                record = partial(self._store.ledger.record_called, lease.chunk, some)
                lease.lost = not await self._run(record)

    def _lease(self) -> Chunk | None:
        return self._store.ledger.lease(
            self._broadcast.number,
            self._owner,
            now=self._clock(),
            lease_seconds=self._lease_seconds,
            repeatable=self.repeatable,
            limit=self._broadcast.limit,
            first_row=self._first_row,
        )

    def _claim(self, lease: _Lease, at_most: int, called: bool) -> list[Call]:  # noqa: FBT001
        ledger = self._store.ledger
        if not lease.calls:
            rows = ledger.peek(lease.chunk, now=self._clock())
            lease.calls = bundle(rows, self._channel, self._broadcast.id)
        calls, lease.calls = lease.calls[:at_most], lease.calls[at_most:]
        if not calls:
            return []
        return ledger.claim(lease.chunk, calls, now=self._clock(), called=called)

    async def next_due_at(self) -> float | None:
        """When something may be leased; None when nothing ever will be, as things stand."""
        if self._first_row is not None:
            return None
        number, limit = self._broadcast.number, self._broadcast.limit
        return await self._run(partial(self._store.ledger.next_due_at, number, limit))

    def settle(self, settled: list[Settlement]) -> None:
        """To be committed at the next flush."""
        self._settled += settled

    async def flush(self) -> bool:
        """Commit what is settled and release chunks that are through; whether one was."""
        return await self._flush(giving_up=False)

    async def release_all(self) -> None:
        """Commit what is settled, and give every chunk up."""
        await self._flush(giving_up=True)

    async def _flush(self, *, giving_up: bool) -> bool:
        batch, self._settled = self._settled, []
        for one in batch:
            lease = self._leases.get(one.delivery.chunk)
            if lease is not None:
                lease.open.discard((one.delivery.row, one.delivery.attempt))
        through = [
            lease
            for lease in self._leases.values()
            if giving_up or lease.lost or (lease.exhausted and not lease.open)
        ]
        release = [lease.chunk for lease in through if not lease.lost]
        if batch or release:
            try:
                await self._run(partial(self._store.ledger.settle, batch, self._clock(), release))
            except BaseException:
                self._settled = batch + self._settled  # settling twice changes nothing
                raise
        for lease in through:
            self._leases.pop(lease.chunk.first_row, None)
        return bool(through)

    async def renew(self) -> None:
        """Keep the leases for longer, and see which have gone to others."""
        until = self._clock() + self._lease_seconds
        await self.renew_sender()
        ours = [lease.chunk.first_row for lease in self._leases.values() if not lease.lost]
        number, owner = self._broadcast.number, self._owner
        kept = await self._run(partial(self._store.ledger.renew, number, owner, ours, until))
        for first_row in ours:
            lease = self._leases.get(first_row)
            if lease is not None and first_row in kept:
                lease.chunk = replace(lease.chunk, lease_until=until)
            elif lease is not None:
                lease.lost = True

    async def renew_sender(self) -> None:
        """Say that this process sends the broadcast; of one chunk alone nobody needs to know."""
        if self._first_row is None:
            number, until = self._broadcast.number, self._clock() + self._lease_seconds
            renew = self._store.broadcasts.renew_sender
            await self._run(partial(renew, number, self._owner, until))

    async def clear_sender(self) -> None:
        """Say that it does no more."""
        if self._first_row is None:
            number = self._broadcast.number
            await self._run(partial(self._store.broadcasts.clear_sender, number, self._owner))

    async def set_back(self, seconds: float) -> None:
        """After the clock was set back by so much: let no row wait for it to come there again."""
        number, now = self._broadcast.number, self._clock()
        await self._run(partial(self._store.ledger.set_back, number, seconds, now))

    async def state_and_rate(self) -> tuple[BroadcastState, float | None]:
        """The broadcast's state and its own rate, which anybody may have changed."""
        number = self._broadcast.number
        return await self._run(partial(self._store.broadcasts.state_and_rate, number))

    async def counts(self) -> Mapping[DeliveryState, int]:
        """The rows by state."""
        return await self._run(partial(self._store.broadcasts.counts, self._broadcast.number))

    async def settle_broadcast(self) -> BroadcastState:
        """Done, or paused after the canary, if that is so; the state then."""
        number, now = self._broadcast.number, self._clock()
        return await self._run(partial(self._store.broadcasts.settle, number, now))

    async def pause(self, cause: StopCause, reason: str) -> BroadcastState:
        """Pause the broadcast, unless somebody else has moved it meanwhile; the state then."""
        return await self._run(partial(self._pause, cause, reason))

    def _pause(self, cause: StopCause, reason: str) -> BroadcastState:
        number, now = self._broadcast.number, self._clock()
        try:
            self._store.broadcasts.pause(number, cause, now, reason=reason)
        except NotNow:
            return self._store.broadcasts.state(self._broadcast.number)
        return BroadcastState.PAUSED

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._database, work)
