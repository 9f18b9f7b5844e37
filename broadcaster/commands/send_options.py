"""What a command says about how to send."""

import argparse
import asyncio
import math
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from broadcaster.channels import open_channel
from broadcaster.channels.base import Channel, Quota
from broadcaster.channels.rate_limit import require_rate
from broadcaster.channels.registry import absolute_spec
from broadcaster.channels.stored_channel import ChannelSpec, spec_of
from broadcaster.commands.webhook_options import webhook_headers_of
from broadcaster.errors import WrongCommand
from broadcaster.model import Broadcast

__all__ = [
    "ChannelOptions",
    "SendOptions",
    "add_pace_arguments",
    "add_queue",
    "add_quiet",
    "add_start_options",
    "add_via",
    "channel_options_of",
    "send_options_of",
]

_TIMEOUT_SECONDS = 30.0

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelOptions:
    """A channel that is named but not open yet."""

    via: ChannelSpec
    timeout_seconds: float = _TIMEOUT_SECONDS
    ca_bundle: str | None = None
    headers: Sequence[tuple[str, str]] = field(default=(), repr=False)
    success: str = ""

    def make(self, *, query_only: bool = False) -> Channel:
        """A channel, not yet open. Raises WrongCommand."""
        return open_channel(
            self.via.text,
            environ=os.environ,
            multicast=self.via.multicast,
            timeout_seconds=self.timeout_seconds,
            ca_bundle=self.ca_bundle,
            headers=self.headers,
            success=self.success,
            query_only=query_only,
        )

    def ask(self, question: Callable[[Channel], Awaitable[T]]) -> T:
        """What the open channel answers. Raises WrongCommand when it cannot be opened."""

        async def asked() -> T:
            channel = self.make(query_only=True)
            await channel.open()
            try:
                return await question(channel)
            finally:
                await channel.close()

        return asyncio.run(asked())

    def quota(self) -> Quota | None:
        """What is left of the channel's quota. Raises WrongCommand when it cannot be opened."""
        return self.ask(lambda channel: channel.quota())


@dataclass(frozen=True, slots=True, kw_only=True)
class SendOptions:
    """How a broadcast is to be sent. `first` is the size of a canary; with `queue` workers send."""

    channel: ChannelOptions
    yes: bool = False
    accepted_warnings: tuple[str, ...] = ()
    again: bool = False
    dry_run: bool = False
    first: int | None = None
    rate: float | None = None
    at_least_once: bool = False
    over_quota: bool = False
    json: bool = False
    queue: bool = False
    quiet: bool = False


def add_via(parser: argparse.ArgumentParser, *, explained: str, required: bool = False) -> None:
    """Adds what chooses the channel."""
    parser.add_argument("--via", metavar="CHANNEL", required=required, help=explained)
    parser.add_argument(
        "--multicast", action="store_true", help="line: send rows with the same text in one request"
    )


def add_start_options(parser: argparse.ArgumentParser) -> None:
    """Adds what only the beginning of a broadcast has: the canary, the dry run, what to accept."""
    parser.add_argument(
        "--first", type=int, metavar="N", help="send only the first N rows, and pause"
    )
    parser.add_argument("--dry-run", action="store_true", help="prepare every request, send none")
    parser.add_argument(
        "--accept-warnings",
        metavar="IDS",
        default="",
        help="with --yes: send in spite of these warnings of the check, such as PAGE010",
    )
    parser.add_argument(
        "--again",
        action="store_true",
        help="send also to people who got the same message in the last 7 days",
    )


def add_queue(parser: argparse.ArgumentParser) -> None:
    """Adds who sends it: this process, or workers."""
    parser.add_argument(
        "--queue",
        action="store_true",
        help="let workers send it (see broadcast worker); needs a store on PostgreSQL",
    )


def add_pace_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds how to send."""
    group = parser.add_argument_group("sending")
    group.add_argument("--yes", action="store_true", help="do not ask before sending")
    group.add_argument(
        "--rate",
        type=float,
        metavar="R",
        help="send at most R requests a second (default: the limit of the channel)",
    )
    group.add_argument(
        "--at-least-once",
        action="store_true",
        help="retry a call whose outcome is unknown, even if someone may get the message twice",
    )
    group.add_argument(
        "--over-quota",
        action="store_true",
        help="send although the channel's quota is too small for all rows",
    )
    group.add_argument("--json", action="store_true", help="print the result as JSON")
    add_quiet(parser)


def add_quiet(parser: argparse.ArgumentParser) -> None:
    """Adds silence."""
    parser.add_argument("--quiet", action="store_true", help="show no progress")


def channel_options_of(options: argparse.Namespace, kept: str = "") -> ChannelOptions:
    """The channel of --via, or else the one that a broadcast remembers. Raises WrongCommand."""
    if options.via is None:
        via = spec_of(kept)
        via = replace(via, multicast=via.multicast or options.multicast)
    else:
        via = ChannelSpec(text=absolute_spec(options.via), multicast=options.multicast)
    timeout = getattr(options, "timeout", None)
    if timeout is not None and not (math.isfinite(timeout) and timeout > 0):
        raise WrongCommand("--timeout must be more than 0 seconds.")
    channel_options = ChannelOptions(
        via=via,
        timeout_seconds=_TIMEOUT_SECONDS if timeout is None else timeout,
        ca_bundle=getattr(options, "ca_bundle", None),
        headers=webhook_headers_of(options, os.environ),
        success=getattr(options, "webhook_success", ""),
    )
    channel_options.make()  # a wrong name is reported before anything is done
    return channel_options


def send_options_of(options: argparse.Namespace, broadcast: Broadcast | None = None) -> SendOptions:
    """Raises WrongCommand for what makes no sense."""
    channel_options = channel_options_of(options, "" if broadcast is None else broadcast.via)
    channel = channel_options.make()
    if options.json and channel.name == "console":
        raise WrongCommand(
            "--json cannot be combined with --via console: both write to standard output."
        )
    first = getattr(options, "first", None)
    if first is not None and first < 1:
        raise WrongCommand("--first must be 1 or more.")
    if options.queue and (channel_options.headers or channel_options.success):
        raise WrongCommand(
            "--webhook-header and --webhook-success are not passed on to workers: set "
            "BROADCAST_WEBHOOK_HEADERS and BROADCAST_WEBHOOK_SUCCESS where they run."
        )
    require_rate(options.rate, channel)
    return SendOptions(
        channel=channel_options,
        yes=options.yes,
        again=getattr(options, "again", False),
        accepted_warnings=tuple(getattr(options, "accept_warnings", "").split(",")),
        dry_run=getattr(options, "dry_run", False),
        first=first,
        rate=options.rate,
        at_least_once=options.at_least_once,
        over_quota=options.over_quota,
        json=options.json,
        queue=options.queue,
        quiet=options.quiet,
    )
