"""How fast to call: a token bucket that starts gently and gives way when the channel asks.

Additive increase, multiplicative decrease, as TCP finds the rate of a path (RFC 5681): a second
without complaint adds a tenth of the limit (but no more than what there is). A complaint among
good answers takes three tenths of what was really sent, so that a channel that fails now and then
keeps a fair share of its rate; one that follows another with nothing good between takes three
quarters, so that a channel that is down is soon left alone.

What a stall of the process cost is made up for, by a quarter faster for a moment, so that a second
now and then that was cut short does not lower the rate for good. In no second there are more calls
than the limit and its burst.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

__all__ = ["Pace", "Paced"]

_BURST_SECONDS = 0.05
_OWED_SECONDS = 0.25  # what is made up for of a stall, at most
_FASTER_SHARE = 0.25  # by so much faster
_WINDOW_SECONDS = 1.0  # in which the limit and its burst hold, whatever is made up for
_START_SHARE = 0.1
_STEP_SHARE = 0.1
_LEAST_RATE = 0.2
_UNLIMITED_RATE = 20_000.0
_COMPLAINT_SECONDS = 0.5
_KEPT_AMONG_GOOD_ANSWERS = 0.7
_KEPT_OTHERWISE = 0.25
_FIRST_GUESS = 50.0


class Pace(Protocol):
    """Says when calls may be made. One process has its own, many workers share one."""

    @property
    def rate(self) -> float:
        """The calls a second that it allows at the moment."""
        ...

    async def take(self, at_most: int) -> int:
        """Wait for at least one call's turn; gives how many may be made now."""
        ...

    def give_back(self, calls: int) -> None:
        """Turns that were not used."""
        ...

    def went_well(self) -> None:
        """The channel took a call without complaint."""
        ...

    def slow_down(self, after_seconds: float | None) -> None:
        """The channel complained, and may have said how long to wait."""
        ...


class Paced:
    """The pace of one process. `limit` is in calls a second, None for none."""

    def __init__(
        self,
        limit: float | None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], "asyncio.Future[None]"] | None = None,
    ) -> None:
        self._limit = _UNLIMITED_RATE if limit is None else limit
        self._clock = clock
        self._sleep = sleep or asyncio.sleep
        self.rate = self._limit if limit is None else max(_LEAST_RATE, self._limit * _START_SHARE)
        now = clock()
        self._tokens = 1.0
        self._owed = 0.0
        self._granted: deque[tuple[float, int]] = deque()  # within the window, and their sum
        self._in_window = 0
        self._filled_at = self._raised_at = now
        self._complained_at = float("-inf")
        self._went_well = True
        self._not_before = now
        self._counted_from, self._counted, self._recent = now, 0, self.rate

    async def take(self, at_most: int) -> int:
        """See Pace."""
        while True:
            now = self._clock()
            self._fill(now)
            free = self._free_in_window(now)
            if self._tokens >= 1.0 and free >= 1 and now >= self._not_before:
                granted = min(at_most, int(self._tokens), free)
                self._tokens -= granted
                self._granted.append((now, granted))
                self._in_window += granted
                self._count(granted, now)
                return granted
            missing = max((1.0 - self._tokens) / self.rate, self._not_before - now)
            if free < 1:
                missing = max(missing, self._granted[0][0] + _WINDOW_SECONDS - now)
            await self._sleep(max(missing, 0.001))

    def give_back(self, calls: int) -> None:
        """See Pace."""
        self._put(calls)
        self._counted -= calls
        while calls and self._granted:
            at, granted = self._granted.pop()
            back = min(calls, granted)
            if granted > back:
                self._granted.append((at, granted - back))
            self._in_window -= back
            calls -= back

    def went_well(self) -> None:
        """See Pace."""
        now = self._clock()
        self._went_well = True
        elapsed = now - self._raised_at
        if self.rate < self._limit and elapsed > 0:
            gain = min(self._limit * _STEP_SHARE, self.rate) * min(elapsed, 1.0)
            self._fill(now)
            self.rate = min(self._limit, self.rate + gain)
        self._raised_at = now

    def slow_down(self, after_seconds: float | None) -> None:
        """See Pace. What comes together is one complaint: all of it was sent at the old rate."""
        now = self._clock()
        if after_seconds is not None:
            self._not_before = max(self._not_before, now + after_seconds)
        if now - self._complained_at >= _COMPLAINT_SECONDS:
            self._fill(now)
            self._complained_at = self._raised_at = now
            kept = _KEPT_AMONG_GOOD_ANSWERS if self._went_well else _KEPT_OTHERWISE
            self._went_well = False
            # without a limit the rate is far above what is really sent, and only that can be less
            before = max(self._recent, _FIRST_GUESS) if self.rate >= _UNLIMITED_RATE else self.rate
            self.rate = max(_LEAST_RATE, before * kept)
            self._tokens, self._owed = min(self._tokens, 1.0), 0.0

    def _count(self, calls: int, now: float) -> None:
        """What is really sent a second, which without a limit is far below the rate."""
        self._counted += calls
        elapsed = now - self._counted_from
        if elapsed >= 1.0:
            self._recent = self._counted / elapsed
            self._counted_from, self._counted = now, 0

    def _fill(self, now: float) -> None:
        come = (now - self._filled_at) * self.rate
        made_up = min(self._owed, come * _FASTER_SHARE)
        self._owed -= made_up
        self._filled_at = now
        self._put(come + made_up)

    def _put(self, tokens: float) -> None:
        """What there is no room for is owed, up to a quarter of a second's."""
        room = max(1.0, self.rate * _BURST_SECONDS)
        filled = self._tokens + tokens
        # exactly the room, where it is full: less what is over, it could stay a rounding below 1
        self._tokens = min(filled, room)
        self._owed = min(self._owed + max(filled - room, 0.0), self.rate * _OWED_SECONDS)

    def _free_in_window(self, now: float) -> int:
        while self._granted and self._granted[0][0] <= now - _WINDOW_SECONDS:
            self._in_window -= self._granted.popleft()[1]
        most = self._limit * _WINDOW_SECONDS + max(1.0, self._limit * _BURST_SECONDS)
        return int(most) - self._in_window
