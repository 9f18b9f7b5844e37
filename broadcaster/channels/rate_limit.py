"""How fast a channel may be asked to be called: one rule for the command line and the window."""

import math

from broadcaster.channels.base import Channel
from broadcaster.errors import WrongCommand

__all__ = ["require_rate"]


def require_rate(rate: float | None, channel: Channel) -> None:
    """Raises WrongCommand for calls a second that make no sense, or are above the limit."""
    if rate is None:
        return
    if not (math.isfinite(rate) and rate > 0):
        raise WrongCommand("The rate (--rate) must be more than 0 calls a second.")
    if channel.rate is not None and rate > channel.rate:
        raise WrongCommand(
            f"The channel takes at most {channel.rate:,.0f} calls a second (--rate)."
        )
