"""A token bucket: how a rate a second is held. No I/O."""

__all__ = ["Bucket"]


class Bucket:
    """Lets `rate` requests a second pass, a second's worth of them at once; 0 lets all pass."""

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self._room = max(rate, 1.0)
        self._at: float | None = None

    def allow(self, at: float) -> bool:
        """Whether one more request may pass at this time."""
        if not self.rate:
            return True
        if self._at is not None:
            self._room = min(max(self.rate, 1.0), self._room + max(at - self._at, 0.0) * self.rate)
        self._at = at
        if self._room < 1:
            return False
        self._room -= 1
        return True
