"""When one process calls: a token bucket that is filled at the rate of `rate_control`.

What a stall of the process cost is made up for, by a quarter faster for a moment, so that a second
that was cut short does not lower the rate for good. In no second there are more calls than the
limit and its burst.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from broadcaster.delivery.rate_control import (
    UNLIMITED_RATE,
    Feedback,
    first_state,
    raised_limit,
    updated,
)

__all__ = ["Pace", "ProcessPace"]

_BURST_SECONDS = 0.05
_OWED_SECONDS = 0.25  # what is made up for of a stall, at most
_FASTER_SHARE = 0.25  # by so much faster
_WINDOW_SECONDS = 1.0  # in which the limit and its burst hold, whatever is made up for
_LONGEST_SLEEP_SECONDS = 0.5
_FEEDBACK_SECONDS = 0.05  # so that not each answer is looked at alone


class Pace(Protocol):
    """Says when calls may be made. One process has its own, many workers share one."""

    @property
    def rate(self) -> float:
        """The calls a second that it allows at the moment."""
        ...

    async def acquire(self, at_most: int) -> int:
        """Wait until at least one call may be made; gives how many may be made now."""
        ...

    def give_back(self, calls: int) -> None:
        """Return calls that were acquired and not made."""
        ...

    def record_answer(self) -> None:
        """Note a call that was answered, whatever the answer says of its rows."""
        ...

    def record_lost(self) -> None:
        """Note a call that failed or whose outcome is not known."""
        ...

    def slow_down(self, after_seconds: float | None) -> None:
        """Note that the channel asked for fewer calls, and for how long to wait, if it said so."""
        ...


class ProcessPace:
    """The pace of one process. `limit` is in calls a second, None for none."""

    def __init__(
        self,
        limit: float | None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], "asyncio.Future[None]"] | None = None,
    ) -> None:
        self._given_limit = limit
        self._limit = UNLIMITED_RATE if limit is None else limit
        self._clock = clock
        self._sleep = sleep or asyncio.sleep
        now = clock()
        self._state = first_state(limit, now)
        self._answered = self._lost = 0
        self._updated_at = now
        self._tokens = 1.0
        self._owed = 0.0
        self._granted: deque[tuple[float, int]] = deque()  # within the window, and their sum
        self._in_window = 0
        self._filled_at = now

    @property
    def rate(self) -> float:
        """See Pace."""
        return self._state.rate

    def set_limit(self, limit: float | None) -> None:
        """From now on: a lower limit holds at once, to a higher one the rate rises."""
        if limit == self._given_limit:
            return
        before, now = self._limit, self._clock()
        self._given_limit = limit
        self._limit = UNLIMITED_RATE if limit is None else limit
        self._update(Feedback(), now)
        if self._limit > before:
            self._state = raised_limit(self._state, limit, now)

    async def acquire(self, at_most: int) -> int:
        """See Pace."""
        while True:
            now = self._clock()
            self._heed_feedback(now)
            self._fill(now)
            free = self._free_in_window(now)
            if self._tokens >= 1.0 and free >= 1 and now >= self._state.not_before:
                granted = min(at_most, int(self._tokens), free)
                self._tokens -= granted
                self._granted.append((now, granted))
                self._in_window += granted
                return granted
            missing = max((1.0 - self._tokens) / self.rate, self._state.not_before - now)
            if free < 1:
                missing = max(missing, self._granted[0][0] + _WINDOW_SECONDS - now)
            # not for long at a time: the limit may change meanwhile
            await self._sleep(min(max(missing, 0.001), _LONGEST_SLEEP_SECONDS))

    def give_back(self, calls: int) -> None:
        """See Pace."""
        self._put(calls)
        while calls and self._granted:
            at, granted = self._granted.pop()
            back = min(calls, granted)
            if granted > back:
                self._granted.append((at, granted - back))
            self._in_window -= back
            calls -= back

    def record_answer(self) -> None:
        """See Pace."""
        self._answered += 1

    def record_lost(self) -> None:
        """See Pace."""
        self._lost += 1

    def slow_down(self, after_seconds: float | None) -> None:
        """See Pace."""
        self._update(Feedback(slow_down=True, after_seconds=after_seconds), self._clock())

    def _heed_feedback(self, now: float) -> None:
        if (self._answered or self._lost) and now - self._updated_at >= _FEEDBACK_SECONDS:
            self._update(Feedback(answered=self._answered, lost=self._lost), now)
            self._answered = self._lost = 0

    def _update(self, feedback: Feedback, now: float) -> None:
        self._fill(now)
        before = self.rate
        self._state = updated(self._state, self._given_limit, feedback, now)
        self._updated_at = now
        if self.rate < before:
            self._tokens, self._owed = min(self._tokens, 1.0), 0.0

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
