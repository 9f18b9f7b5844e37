"""`broadcast send`: what was loaded, to a channel; and the way there that other commands share."""

import argparse
import json
import sys
import time
from contextlib import closing
from typing import TextIO

from broadcaster import exits
from broadcaster.channels.base import Channel, Quota
from broadcaster.channels.stored_channel import stored_name
from broadcaster.commands.dry_run import rehearse
from broadcaster.commands.queue_handover import hand_over, require_queue
from broadcaster.commands.send_options import (
    Order,
    add_first,
    add_pace_arguments,
    add_queue,
    add_via,
    order_of,
)
from broadcaster.commands.sender_run import Sending
from broadcaster.commands.store_option import open_store_of
from broadcaster.commands.webhook_options import add_webhook_options
from broadcaster.delivery import free_dead, settle_orphans
from broadcaster.errors import NotNow
from broadcaster.model import Broadcast, BroadcastState, DeliveryState
from broadcaster.status import status_document, warnings_to_accept
from broadcaster.store import Store
from broadcaster.terminal.confirm import confirmed
from broadcaster.terminal.send_words import before_words, end_words, question, too_little_quota

__all__ = [
    "HELP",
    "add_arguments",
    "add_id",
    "carry_out",
    "require_quota",
    "require_sendable",
    "run",
]

HELP = "send a broadcast that is loaded, or go on with one"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    add_id(parser)
    add_via(parser, explained="the channel; that of before unless given")
    add_channel_limits(parser)
    add_webhook_options(parser)
    add_first(parser)
    add_queue(parser)
    add_pace_arguments(parser)


def add_id(parser: argparse.ArgumentParser) -> None:
    """The broadcast's id."""
    parser.add_argument("id", metavar="ID", help="the broadcast, or the beginning of its id")


def add_channel_limits(parser: argparse.ArgumentParser) -> None:
    """How requests to the channel travel."""
    parser.add_argument(
        "--timeout", type=float, metavar="SECONDS", help="for one call of the channel (default: 30)"
    )
    parser.add_argument(
        "--ca-bundle", metavar="FILE", help="certificates of a private authority, PEM"
    )


def run(options: argparse.Namespace) -> int:
    """Send."""
    with closing(open_store_of(options)) as store:
        broadcast = store.broadcasts.get(options.id)
        require_sendable(store, broadcast)
        order = order_of(options, broadcast)
        require_queue(store, order)
        return carry_out(store, broadcast, order)


def require_sendable(store: Store, broadcast: Broadcast) -> None:
    """Raises NotNow with what to do instead; frees what dead senders held."""
    name = broadcast.id
    if broadcast.state is BroadcastState.LOADING:
        raise NotNow(
            f"Broadcast {name} is not loaded to its end, and only a complete load can be sent; "
            "run its load again, which goes on where it was."
        )
    if broadcast.state is BroadcastState.BLOCKED:
        raise NotNow(f"Broadcast {name} is blocked: {broadcast.reason}. Nothing of it can be sent.")
    if broadcast.state is BroadcastState.CANCELLED:
        raise NotNow(f"Broadcast {name} was cancelled; nothing more of it is sent.")
    for owner in free_dead(store, broadcast.number):
        raise NotNow(
            f"Broadcast {name} is being sent by another process ({_process(owner)}); "
            f"wait for it, or stop it with: broadcast pause {name}."
        )


def _process(owner: str) -> str:
    host, number, _ = owner.rsplit(":", 2) if owner.count(":") > 1 else (owner, "", "")
    return f"process {number} on {host}" if number else host


def carry_out(
    store: Store,
    broadcast: Broadcast,
    order: Order,
    quota: Quota | None = None,
    *,
    summed_up: bool = False,
) -> int:
    """Send, after the summary and the question; the exit status. `summed_up`: the summary was
    shown, with this quota.
    """
    channel = order.choice.make()
    # with JSON or messages on the standard output, the words go beside it
    out = sys.stderr if order.json or channel.name == "console" else sys.stdout
    if broadcast.state is BroadcastState.DONE:
        return _told_end(store, broadcast, order, out)
    if not summed_up:
        quota = order.choice.quota()
        out.write(before_words(broadcast, channel, quota, order.first, order.rate))
        out.flush()
    waiting = _waiting(broadcast, order)
    require_quota(quota, waiting, order)
    if order.dry_run:
        return rehearse(store, broadcast, order, out)
    if waiting:
        _require_accepted(broadcast, order)
    if waiting and not confirmed(question(waiting, channel), yes=order.yes):
        out.write("Nothing was sent.\n")
        return exits.NOT_ALL
    limit = _limit(store, broadcast, order)
    if order.queue:
        return hand_over(store, broadcast, order, channel, limit, out)
    interrupted = _sent(store, broadcast, order, channel, limit)
    ended = settle_orphans(store, store.broadcasts.get(broadcast.id))
    status = _told_end(store, ended, order, out)
    return exits.INTERRUPTED if interrupted and status != exits.OK else status


def _require_accepted(broadcast: Broadcast, order: Order) -> None:
    """Raises NotNow for a warning that --yes alone does not accept. A person at a terminal has just
    read it in the first lines of the summary, and answers the question.
    """
    if not order.yes:
        return
    missing = [one["rule"] for one in warnings_to_accept(broadcast, order.accepted_warnings)]
    if missing:
        raise NotNow(
            f"People may be missing from broadcast {broadcast.id} ({', '.join(missing)}): --yes "
            "does not accept that. Check the endpoint and load anew with --new, or send it as it "
            f"is with --accept-warnings {','.join(missing)}."
        )


def require_quota(quota: Quota | None, waiting: int, order: Order) -> None:
    """Raises NotNow when it has no room for all, unless that is all right."""
    if quota is None or quota.left is None or quota.left >= waiting:
        return
    sentence = too_little_quota(quota.left, waiting)
    if not order.over_quota:
        raise NotNow(sentence)
    sys.stderr.write(f"{sentence}\n")


def _waiting(broadcast: Broadcast, order: Order) -> int:
    """How many rows this run is to send, at most."""
    open_states = (DeliveryState.READY, DeliveryState.SENDING, DeliveryState.UNKNOWN)
    waiting = sum(broadcast.counts.get(state, 0) for state in open_states)
    return waiting if order.first is None else min(waiting, order.first)


def _limit(store: Store, broadcast: Broadcast, order: Order) -> int | None:
    """Where a canary ends, with a chunk that ends there; None for a whole broadcast."""
    limit = None if order.first is None or order.first >= broadcast.rows else order.first
    if limit is not None and not store.ledger.split(broadcast.number, limit, time.time()):
        raise NotNow(f"Row {limit:,} is just being sent; wait for that, or leave --first out.")
    return limit


def _sent(
    store: Store, broadcast: Broadcast, order: Order, channel: Channel, limit: int | None
) -> bool:
    """Whether a person interrupted it."""
    store.broadcasts.start_sending(
        broadcast.number,
        via=stored_name(channel),
        now=time.time(),
        at_least_once=order.at_least_once,
        rate=order.rate,
        limit=limit,
    )
    begun = store.broadcasts.get(broadcast.id)
    return Sending(store, begun, order.choice, quiet=order.quiet).run()


def _told_end(store: Store, broadcast: Broadcast, order: Order, out: TextIO) -> int:
    whole = broadcast.counts.get(DeliveryState.ACCEPTED, 0) == broadcast.rows
    if order.json:
        text = json.dumps(status_document(broadcast), indent=2, ensure_ascii=False) + "\n"
        sys.stdout.write(text)
    else:
        out.write(end_words(broadcast, store.outcomes.causes(broadcast.number)))
    out.flush()
    done = broadcast.state is BroadcastState.DONE and whole
    return exits.OK if done else exits.NOT_ALL
