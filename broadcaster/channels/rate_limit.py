"""How fast a channel may be asked to be called: one rule for the command line and the window."""

import math

from broadcaster.channels.base import Channel
from broadcaster.errors import WrongCommand

__all__ = ["LEAST_RATE", "lower_rate", "require_rate", "require_sensible_rate"]

LEAST_RATE = 1 / 3600
"""Calls a second. A rate below one an hour is a wrong unit."""


def require_sensible_rate(rate: float) -> None:
    """Raises WrongCommand for calls a second that make no sense on any channel."""
    if not (math.isfinite(rate) and rate >= LEAST_RATE):
        raise WrongCommand("The rate (--rate) must be at least 1 call an hour (0.0003 a second).")


def require_rate(rate: float | None, channel: Channel) -> None:
    """Raises WrongCommand for calls a second that make no sense, or are above the limit."""
    if rate is None:
        return
    require_sensible_rate(rate)
    if channel.rate is not None and rate > channel.rate:
        raise WrongCommand(
            f"The channel takes at most {channel.rate:,.0f} calls a second (--rate)."
        )


def lower_rate(rate: float | None, limit: float | None) -> float | None:
    """The lower of two limits, of which each may be none."""
    given = [one for one in (rate, limit) if one is not None]
    return min(given, default=None)
