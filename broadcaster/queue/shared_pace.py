"""The pace of one channel as a worker sees it: its slots, reserved from what all workers share."""

import asyncio
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from broadcaster.delivery import Pace
from broadcaster.delivery.rate_control import Feedback
from broadcaster.queue.slots import (
    BATCH_SECONDS,
    Reservation,
    SlotRequest,
    as_json,
    from_json,
    reserve,
    slots_key,
)
from broadcaster.store import Store

__all__ = ["BothPaces", "SharedPace"]

_STALE_SECONDS = 0.5
_AHEAD_SECONDS = 0.001  # reserved at least, so that without a limit there is little asking
_TICK_SECONDS = 0.01  # so that slots are taken a few at a time


class SharedPace:
    """A `Pace`, for all senders of one worker. `limit` is in calls a second, None for none."""

    def __init__(
        self,
        store: Store,
        channel: str,
        limit: float | None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._key = slots_key(channel)
        self.limit = limit
        self._clock = clock
        self.rate = limit or 0.0
        self._slots, self._first_at, self._step = 0, 0.0, 0.0
        self._asking: asyncio.Task[None] | None = None
        self._asked_at = clock()
        self._used = 0
        self._answered = self._lost = 0
        self._slow_down = False
        self._after_seconds: float | None = None

    async def acquire(self, at_most: int) -> int:
        """See Pace. Raises StoreError when the store fails."""
        while True:
            granted = self._due(at_most)
            if granted:
                return granted
            if self._slots:
                await asyncio.sleep(max(self._first_at - self._clock(), _TICK_SECONDS))
                continue
            if self._asking is None or self._asking.done():
                self._asking = asyncio.create_task(self._ask(at_most))
            # what is reserved is for whoever asks next, where this one is stopped meanwhile
            await asyncio.shield(self._asking)

    def give_back(self, calls: int) -> None:
        """See Pace."""
        self._used -= calls
        self._slots += calls
        self._first_at -= calls * self._step

    def record_answer(self) -> None:
        """See Pace."""
        self._answered += 1

    def record_lost(self) -> None:
        """See Pace."""
        self._lost += 1

    def slow_down(self, after_seconds: float | None) -> None:
        """See Pace. What was reserved at the old rate is let go."""
        self._slow_down = True
        self._slots = 0
        if after_seconds is not None:
            self._after_seconds = max(self._after_seconds or 0.0, after_seconds)

    def _due(self, at_most: int) -> int:
        """As many slots as have come, without those that came too long ago."""
        if not self._slots:
            return 0
        now = self._clock()
        stale = int(max(now - _STALE_SECONDS - self._first_at, 0.0) / self._step)
        self._drop(min(stale, self._slots))
        come = int((now - self._first_at) / self._step) + 1 if now >= self._first_at else 0
        granted = min(at_most, self._slots, come)
        self._drop(granted)
        self._used += granted
        return granted

    def _drop(self, slots: int) -> None:
        self._slots -= slots
        self._first_at += slots * self._step

    async def _ask(self, at_most: int) -> None:
        """Reserve what will be used within a batch's time, judged by what was used of late."""
        now = self._clock()
        elapsed = max(now - self._asked_at, BATCH_SECONDS / 10)
        of_late = int(1.5 * self._used * BATCH_SECONDS / elapsed)
        ahead = int(self.rate * _AHEAD_SECONDS)
        request = SlotRequest(
            limit=self.limit, wanted=max(at_most, of_late, ahead), feedback=self._feedback()
        )
        self._used, self._asked_at = 0, now
        reserved = await asyncio.to_thread(
            self._store.paces.change, self._key, partial(_reserve, request)
        )
        self.rate = reserved.rate
        self._slots, self._step = reserved.slots, reserved.step_seconds
        self._first_at = self._clock() + reserved.in_seconds
        if not reserved.slots:
            await asyncio.sleep(min(reserved.in_seconds / 2, 1.0))

    def _feedback(self) -> Feedback:
        """What came back since the last time."""
        feedback = Feedback(
            answered=self._answered,
            lost=self._lost,
            slow_down=self._slow_down,
            after_seconds=self._after_seconds,
        )
        self._answered = self._lost = 0
        self._slow_down, self._after_seconds = False, None
        return feedback


def _reserve(
    request: SlotRequest, stored: Mapping[str, Any], now: float
) -> tuple[Mapping[str, Any], Reservation]:
    state, reservation = reserve(from_json(stored), request, now)
    return as_json(state), reservation


class BothPaces:
    """What two paces allow: a broadcast's own, and its channel's."""

    def __init__(self, own: Pace, channel: Pace) -> None:
        self._own = own
        self._channel = channel

    @property
    def rate(self) -> float:
        """The slower one's."""
        return min(self._own.rate, self._channel.rate)

    async def acquire(self, at_most: int) -> int:
        """See Pace."""
        allowed = await self._own.acquire(at_most)
        try:
            granted = await self._channel.acquire(allowed)
        except BaseException:
            self._own.give_back(allowed)
            raise
        self._own.give_back(allowed - granted)
        return granted

    def give_back(self, calls: int) -> None:
        """See Pace."""
        self._own.give_back(calls)
        self._channel.give_back(calls)

    def record_answer(self) -> None:
        """See Pace."""
        self._own.record_answer()
        self._channel.record_answer()

    def record_lost(self) -> None:
        """See Pace."""
        self._channel.record_lost()

    def slow_down(self, after_seconds: float | None) -> None:
        """See Pace."""
        self._channel.slow_down(after_seconds)
