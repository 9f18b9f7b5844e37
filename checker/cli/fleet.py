"""`broadcast-check --all --queue`: hands the endpoints to whatever checks fleets of them.

The checker does not know what that is; it is found by an entry point, so that the checker needs
neither a database nor workers.
"""

from collections.abc import Mapping
from importlib.metadata import entry_points

from checker.core.config import Config
from checker.core.errors import UsageError

__all__ = ["hand_over"]

_GROUP = "broadcast_check.fleet"


def hand_over(configs: Mapping[str, Config]) -> int:
    """The exit status of what took them. Raises UsageError when nothing does."""
    found = entry_points(group=_GROUP)
    if not found:
        raise UsageError(
            "--queue needs the command broadcast, which is not installed. "
            "Leave --queue out to check here."
        )
    status: int = next(iter(found)).load()(configs)
    return status
