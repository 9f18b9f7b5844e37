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
    CHUNK_ROWS,
    Broadcast,
    BroadcastState,
    Call,
    Chunk,
    Delivery,
    DeliveryState,
    Settlement,
    StopCause,
)
from broadcaster.store import Store

__all__ = ["ChunkLeases"]

T = TypeVar("T")


@dataclass(slots=True)
class _Held:
    """A chunk that is ours. `open` are claimed rows, by row and attempt, that are not settled."""

    chunk: Chunk
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
        self._held: dict[int, _Held] = {}
        self._settled: list[Settlement] = []
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
        if held is None and self._first_row is not None:
            if self._held:
                return None  # the one chunk is ours, and claimed to its end
            taken = await self._run(partial(self._take, self._first_row, at_most))
            if taken is None:
                return None
            chunk, calls = taken
            self._held[chunk.first_row] = held = _Held(chunk=chunk)
        else:
            held = held or await self._lease()
            if held is None:
                return None
            calls = await self._run(partial(self._claim, held.chunk, at_most))
        held.open |= {(one.row, one.attempt) for call in calls for one in call.deliveries}
        held.exhausted = at_most >= CHUNK_ROWS or not calls
        return calls

    def _claim(self, chunk: Chunk, at_most: int) -> list[Call]:
        now = self._clock()
        return self._store.ledger.claim(chunk, self._bundle, now=now, at_most=at_most)

    def _take(self, first_row: int, at_most: int) -> tuple[Chunk, list[Call]] | None:
        return self._store.ledger.take(
            self._broadcast.number, first_row, self._owner, self._bundle, now=self._clock(),
            lease_seconds=self._lease_seconds, repeatable=self.repeatable, at_most=at_most,
        )  # fmt: skip

    def _bundle(self, deliveries: Sequence[Delivery]) -> list[Call]:
        return bundle(deliveries, self._channel, self._broadcast.id)

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
            held = self._held.get(one.delivery.chunk)
            if held is not None:
                held.open.discard((one.delivery.row, one.delivery.attempt))
        through = [
            held for held in self._held.values()
            if giving_up or held.lost or (held.exhausted and not held.open)
        ]  # fmt: skip
        release = [held.chunk for held in through if not held.lost]
        if batch or release:
            try:
                await self._run(partial(self._store.ledger.settle, batch, self._clock(), release))
            except BaseException:
                self._settled = batch + self._settled  # settling twice changes nothing
                raise
        for held in through:
            self._held.pop(held.chunk.first_row, None)
        return bool(through)

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
