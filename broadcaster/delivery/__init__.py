"""Sending: claim, call, settle. What to do is decided in pure code; `Sender` does it."""

from broadcaster.delivery.orphans import cancel, free_dead, looked_after, looked_after_all
from broadcaster.delivery.owner import is_dead, new_owner
from broadcaster.delivery.pace import Pace, Paced
from broadcaster.delivery.sender import Sender
from broadcaster.delivery.telling import Sent, Told, Waits

__all__ = [
    "Pace",
    "Paced",
    "Sender",
    "Sent",
    "Told",
    "Waits",
    "cancel",
    "free_dead",
    "is_dead",
    "looked_after",
    "looked_after_all",
    "new_owner",
]
