"""`broadcast resume`: go on with the channel, the rate and the care of before."""

import argparse
from contextlib import closing
from dataclasses import replace

from broadcaster.commands.queue_handover import require_queue
from broadcaster.commands.send import add_channel_limits, add_id, carry_out, require_sendable
from broadcaster.commands.send_options import add_queue, add_quiet, add_via, send_options_of
from broadcaster.commands.store_option import open_store_of
from broadcaster.commands.webhook_options import add_webhook_options

__all__ = ["HELP", "add_arguments", "run"]

HELP = "continue a broadcast with the channel and options that it began with"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    add_id(parser)
    add_via(
        parser,
        explained="channel to send by, if its address is secret (default: the one used before)",
    )
    add_channel_limits(parser)
    add_webhook_options(parser)
    add_queue(parser)
    parser.add_argument("--yes", action="store_true", help="do not ask for confirmation")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    add_quiet(parser)
    parser.set_defaults(rate=None, at_least_once=False, over_quota=False)


def run(options: argparse.Namespace) -> int:
    """Send the rest."""
    with closing(open_store_of(options)) as store:
        broadcast = store.broadcasts.get(options.id)
        require_sendable(store, broadcast)
        send_options = replace(
            send_options_of(options, broadcast),
            rate=broadcast.rate,
            at_least_once=broadcast.at_least_once,
        )
        require_queue(store, send_options)
        return carry_out(store, broadcast, send_options)
