"""Sending: claim, call, settle. What to do is decided in pure code; `BroadcastSender` does it."""

from broadcaster.delivery.events import SendEvent, SendProgress, SendWaiting
from broadcaster.delivery.orphans import cancel, free_dead, settle_all_orphans, settle_orphans
from broadcaster.delivery.owner import is_dead, new_owner
from broadcaster.delivery.pace import Pace, ProcessPace
from broadcaster.delivery.sender import BroadcastSender

__all__ = [
    "BroadcastSender",
    "Pace",
    "ProcessPace",
    "SendEvent",
    "SendProgress",
    "SendWaiting",
    "cancel",
    "free_dead",
    "is_dead",
    "new_owner",
    "settle_all_orphans",
    "settle_orphans",
]
