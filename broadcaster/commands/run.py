"""`broadcast run`: load and send in one command."""

import argparse
import sys
from contextlib import closing

from broadcaster import exits
from broadcaster.commands.load import ChannelPreview, add_target, config_of, load, print_result
from broadcaster.commands.queue_handover import require_queue
from broadcaster.commands.send import carry_out, require_sendable
from broadcaster.commands.send_options import (
    SendOptions,
    add_pace_arguments,
    add_queue,
    add_start_options,
    add_via,
    send_options_of,
)
from broadcaster.commands.store_option import open_store_of
from broadcaster.commands.webhook_options import add_webhook_options
from broadcaster.errors import NotNow
from broadcaster.loading.loader import endpoint_key
from broadcaster.model import Broadcast, BroadcastState, StopCause
from broadcaster.store import Store
from broadcaster.terminal.words import moment_words
from checker.api import Config

__all__ = ["HELP", "add_arguments", "run"]

HELP = "load an endpoint or a contacts file, and send it"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    add_target(parser)
    add_via(parser, explained="channel to send by", required=True)
    add_webhook_options(parser)
    add_start_options(parser)
    add_queue(parser)
    add_pace_arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Load, and send what is complete."""
    send_options = send_options_of(options)
    config = config_of(options, send_options.channel)
    with closing(open_store_of(options)) as store:
        require_queue(store, send_options)
        begun = None if options.new else _unfinished(store, config)
        if begun is not None:
            return _resume(store, begun, send_options)
        preview = ChannelPreview(
            channel=send_options.channel, quota=send_options.channel.quota(), rate=send_options.rate
        )
        result = load(store, options, config)
        status = print_result(result, options, preview, sends=True)
        if status != exits.OK:
            return status
        require_sendable(store, result.broadcast)
        return carry_out(store, result.broadcast, send_options, preview.quota, summed_up=True)


def _unfinished(store: Store, config: Config) -> Broadcast | None:
    """The endpoint's broadcast that was begun and is not done: a new load beside it would send
    again to the people that it has reached.
    """
    newest = store.broadcasts.newest_of(endpoint_key(config))
    if newest is None or newest.state not in (BroadcastState.SENDING, BroadcastState.PAUSED):
        return None
    return newest


def _resume(store: Store, begun: Broadcast, send_options: SendOptions) -> int:
    """With what was killed or interrupted. Raises NotNow where a person stopped it, who decides."""
    require_sendable(store, begun)
    if begun.state is BroadcastState.PAUSED and begun.cause is not StopCause.INTERRUPTED:
        raise NotNow(
            f"Broadcast {begun.id} of this endpoint was begun and is paused ({begun.reason}): "
            f"continue it with broadcast resume {begun.id}, or load again with --new, which sends "
            "to the same people a second time."
        )
    since = moment_words(begun.first_sent_at)
    sys.stderr.write(f"Continuing broadcast {begun.id}, begun {since}; --new starts a new load.\n")
    return carry_out(store, begun, send_options)
