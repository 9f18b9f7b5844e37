"""Fair among broadcasts: none waits for one that only waits for its own pace.

First as a law, over a real store and in simulated time: some slots take chunks as the engine orders
them, for a slice each. Then with real workers.
"""

import heapq
import itertools
import time

import pytest
import sqlalchemy as sa
from queue_kit import Line, Workers, hand_over, wait_until
from store_kit import loaded, rows_of

from broadcaster.model import BroadcastState, DeliveryState
from broadcaster.store import Store
from broadcaster.store.dispatch import ReadyChunk

SLICE_SECONDS = 0.5
LEASE_SECONDS = 15.0


class Slots:
    """Workers' slots in simulated time. `rates` are what each broadcast may send a second."""

    def __init__(self, store: Store, count: int) -> None:
        self.store = store
        self.now = 1_000.0
        self.free_at = [self.now] * count
        self.rates: dict[int, float] = {}
        self.ended_at: dict[int, float] = {}
        self._jobs: list[tuple[int, int, ReadyChunk]] = []
        self._numbers = itertools.count()

    def dispatch(self, _connection: sa.Connection, ready: list[ReadyChunk]) -> int:
        """In the engine's place: by priority, and the first come first."""
        for one in ready:
            heapq.heappush(self._jobs, (-one.priority, next(self._numbers), one))
        return len(ready)

    def start(self, rows: int, rate: float, queue: str = "q") -> int:
        """A broadcast of so many rows, handed to the workers now."""
        number = loaded(self.store, rows_of(rows)).number
        self.rates[number] = rate
        self.store.chunk_queue.start(
            number,
            self.dispatch,
            queue=queue,
            look_seconds=LEASE_SECONDS,
            now=self.now,
            via="console",
        )
        return number

    def run(self, seconds: float) -> None:
        """Let time pass: whichever slot is free takes the job that is first."""
        end = self.now + seconds
        while (free := min(self.free_at)) < end:
            self.now = max(self.now, free)
            slot = self.free_at.index(free)
            if not self._jobs:
                self.free_at[slot] = self.now + 0.05
                continue
            _, _, chunk = heapq.heappop(self._jobs)
            self.free_at[slot] = self.now + self._work(chunk)
        self.now = end

    def _work(self, chunk: ReadyChunk) -> float:
        """Send for a slice, or until the chunk is through; gives how long it took."""
        # each broadcast's rate is shared by all slots, so that of one is a part of it
        rate = self.rates[chunk.broadcast] / len(self.free_at)
        rows = "SELECT ready FROM chunks WHERE broadcast = :number AND first_row = :first"
        move = (
            "UPDATE chunks SET ready = ready - :sent, accepted = accepted + :sent "
            "WHERE broadcast = :number AND first_row = :first"
        )
        which = {"number": chunk.broadcast, "first": chunk.first_row}
        with self.store.writing() as connection:
            ready = connection.execute(sa.text(rows), which).scalar_one()
            sent = min(ready, max(int(rate * SLICE_SECONDS), 1))
            connection.execute(sa.text(move), {**which, "sent": sent})
        took = min(SLICE_SECONDS, sent / rate)
        self.store.chunk_queue.ended(
            chunk.broadcast,
            chunk.first_row,
            self.dispatch,
            look_seconds=LEASE_SECONDS,
            now=self.now + took,
        )
        if self.store.broadcasts.state(chunk.broadcast) is BroadcastState.DONE:
            self.ended_at.setdefault(chunk.broadcast, self.now + took)
        return took


def test_a_small_broadcast_does_not_wait_for_a_slow_one(store: Store) -> None:
    slots = Slots(store, 12)
    slots.start(10_000, 12.0)
    slots.run(20.0)
    began = slots.now
    small = slots.start(50, 1_000.0)
    slots.run(10.0)
    assert slots.ended_at[small] - began <= 5.0


def test_a_small_broadcast_does_not_wait_for_a_large_one(store: Store) -> None:
    slots = Slots(store, 4)
    slots.start(40_000, 2_000.0)
    slots.run(5.0)
    began = slots.now
    small = slots.start(500, 2_000.0)
    slots.run(10.0)
    assert slots.ended_at[small] - began <= 5.0


def test_ten_broadcasts_on_three_channels_go_on_side_by_side(store: Store) -> None:
    slots = Slots(store, 4)
    numbers = [slots.start(2_000, 200.0, queue=f"q{n % 3}") for n in range(10)]
    slots.run(30.0)
    sent = [store.broadcasts.counts(n)[DeliveryState.ACCEPTED] for n in numbers]
    assert min(sent) >= 0.5 * max(sent)


@pytest.mark.timeout(120)
def test_real_workers_send_a_small_broadcast_beside_a_slow_one(
    store: Store, line: Line, workers: Workers
) -> None:
    slow, small = loaded(store, rows_of(5_000)), loaded(store, rows_of(50, first=9_000))
    workers.start(1)
    workers.wait_until_working()
    hand_over(store, slow.number, line, rate=12.0)
    wait_until(lambda: store.broadcasts.counts(slow.number)[DeliveryState.ACCEPTED] > 10)
    began = time.monotonic()
    hand_over(store, small.number, line)
    wait_until(lambda: store.broadcasts.state(small.number) is BroadcastState.DONE)
    assert time.monotonic() - began < 10.0, "5 s on a machine that does nothing else"
    assert store.broadcasts.counts(slow.number)[DeliveryState.ACCEPTED] < 1_000
