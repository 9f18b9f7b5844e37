"""What a sender tells while it works. Progress lines and pages of the web are listeners."""

from collections.abc import Mapping
from dataclasses import dataclass

from broadcaster.model import BroadcastState, DeliveryState

__all__ = ["SendEvent", "SendProgress", "SendWaiting"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SendProgress:
    """How far it is. `rate` is accepted rows a second of late, `pace` the calls a second that it
    allows itself. `why` is the last answer that left a row to be repeated; empty once calls are
    accepted again.
    """

    state: BroadcastState
    counts: Mapping[DeliveryState, int]
    rate: float
    pace: float
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendWaiting:
    """Nothing may be sent for some time, and why."""

    seconds: float
    why: str


SendEvent = SendProgress | SendWaiting
