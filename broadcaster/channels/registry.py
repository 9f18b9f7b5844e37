"""Finds the kinds of channels by scanning `kinds/`, and makes the one that `--via` names."""

import difflib
import importlib
import math
import pkgutil
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import TextIO

from broadcaster.channels import kinds
from broadcaster.channels.base import Channel
from broadcaster.channels.kind import ChannelKind, ChannelSettings
from broadcaster.errors import WrongCommand

__all__ = [
    "absolute_spec",
    "channel_help",
    "channel_kinds",
    "configured_kinds",
    "kind_of",
    "open_channel",
]

_HELP_COLUMN = 27


@cache
def channel_kinds() -> Mapping[str, ChannelKind]:
    """Every kind by its name, in alphabetical order."""
    modules = [
        importlib.import_module(f"{kinds.__name__}.{module.name}")
        for module in pkgutil.iter_modules(kinds.__path__)
    ]
    found: list[ChannelKind] = [kind for module in modules for kind in module.KINDS]
    return {kind.name: kind for kind in sorted(found, key=lambda kind: kind.name)}


def channel_help() -> str:
    """The kinds of channels, for the end of a command's help."""
    lines = [f"  {kind.usage:{_HELP_COLUMN}}{kind.summary}" for kind in channel_kinds().values()]
    return "\n".join(["channels (--via):", *lines]) + "\n"


def configured_kinds(environ: Mapping[str, str]) -> list[str]:
    """The names of the kinds that the environment has the credentials for."""
    return [
        kind.name
        for kind in channel_kinds().values()
        if any(environ.get(name) for name in kind.configured_by)
    ]


def open_channel(
    spec: str,
    *,
    environ: Mapping[str, str],
    headers: Sequence[tuple[str, str]] = (),
    success: str = "",
    multicast: bool = False,
    timeout_seconds: float = 30.0,
    ca_bundle: str | None = None,
    output: TextIO | None = None,
    query_only: bool = False,
) -> Channel:
    """The channel that `spec` names, not yet open: nothing is read or sent before its `open()`.

    ChannelSettings says what the options mean. Raises WrongCommand, which never repeats the
    address, since it may hold a secret.
    """
    kind, address = _split(spec)
    settings = ChannelSettings(
        environ=environ,
        headers=headers,
        success=success,
        multicast=multicast,
        timeout_seconds=timeout_seconds,
        ca_bundle=ca_bundle,
        output=output,
        query_only=query_only,
    )
    if not (math.isfinite(settings.timeout_seconds) and settings.timeout_seconds > 0):
        raise WrongCommand("A request's timeout must be more than 0 seconds.")
    if settings.headers and not kind.takes_headers:
        takers = _names(one.usage for one in channel_kinds().values() if one.takes_headers)
        raise WrongCommand(f"Headers can be given with {takers}; {kind.name} takes none.")
    if settings.success and not kind.takes_headers:
        raise WrongCommand(f"--webhook-success works with webhook:URL; {kind.name} takes none.")
    if settings.multicast and not kind.takes_multicast:
        takers = _names(one.name for one in channel_kinds().values() if one.takes_multicast)
        raise WrongCommand(f"--multicast works with {takers} only; {kind.name} cannot do it.")
    return kind.make(address, settings)


def kind_of(spec: str) -> ChannelKind:
    """The kind that `spec` names. Raises WrongCommand."""
    return _split(spec)[0]


def absolute_spec(spec: str) -> str:
    """The same channel, named so that it can be opened again from any folder."""
    name, colon, address = spec.strip().partition(":")
    kind = channel_kinds().get(name)
    if kind is None or not address.strip():
        return spec
    return f"{name}{colon}{kind.absolute(address)}"


def _split(spec: str) -> tuple[ChannelKind, str]:
    """The channel's kind, and its address."""
    name, colon, address = spec.strip().partition(":")
    kind = channel_kinds().get(name)
    if kind is None:
        known = ", ".join(one.usage for one in channel_kinds().values())
        raise WrongCommand(f"Unknown channel.{_guess(name, address)} Channels: {known}.")
    if not kind.address and colon:
        raise WrongCommand(f"{name} takes no address: give --via {name}.")
    if kind.address and not address.strip():
        raise WrongCommand(f"{name} needs an address: give {kind.usage}.")
    return kind, address


def _guess(name: str, rest: str) -> str:
    """What may be meant; nothing that was typed is repeated, since it may hold a secret."""
    for kind in channel_kinds().values():
        if kind.hint(name, rest):
            return f" {kind.hint_words}, give {kind.usage}."
    near = difflib.get_close_matches(name.lower(), channel_kinds(), n=1)
    return f" Did you mean {channel_kinds()[near[0]].usage}?" if near else ""


def _names(names: Iterable[str]) -> str:
    return " or ".join(names)
