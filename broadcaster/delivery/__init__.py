"""Sending: claim, call, settle. What to do is decided in pure code; `Sender` does it."""

from broadcaster.delivery.owner import is_dead, new_owner
from broadcaster.delivery.pace import Pace, Paced
from broadcaster.delivery.sender import Sender
from broadcaster.delivery.telling import Sent, Told, Waits

__all__ = ["Pace", "Paced", "Sender", "Sent", "Told", "Waits", "is_dead", "new_owner"]
