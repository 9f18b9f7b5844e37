"""Notices that the machine's clock was set back, by the clock that never is."""

import time
from collections.abc import Callable

__all__ = ["ClockWatch"]

_LEAST_SECONDS = 5.0


class ClockWatch:
    """To be asked often, since each question compares with the one before."""

    def __init__(
        self, clock: Callable[[], float], steady: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._steady = steady
        self._at, self._steady_at = clock(), steady()

    def set_back_seconds(self) -> float:
        """By how much it was set back since the last question; 0 for less than five seconds."""
        at, steady_at = self._clock(), self._steady()
        back = self._at + (steady_at - self._steady_at) - at
        self._at, self._steady_at = at, steady_at
        return back if back >= _LEAST_SECONDS else 0.0
