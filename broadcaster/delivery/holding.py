"""The chunks that a sender holds: leased, claimed from, renewed, settled and released.

All that a sender does to the store is here, one thing at a time in a thread of its own, so that
the calls go on meanwhile.
"""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

from broadcaster.channels.base import Channel
from broadcaster.delivery.decisions import bundle
from broadcaster.errors import NotNow
from broadcaster.model import Broadcast, BroadcastState, Call, Chunk, DeliveryState, Settled
from broadcaster.store import Store

__all__ = ["CHUNK_ROWS", "Holding"]

CHUNK_ROWS = 500

T = TypeVar("T")


@dataclass(slots=True)
class _Held:
    """A chunk that is ours. `open` are claimed rows, by row and attempt, that are not settled."""

    chunk: Chunk
    open: set[tuple[int, int]] = field(default_factory=set)
    exhausted: bool = False
    lost: bool = False


class Holding:
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
        self._held: dict[int, _Held] = {}
        self._settled: list[Settled] = []
        self._database = ThreadPoolExecutor(1, thread_name_prefix="ledger")

    def close(self) -> None:
        """Wait for what is under way in the store."""
        self._database.shutdown(wait=True)

    @property
    def busy(self) -> bool:
        """Whether a chunk is ours, so that something more will come of it."""
        return bool(self._held)

    def may_call(self, call: Call) -> bool:
        """Whether the lease under which the call was claimed still stands."""
        held = self._held.get(call.deliveries[0].chunk)
        if held is None or held.lost:
            return False
        # another sender may hold it by now, and settles what we claimed
        held.lost = self._clock() >= held.chunk.lease_until
        return not held.lost

    async def claim(self, at_most: int) -> list[Call] | None:
        """More calls, of the chunk at hand or of the next one; None when there is nothing now.

        Empty when a chunk turned out to have nothing to send.
        """
        held = next((h for h in self._held.values() if not h.exhausted and not h.lost), None)
        if held is None and self._first_row is not None and self._held:
            return None  # the one chunk is ours, and claimed to its end
        if held is None:
            held = await self._lease()
            if held is None:
                return None
        calls = await self._run(partial(self._claim, held.chunk, at_most))
        held.open |= {(one.row, one.attempt) for call in calls for one in call.deliveries}
        held.exhausted = at_most >= CHUNK_ROWS or not calls
        return calls

    def _claim(self, chunk: Chunk, at_most: int) -> list[Call]:
        name, channel = self._broadcast.id, self._channel
        return self._store.ledger.claim(
            chunk,
            lambda deliveries: bundle(deliveries, channel, name),
            now=self._clock(),
            at_most=at_most,
        )

    async def _lease(self) -> _Held | None:
        chunk = await self._run(
            partial(
                self._store.ledger.lease,
                self._broadcast.number,
                self._owner,
                now=self._clock(),
                lease_seconds=self._lease_seconds,
                repeatable=self.repeatable,
                limit=self._broadcast.limit,
                first_row=self._first_row,
            )
        )
        if chunk is None:
            return None
        self._held[chunk.first_row] = held = _Held(chunk=chunk)
        return held

    async def next_due_at(self) -> float | None:
        """When something may be leased; None when nothing ever will be, as things stand."""
        if self._first_row is not None:
            return None
        number, limit = self._broadcast.number, self._broadcast.limit
        return await self._run(partial(self._store.ledger.next_due_at, number, limit))

    def settle(self, settled: list[Settled]) -> None:
        """To be committed at the next flush."""
        self._settled += settled

    async def flush(self) -> bool:
        """Commit what is settled and release chunks that are through; whether one was."""
        if self._settled:
            batch, self._settled = self._settled, []
            try:
                await self._run(partial(self._store.ledger.settle, batch, self._clock()))
            except BaseException:
                self._settled = batch + self._settled  # settling twice changes nothing
                raise
            for one in batch:
                held = self._held.get(one.delivery.chunk)
                if held is not None:
                    held.open.discard((one.delivery.row, one.delivery.attempt))
        through = [h for h in self._held.values() if h.lost or (h.exhausted and not h.open)]
        for held in through:
            self._held.pop(held.chunk.first_row, None)
            if not held.lost:
                await self._run(partial(self._store.ledger.release, held.chunk))
        return bool(through)

    async def release_all(self) -> None:
        """Give every chunk up."""
        await self.flush()
        held_before, self._held = list(self._held.values()), {}
        for held in held_before:
            await self._run(partial(self._store.ledger.release, held.chunk))

    async def renew(self) -> None:
        """Keep the leases for longer, and see which have gone to others."""
        until = self._clock() + self._lease_seconds
        ours = [held.chunk.first_row for held in self._held.values() if not held.lost]
        number, owner = self._broadcast.number, self._owner
        kept = await self._run(partial(self._store.ledger.renew, number, owner, ours, until))
        for first_row in ours:
            held = self._held.get(first_row)
            if held is not None and first_row in kept:
                held.chunk = replace(held.chunk, lease_until=until)
            elif held is not None:
                held.lost = True

    async def state(self) -> BroadcastState:
        """The broadcast's state, which anybody may have changed."""
        return await self._run(partial(self._store.broadcasts.state, self._broadcast.number))

    async def counts(self) -> Mapping[DeliveryState, int]:
        """The rows by state."""
        return await self._run(partial(self._store.broadcasts.counts, self._broadcast.number))

    async def settle_broadcast(self) -> BroadcastState:
        """Done, or paused after the canary, if that is so; the state then."""
        number, now = self._broadcast.number, self._clock()
        return await self._run(partial(self._store.broadcasts.settle, number, now))

    async def pause(self, reason: str) -> BroadcastState:
        """Pause the broadcast, unless somebody else has moved it meanwhile; the state then."""
        return await self._run(partial(self._pause, reason))

    def _pause(self, reason: str) -> BroadcastState:
        try:
            self._store.broadcasts.pause(self._broadcast.number, reason, self._clock())
        except NotNow:
            return self._store.broadcasts.state(self._broadcast.number)
        return BroadcastState.PAUSED

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._database, work)
