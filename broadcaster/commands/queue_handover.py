"""Hands a broadcast over to the workers, instead of sending it here."""

import time
from typing import TextIO

from broadcaster import exits
from broadcaster.channels.base import Channel
from broadcaster.channels.stored_channel import stored_name
from broadcaster.commands.send_options import SendOptions
from broadcaster.model import Broadcast
from broadcaster.store import Store

__all__ = ["hand_over", "require_queue"]


def require_queue(store: Store, send_options: SendOptions) -> None:
    """Raises WrongCommand, before anything is changed, when workers shall send what they cannot
    reach.
    """
    if send_options.queue:
        from broadcaster.queue.engine import Engine

        Engine(store.url)


def hand_over(
    store: Store,
    broadcast: Broadcast,
    send_options: SendOptions,
    channel: Channel,
    limit: int | None,
    out: TextIO,
) -> int:
    """Let workers send it; the exit status. Raises WrongCommand unless the store is on PostgreSQL,
    and NotNow as `Broadcasts.start_sending` does.
    """
    # only here, so that no other way of sending needs the engine
    from broadcaster.delivery.sender import LEASE_SECONDS
    from broadcaster.queue.engine import Engine
    from broadcaster.queue.worker import queue_of

    engine = Engine(store.url)
    with store.writing() as connection:
        engine.prepare(connection)
    via = stored_name(channel)
    store.chunk_queue.start(
        broadcast.number,
        engine.dispatch,
        queue=queue_of(via),
        look_seconds=LEASE_SECONDS,
        now=time.time(),
        via=via,
        at_least_once=send_options.at_least_once,
        rate=send_options.rate,
        limit=limit,
    )
    kind = send_options.channel.via.text.partition(":")[0]
    out.write(
        f"Queued for the workers of {via}; see: broadcast status {broadcast.id}. "
        f"If no worker runs, start one: broadcast worker --via {kind}\n"
    )
    return exits.OK
