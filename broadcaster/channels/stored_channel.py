"""The channel as a broadcast stores it, and how the channel is opened again from that."""

from dataclasses import dataclass

from broadcaster.channels.base import Channel
from broadcaster.channels.registry import channel_kinds
from broadcaster.errors import WrongCommand

__all__ = [
    "ChannelSpec",
    "printable_spec",
    "spec_of",
    "split_stored_name",
    "stored_name",
    "with_multicast",
]

_MULTICAST = " as multicast"
_MASK = "•••"
_AT = " at "


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSpec:
    """What opens a channel: the text of `--via`, and whether rows of one text go together."""

    text: str
    multicast: bool = False


def stored_name(channel: Channel) -> str:
    """What the store holds: the masked name, and whether rows go together, since a repeated request
    must be the same as the first one.
    """
    return with_multicast(channel.name) if channel.group_limit > 1 else channel.name


def with_multicast(name: str) -> str:
    """The stored name of the same channel where rows with the same text go together."""
    return name + _MULTICAST


def split_stored_name(stored: str) -> tuple[str, bool]:
    """The masked name of the channel, and whether rows with the same text go together."""
    name = stored.removesuffix(_MULTICAST)
    return name, name != stored


def spec_of(stored: str) -> ChannelSpec:
    """What opens the channel again. Raises WrongCommand where the stored name is not enough."""
    name, multicast = split_stored_name(stored)
    if not name:
        raise WrongCommand("Name the channel with --via, such as --via line.")
    if _MASK in name:
        raise WrongCommand(
            "The address of this broadcast's channel may hold a secret, so it is not stored "
            "whole: give the channel again with --via."
        )
    # A kind without an address may be stored with the server that the environment named.
    kind = channel_kinds().get(name.partition(_AT)[0])
    if kind is not None and not kind.address:
        name = kind.name
    return ChannelSpec(text=name, multicast=multicast)


def printable_spec(channel: Channel) -> str | None:
    """What to type after `--via` for this channel; None where that must not be printed whole."""
    return None if _MASK in channel.name else spec_of(channel.name).text
