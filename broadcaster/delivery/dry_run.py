"""Prepares every request of a broadcast, and sends none."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from broadcaster.channels.base import Channel
from broadcaster.delivery.decisions import bundle
from broadcaster.model import CHUNK_ROWS, Broadcast, Call, Delivery
from broadcaster.store import Store

__all__ = ["DryRun", "dry_run"]

_SAMPLES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """What would be sent. `samples` are requests to show to the channel, the longest first."""

    rows: int
    calls: int
    size_bytes: int
    samples: Sequence[bytes]


def dry_run(store: Store, broadcast: Broadcast, channel: Channel, rows: int) -> DryRun:
    """Of the first rows. The store stays as it is."""
    every = max(1, rows // _SAMPLES)
    calls = size = 0
    samples: list[bytes] = []
    longest = b""
    for call in _calls(store, broadcast, channel, rows):
        if calls % every == 0 and len(samples) < _SAMPLES:
            samples.append(call.request)
        longest = max(longest, call.request, key=len)
        calls += 1
        size += len(call.request)
    samples = [longest, *samples] if calls else []
    return DryRun(rows=rows, calls=calls, size_bytes=size, samples=samples)


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
