"""Who holds a lease: a name that tells the machine and the process, and whether it lives."""

import os
import secrets
import socket
from pathlib import Path

__all__ = ["is_dead", "new_owner", "process_name"]


def process_name() -> str:
    """The name of this process among those that share the store; owners begin with it."""
    return f"{socket.gethostname()}:{os.getpid()}"


def new_owner() -> str:
    """A name that no other sender has, now or later."""
    return f"{process_name()}:{secrets.token_hex(4)}"


def is_dead(owner: str) -> bool:
    """Whether the process surely lives no more. Of another machine's nobody here can tell."""
    parts = owner.rsplit(":", 2)
    if len(parts) != 3 or parts[0] != socket.gethostname() or not parts[1].isdigit():
        return False
    try:
        os.kill(int(parts[1]), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return _has_ended(parts[1])


def _has_ended(pid: str) -> bool:
    """Whether only its parent has not yet taken note of its end, where the system tells."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2]
    except OSError:
        return False
    return state.split()[:1] in (["Z"], ["X"])
