"""`broadcast send`: what was loaded, to a channel; and the way there that other commands share."""

import argparse
import json
import sys
import time
from contextlib import closing
from typing import TextIO

from broadcaster import exits
from broadcaster.channels.base import Channel, Quota
from broadcaster.channels.registry import kind_of
from broadcaster.channels.stored_channel import stored_name, with_multicast
from broadcaster.commands.dry_run import print_dry_run
from broadcaster.commands.queue_handover import hand_over, require_queue
from broadcaster.commands.send_options import (
    SendOptions,
    add_pace_arguments,
    add_queue,
    add_start_options,
    add_via,
    send_options_of,
)
from broadcaster.commands.sender_run import Sending
from broadcaster.commands.store_option import open_store_of
from broadcaster.commands.webhook_options import add_webhook_options
from broadcaster.delivery import free_dead, new_owner, settle_orphans
from broadcaster.delivery.sender import LEASE_SECONDS
from broadcaster.errors import NotNow
from broadcaster.model import SENT_BEFORE_DAYS, Broadcast, BroadcastState, DeliveryState
from broadcaster.status import status_document, warnings_to_accept
from broadcaster.store import Store
from broadcaster.terminal.confirm import confirmed
from broadcaster.terminal.send_words import (
    before_words,
    end_words,
    question,
    sent_before_words,
    too_little_quota,
)
from checker import plural

__all__ = [
    "HELP",
    "add_arguments",
    "add_id",
    "carry_out",
    "require_quota",
    "require_sendable",
    "run",
]

HELP = "send a loaded broadcast, or continue it"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    add_id(parser)
    add_via(parser, explained="channel to send by (default: the one used before)")
    add_channel_limits(parser)
    add_webhook_options(parser)
    add_start_options(parser)
    add_queue(parser)
    add_pace_arguments(parser)


def add_id(parser: argparse.ArgumentParser) -> None:
    """The broadcast's id."""
    parser.add_argument(
        "id", metavar="ID", help="id of the broadcast, or the first characters of it"
    )


def add_channel_limits(parser: argparse.ArgumentParser) -> None:
    """How requests to the channel travel."""
    parser.add_argument(
        "--timeout",
        type=float,
        metavar="SECONDS",
        help="time limit of one request to the channel (default: 30)",
    )
    parser.add_argument(
        "--ca-bundle",
        metavar="FILE",
        help="also trust the certificate authorities in this PEM file",
    )


def run(options: argparse.Namespace) -> int:
    """Send."""
    with closing(open_store_of(options)) as store:
        broadcast = store.broadcasts.get(options.id)
        require_sendable(store, broadcast)
        send_options = send_options_of(options, broadcast)
        require_queue(store, send_options)
        return carry_out(store, broadcast, send_options)


def require_sendable(store: Store, broadcast: Broadcast) -> None:
    """Raises NotNow with what to do instead; frees what dead senders held."""
    name = broadcast.id
    if broadcast.state is BroadcastState.LOADING:
        raise NotNow(
            f"Broadcast {name} is not loaded completely, and only a complete load can be sent: "
            "run the same load command again to resume it."
        )
    if broadcast.state is BroadcastState.BLOCKED:
        raise NotNow(f"Broadcast {name} is blocked: {broadcast.reason}. It cannot be sent.")
    if broadcast.state is BroadcastState.CANCELLED:
        raise NotNow(
            f"Broadcast {name} was cancelled; no more of it can be sent.{_instead(broadcast)}"
        )
    for owner in free_dead(store, broadcast.number):
        raise NotNow(
            f"Broadcast {name} is being sent by another process ({_process(owner)}); "
            f"wait for it, or stop it with: broadcast pause {name}."
        )


def _instead(broadcast: Broadcast) -> str:
    """What a person can do for those whom a cancelled broadcast has not reached."""
    left = broadcast.rows - broadcast.counts.get(DeliveryState.ACCEPTED, 0)
    if broadcast.forgotten_at is not None or not left:
        return ""
    return (
        f" To send to some of the {plural(left, 'row')} that were not accepted, write them to a "
        f"file with broadcast report {broadcast.id} --show-data -o people.csv, delete the lines of "
        "all others from it (its column outcome says who may have got the message), and send that "
        "file with broadcast run."
    )


def _process(owner: str) -> str:
    host, number, _ = owner.rsplit(":", 2) if owner.count(":") > 1 else (owner, "", "")
    return f"process {number} on {host}" if number else host


def carry_out(
    store: Store,
    broadcast: Broadcast,
    send_options: SendOptions,
    quota: Quota | None = None,
    *,
    summed_up: bool = False,
) -> int:
    """Send, after the summary and the question; the exit status. `summed_up`: the summary was
    shown, with this quota.
    """
    channel = send_options.channel.make()
    # with JSON or messages on the standard output, the words go beside it
    out = sys.stderr if send_options.json or channel.name == "console" else sys.stdout
    if broadcast.state is BroadcastState.DONE:
        return _print_end(store, broadcast, send_options, out)
    if not summed_up:
        quota = send_options.channel.quota()
        out.write(before_words(broadcast, channel, quota, send_options.first, send_options.rate))
        out.flush()
    waiting = _waiting(broadcast, send_options)
    require_quota(quota, waiting, send_options)
    if send_options.dry_run:
        return print_dry_run(store, broadcast, send_options, out)
    if waiting:
        _require_accepted(broadcast, send_options)
        _require_new_to_people(store, broadcast, send_options, out)
    if waiting and not confirmed(question(waiting, channel), yes=send_options.yes):
        out.write("Nothing was sent.\n")
        return exits.NOT_ALL
    limit = _limit(store, broadcast, send_options)
    if send_options.queue:
        return hand_over(store, broadcast, send_options, channel, limit, out)
    interrupted = _sent(store, broadcast, send_options, channel, limit)
    ended = settle_orphans(store, store.broadcasts.get(broadcast.id))
    status = _print_end(store, ended, send_options, out)
    return exits.INTERRUPTED if interrupted and status != exits.OK else status


def _require_accepted(broadcast: Broadcast, send_options: SendOptions) -> None:
    """Raises NotNow for a warning that --yes alone does not accept. A person at a terminal has just
    read it in the first lines of the summary, and answers the question.
    """
    if not send_options.yes:
        return
    missing = [one["rule"] for one in warnings_to_accept(broadcast, send_options.accepted_warnings)]
    if missing:
        raise NotNow(
            f"People may be missing from broadcast {broadcast.id} ({', '.join(missing)}): --yes "
            "does not accept that. Check the endpoint and load it again with --new, or send it as "
            f"it is with --accept-warnings {','.join(missing)}."
        )


def _require_new_to_people(
    store: Store, broadcast: Broadcast, send_options: SendOptions, out: TextIO
) -> None:
    """Raises NotNow when people got the same message by the same channel in the last days, unless
    --again says that they shall get it again.
    """
    delivers = kind_of(send_options.channel.via.text).delivers
    if broadcast.first_sent_at is not None or not delivers:
        return
    name = send_options.channel.make().name
    before = store.repeats.sent_since(
        broadcast.number,
        time.time() - SENT_BEFORE_DAYS * 86_400,
        via=(name, with_multicast(name)),
    )
    if not before.rows:
        return
    sentence = sent_before_words(before.rows, before.broadcast)
    if not send_options.again:
        raise NotNow(f"{sentence} To send it to them again, add --again.")
    out.write(f"  {sentence}\n")


def require_quota(quota: Quota | None, waiting: int, send_options: SendOptions) -> None:
    """Raises NotNow when it has no room for all, unless that is all right."""
    if quota is None or quota.left is None or quota.left >= waiting:
        return
    sentence = too_little_quota(quota.left, waiting)
    if not send_options.over_quota:
        raise NotNow(sentence)
    sys.stderr.write(f"{sentence}\n")


def _waiting(broadcast: Broadcast, send_options: SendOptions) -> int:
    """How many rows this run is to send, at most."""
    open_states = (DeliveryState.READY, DeliveryState.SENDING, DeliveryState.UNKNOWN)
    waiting = sum(broadcast.counts.get(state, 0) for state in open_states)
    return waiting if send_options.first is None else min(waiting, send_options.first)


def _limit(store: Store, broadcast: Broadcast, send_options: SendOptions) -> int | None:
    """Where a canary ends, with a chunk that ends there; None for a whole broadcast."""
    limit = (
        None
        if send_options.first is None or send_options.first >= broadcast.rows
        else send_options.first
    )
    if limit is not None and not store.ledger.split(broadcast.number, limit, time.time()):
        raise NotNow(f"Row {limit:,} is being sent at the moment: try again, or leave out --first.")
    return limit


def _sent(
    store: Store,
    broadcast: Broadcast,
    send_options: SendOptions,
    channel: Channel,
    limit: int | None,
) -> bool:
    """Whether a person interrupted it."""
    owner, now = new_owner(), time.time()
    store.broadcasts.start_sending(
        broadcast.number,
        via=stored_name(channel),
        now=now,
        at_least_once=send_options.at_least_once,
        rate=send_options.rate,
        limit=limit,
        sender=owner,
        sender_until=now + LEASE_SECONDS,
    )
    begun = store.broadcasts.get(broadcast.id)
    return Sending(store, begun, send_options.channel, owner=owner, quiet=send_options.quiet).run()


def _print_end(store: Store, broadcast: Broadcast, send_options: SendOptions, out: TextIO) -> int:
    whole = broadcast.counts.get(DeliveryState.ACCEPTED, 0) == broadcast.rows
    if send_options.json:
        text = json.dumps(status_document(broadcast), indent=2, ensure_ascii=False) + "\n"
        sys.stdout.write(text)
    else:
        out.write(end_words(broadcast, store.outcomes.causes(broadcast.number)))
    out.flush()
    done = broadcast.state is BroadcastState.DONE and whole
    return exits.OK if done else exits.NOT_ALL
