"""`broadcast retry`: resends the refused messages, and no others."""

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
from broadcaster.commands.send_options import (
    add_pace_arguments,
    add_queue,
    add_via,
    send_options_of,
)
from broadcaster.commands.store_option import open_store_of
from broadcaster.commands.webhook_options import add_webhook_options
from broadcaster.delivery.retry import rows_before_retry
from broadcaster.errors import NotNow
from broadcaster.model import Broadcast, BroadcastState, DeliveryState
from broadcaster.terminal.confirm import confirmed
from checker import plural

__all__ = ["HELP", "add_arguments", "run"]

HELP = "resend the messages that the channel refused"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    add_id(parser)
    parser.add_argument(
        "--held",
        action="store_true",
        help="also resend held messages, which may have arrived: some people may get them twice",
    )
    add_via(parser, explained="channel to send by (default: the one used before)")
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
            raise NotNow(
                f"Broadcast {broadcast.id} has not been sent yet: send it with broadcast send."
            )
        send_options = send_options_of(options, broadcast)
        require_queue(store, send_options)
        states = [DeliveryState.REFUSED, *([DeliveryState.HELD] if options.held else [])]
        failed = sum(broadcast.counts.get(state, 0) for state in states)
        if not failed:
            return _nothing(broadcast)
        _require_through(broadcast)
        quota = send_options.channel.quota()
        require_quota(quota, failed, send_options)
        if not confirmed(_question(broadcast, failed, held=options.held), yes=send_options.yes):
            sys.stdout.write("Nothing was sent.\n")
            return exits.NOT_ALL
        store.ledger.reopen(broadcast.number, states, now=time.time())
        again = store.broadcasts.get(broadcast.id)
        asked = replace(send_options, yes=True, first=broadcast.limit)
        return carry_out(store, again, asked, quota, summed_up=True)


def _require_through(broadcast: Broadcast) -> None:
    """Raises NotNow while rows wait that were never sent, but for those beyond a canary."""
    if first := rows_before_retry(broadcast):
        raise NotNow(
            f"Broadcast {broadcast.id} is not finished: {plural(first, 'row')} still to send. "
            f"Send the rest first: broadcast resume {broadcast.id}."
        )


def _question(broadcast: Broadcast, failed: int, *, held: bool) -> str:
    unsure = broadcast.counts.get(DeliveryState.HELD, 0) if held else 0
    warning = (
        f" {plural(unsure, 'held message')} may have arrived: these people may get it twice."
        if unsure
        else ""
    )
    return f"Resend {plural(failed, 'message')}?{warning}"


def _nothing(broadcast: Broadcast) -> int:
    held = broadcast.counts.get(DeliveryState.HELD, 0)
    sys.stdout.write("No message was refused, so there is nothing to resend.\n")
    if held:
        sys.stdout.write(
            f"{plural(held, 'row')} held: they may have arrived. To resend them, which may reach "
            f"people twice: broadcast retry {broadcast.id} --held\n"
        )
    return exits.NOT_ALL if held else exits.OK
