"""`--dry-run`: everything but the calls. Each request is made, some are shown to the channel."""

from collections.abc import Iterator, Sequence
from typing import TextIO

from broadcaster import exits
from broadcaster.channels.base import Channel
from broadcaster.commands.send_options import SendOptions
from broadcaster.delivery.decisions import bundle
from broadcaster.model import CHUNK_ROWS, Broadcast, Call, Delivery
from broadcaster.store import Store
from checker import plural, visible

__all__ = ["print_dry_run"]

_SAMPLES = 20


def print_dry_run(
    store: Store, broadcast: Broadcast, send_options: SendOptions, out: TextIO
) -> int:
    """Print what would be sent; the exit status. The store stays as it is."""
    channel = send_options.channel.make()
    limit = (
        broadcast.rows if send_options.first is None else min(send_options.first, broadcast.rows)
    )
    every = max(1, limit // _SAMPLES)
    calls = size = 0
    samples: list[bytes] = []
    longest = b""
    for call in _calls(store, broadcast, channel, limit):
        if calls % every == 0 and len(samples) < _SAMPLES:
            samples.append(call.request)
        longest = max(longest, call.request, key=len)
        calls += 1
        size += len(call.request)
    out.write(f"{plural(calls, 'request')} prepared for {plural(limit, 'row')}, {size:,} bytes.\n")
    fault = (
        send_options.channel.ask(lambda opened: opened.validate([longest, *samples]))
        if calls
        else None
    )
    if fault is not None:
        out.write(f"The channel would refuse a sample: {visible(fault)}\n")
        return exits.NOT_ALL
    out.write("Dry run: nothing was sent, nothing was changed.\n")
    return exits.OK


def _calls(store: Store, broadcast: Broadcast, channel: Channel, limit: int) -> Iterator[Call]:
    for first in range(0, limit, CHUNK_ROWS):
        rows = store.loads.rows(broadcast.number, first, min(CHUNK_ROWS, limit - first))
        yield from bundle(_deliveries(broadcast, first, rows), channel, broadcast.id)


def _deliveries(
    broadcast: Broadcast, first: int, rows: Sequence[tuple[str, str]]
) -> list[Delivery]:
    return [
        Delivery(
            broadcast=broadcast.number,
            chunk=first,
            row=row,
            uid=uid,
            msg=msg,
            attempt=1,
            sent_with=row,
            first_attempt_at=0.0,
        )
        for row, (uid, msg) in enumerate(rows, first)
    ]
