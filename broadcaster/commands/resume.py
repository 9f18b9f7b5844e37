"""`broadcast resume`: go on with the channel, the rate and the care of before."""

import argparse
from contextlib import closing
from dataclasses import replace

from broadcaster.commands.queue_handover import require_queue
from broadcaster.commands.send import add_channel_limits, add_id, carry_out, require_sendable
from broadcaster.commands.send_options import add_queue, add_quiet, add_via, order_of
from broadcaster.commands.store_option import open_store_of
from broadcaster.commands.webhook_options import add_webhook_options

__all__ = ["HELP", "add_arguments", "run"]

HELP = "go on with a broadcast, as it was begun"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    add_id(parser)
    add_via(parser, explained="the channel, where its address holds a secret")
    add_channel_limits(parser)
    add_webhook_options(parser)
    add_queue(parser)
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    add_quiet(parser)
    parser.set_defaults(rate=None, at_least_once=False, over_quota=False)


def run(options: argparse.Namespace) -> int:
    """Send the rest."""
    with closing(open_store_of(options)) as store:
        broadcast = store.broadcasts.get(options.id)
        require_sendable(store, broadcast)
        order = replace(
            order_of(options, broadcast),
            rate=broadcast.rate,
            at_least_once=broadcast.at_least_once,
        )
        require_queue(store, order)
        return carry_out(store, broadcast, order)
