"""The channel as a broadcast remembers it, and the way back to the channel."""

from dataclasses import dataclass

from broadcaster.channels.base import Channel
from broadcaster.errors import WrongCommand

__all__ = ["Via", "as_multicast", "kept_name", "split_name", "via_of"]

_MULTICAST = " as multicast"
_MASK = "•••"


@dataclass(frozen=True, slots=True, kw_only=True)
class Via:
    """What opens a channel: as `--via` names it, and whether rows of one text go together."""

    spec: str
    multicast: bool = False


def kept_name(channel: Channel) -> str:
    """What the store keeps: the masked name, and whether rows go together, since a repeat must be
    the same request.
    """
    return as_multicast(channel.name) if channel.group_limit > 1 else channel.name


def as_multicast(name: str) -> str:
    """The kept name of the same channel where rows of one text go together."""
    return name + _MULTICAST


def split_name(kept: str) -> tuple[str, bool]:
    """The masked name of the channel, and whether rows of one text go together."""
    name = kept.removesuffix(_MULTICAST)
    return name, name != kept


def via_of(kept: str) -> Via:
    """What opens the channel again. Raises WrongCommand where the name alone does not tell it."""
    name, multicast = split_name(kept)
    if not name:
        raise WrongCommand("Name the channel with --via, such as --via line.")
    if _MASK in name:
        raise WrongCommand(
            "The address of its channel holds what may be a secret, and is not stored whole; "
            "give it again with --via."
        )
    if name.startswith("line at "):
        name = "line"  # where that is, BROADCAST_LINE_BASE_URL says again
    return Via(spec=name, multicast=multicast)
