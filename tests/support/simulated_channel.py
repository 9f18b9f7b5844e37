"""A channel in simulated time: it loses answers as networks do, or as an overloaded server does."""

import random
from dataclasses import dataclass, field


@dataclass
class SimulatedChannel:
    """Loses a `share` of the answers whatever the rate, and all above `capacity` calls a second."""

    share: float = 0.0
    capacity: float = float("inf")
    accepted: int = 0
    calls: int = 0
    dice: random.Random = field(default_factory=lambda: random.Random(7))
    room: float = 1.0
    at: float = 0.0

    def takes(self, now: float) -> bool:
        """Make a call at a moment; whether it is answered."""
        self.calls += 1
        if self.capacity < float("inf"):
            burst = max(self.capacity * 0.1, 1.0)
            self.room = min(self.room + (now - self.at) * self.capacity, burst)
        self.at = now
        if self.dice.random() < self.share or self.room < 1.0:
            return False
        if self.capacity < float("inf"):
            self.room -= 1.0
        self.accepted += 1
        return True
