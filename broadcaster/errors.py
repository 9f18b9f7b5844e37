"""The errors about our own run, each one sentence for a person who then knows what to do.

    BroadcastError
    ├── WrongCommand      the command, a file or a setting was wrong; nothing was sent
    ├── NotNow            the broadcast is in no state for what was asked
    └── StoreError        the store cannot be used: full, locked, corrupt, newer, gone
        └── StoreUnreachable   its server is down, starting, or not to be reached from here

What is wrong with an endpoint is a finding, what a channel answers is an Answer; neither is one of
these.
"""

__all__ = ["BroadcastError", "NotNow", "StoreError", "StoreUnreachable", "WrongCommand"]


class BroadcastError(Exception):
    """Anything that keeps us from loading or sending. Never holds a secret."""


class WrongCommand(BroadcastError):  # noqa: N818  a sentence about what was typed
    """A wrong option, address, file or setting: nothing was sent."""


class NotNow(BroadcastError):  # noqa: N818  the broadcast is fine, the moment is not
    """The broadcast's state does not allow what was asked."""


class StoreError(BroadcastError):
    """The store cannot be read or written; what it held before is still there."""


class StoreUnreachable(StoreError):  # noqa: N818  a StoreError that ends by itself
    """The server of the store cannot be reached now; waiting may help."""
