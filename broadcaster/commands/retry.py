"""`broadcast retry`: the failed once more, and nobody else."""

import argparse
import sys
import time
from contextlib import closing
from dataclasses import replace

from broadcaster import exits
from broadcaster.commands.queue_handover import require_queue
from broadcaster.commands.send import (
    add_channel_limits,
    add_id,
    carry_out,
    require_quota,
    require_sendable,
)
from broadcaster.commands.send_options import add_pace_arguments, add_queue, add_via, order_of
from broadcaster.commands.store_option import open_store_of
from broadcaster.commands.webhook_options import add_webhook_options
from broadcaster.delivery.retry import rows_before_retry
from broadcaster.errors import NotNow
from broadcaster.model import Broadcast, BroadcastState, DeliveryState
from broadcaster.terminal.confirm import confirmed
from checker import plural

__all__ = ["HELP", "add_arguments", "run"]

HELP = "send to those once more whom the channel refused"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    add_id(parser)
    parser.add_argument(
        "--held",
        action="store_true",
        help="those, too, of whom nobody knows whether they have it: some may get it twice",
    )
    add_via(parser, explained="the channel; that of before unless given")
    add_channel_limits(parser)
    add_webhook_options(parser)
    add_queue(parser)
    add_pace_arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Make them ready again, under new keys, and send."""
    with closing(open_store_of(options)) as store:
        broadcast = store.broadcasts.get(options.id)
        require_sendable(store, broadcast)
        if broadcast.state is BroadcastState.READY:
            raise NotNow(f"Broadcast {broadcast.id} was never sent; send it with: broadcast send.")
        order = order_of(options, broadcast)
        require_queue(store, order)
        states = [DeliveryState.REFUSED, *([DeliveryState.HELD] if options.held else [])]
        failed = sum(broadcast.counts.get(state, 0) for state in states)
        if not failed:
            return _nothing(broadcast)
        _require_through(broadcast)
        quota = order.choice.quota()
        require_quota(quota, failed, order)
        if not confirmed(_question(broadcast, failed, held=options.held), yes=order.yes):
            sys.stdout.write("Nothing was sent.\n")
            return exits.NOT_ALL
        store.ledger.reopen(broadcast.number, states, now=time.time())
        again = store.broadcasts.get(broadcast.id)
        asked = replace(order, yes=True, first=broadcast.limit)
        return carry_out(store, again, asked, quota, summed_up=True)


def _require_through(broadcast: Broadcast) -> None:
    """Raises NotNow while rows wait that were never sent, but for those beyond a canary."""
    if first := rows_before_retry(broadcast):
        raise NotNow(
            f"Broadcast {broadcast.id} is not through: {plural(first, 'row')} wait. "
            f"Send these first, with: broadcast resume {broadcast.id}."
        )


def _question(broadcast: Broadcast, failed: int, *, held: bool) -> str:
    unsure = broadcast.counts.get(DeliveryState.HELD, 0) if held else 0
    warning = (
        f" Nobody knows whether {plural(unsure, 'held row')} arrived: these may get it twice."
        if unsure
        else ""
    )
    return f"Send {plural(failed, 'message')} once more?{warning}"


def _nothing(broadcast: Broadcast) -> int:
    held = broadcast.counts.get(DeliveryState.HELD, 0)
    sys.stdout.write("Nothing was refused, so there is nothing to send once more.\n")
    if held:
        sys.stdout.write(
            f"{plural(held, 'row')} held: nobody knows whether they arrived. To send them again, "
            f"which may reach people twice: broadcast retry {broadcast.id} --held\n"
        )
    return exits.NOT_ALL if held else exits.OK
