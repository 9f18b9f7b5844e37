"""`broadcast run`: load and send in one command."""

import argparse
import sys
from contextlib import closing

from broadcaster import exits
from broadcaster.commands.load import Prospect, add_target, config_of, load, told
from broadcaster.commands.queue_handover import require_queue
from broadcaster.commands.send import carry_out, require_sendable
from broadcaster.commands.send_options import (
    Order,
    add_first,
    add_pace_arguments,
    add_queue,
    add_via,
    order_of,
)
from broadcaster.commands.store_option import open_store_of
from broadcaster.commands.webhook_options import add_webhook_options
from broadcaster.errors import NotNow
from broadcaster.loading.loader import endpoint_key
from broadcaster.model import Broadcast, BroadcastState, StopCause
from broadcaster.store import Store
from broadcaster.terminal.words import moment_words
from checker.embedding import Config

__all__ = ["HELP", "add_arguments", "run"]

HELP = "load an endpoint or a CSV file and send it"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    add_target(parser)
    add_via(parser, explained="the channel", required=True)
    add_webhook_options(parser)
    add_first(parser)
    add_queue(parser)
    add_pace_arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Load, and send what is complete."""
    order = order_of(options)
    config = config_of(options, order.choice)
    with closing(open_store_of(options)) as store:
        require_queue(store, order)
        begun = None if options.new else _begun(store, config)
        if begun is not None:
            return _go_on(store, begun, order)
        prospect = Prospect(choice=order.choice, quota=order.choice.quota(), rate=order.rate)
        result = load(store, options, config)
        status = told(result, options, prospect, sends=True)
        if status != exits.OK:
            return status
        require_sendable(store, result.broadcast)
        return carry_out(store, result.broadcast, order, prospect.quota, summed_up=True)


def _begun(store: Store, config: Config) -> Broadcast | None:
    """The endpoint's broadcast that is begun and not done: to load anew beside it would reach those
    twice whom it has reached.
    """
    newest = store.broadcasts.newest_of(endpoint_key(config))
    if newest is None or newest.state not in (BroadcastState.SENDING, BroadcastState.PAUSED):
        return None
    return newest


def _go_on(store: Store, begun: Broadcast, order: Order) -> int:
    """With what was killed or interrupted. Raises NotNow where a person stopped it, who decides."""
    require_sendable(store, begun)
    if begun.state is BroadcastState.PAUSED and begun.cause is not StopCause.INTERRUPTED:
        raise NotNow(
            f"Broadcast {begun.id} of this endpoint is begun and paused ({begun.reason}): go on "
            f"with broadcast resume {begun.id}, or load anew with --new, which reaches people "
            "twice whom it has reached."
        )
    since = moment_words(begun.first_sent_at)
    sys.stderr.write(f"Going on with broadcast {begun.id}, begun {since}; --new loads anew.\n")
    return carry_out(store, begun, order)
