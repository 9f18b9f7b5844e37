"""A chunk gets an owner, and its rows are claimed, inside a transaction of the ledger's."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from broadcaster.model import Call, Chunk, Delivery
from broadcaster.store.ledger.row_states import (
    fence,
    hold,
    mark_sending,
    move,
    open_rows,
    settle_orphans,
)

__all__ = ["Prepare", "claim_rows", "lease_of", "taken"]

Prepare = Callable[[Sequence[Delivery]], Sequence[Call]]

_REWORDED = "this version words the request in another way than the one that began it"


def taken(
    connection: sa.Connection, found: sa.RowMapping, owner: str, *, now: float,
    lease_seconds: float, repeatable: bool,
) -> Chunk:  # fmt: skip
    """A free chunk as its new owner has it, with what the last one left in mid-call settled. The
    caller notes the lease.
    """
    chunk = Chunk(
        broadcast=found["broadcast"], first_row=found["first_row"], rows=found["rows"],
        owner=owner, lease_until=now + lease_seconds, repeatable=repeatable,
    )  # fmt: skip
    if found["sending"] or (found["unknown"] and not repeatable):
        settle_orphans(connection, chunk, now)
    return chunk


def lease_of(chunk: Chunk) -> Mapping[str, Any]:
    """The chunk's columns that say so."""
    return {"owner": chunk.owner, "lease_until": chunk.lease_until, "not_before": None}


def claim_rows(
    connection: sa.Connection, chunk: Chunk, prepare: Prepare, now: float, at_most: int,
    also: Mapping[str, Any] | None = None,
) -> list[Call]:  # fmt: skip
    """The calls for up to so many rows; see `Ledger.claim`. The chunk is locked; `also`
    are columns of it to set.
    """
    rows = connection.execute(open_rows(chunk, now, at_most)).mappings().all()
    frozen = {row["row"]: row["request_hash"] for row in rows if row["attempt"]}
    fresh, moves = fence(connection, chunk, rows, now)
    calls: list[tuple[Call, bytes]] = []
    for call in prepare(fresh) if fresh else ():
        digest = hashlib.blake2b(call.request, digest_size=16).digest()
        known = {frozen.get(one.row) for one in call.deliveries} - {None, digest}
        if known:
            moves.update(hold(connection, chunk.broadcast, call.deliveries, _REWORDED))
        else:
            calls.append((call, digest))
    moves.update(mark_sending(connection, chunk.broadcast, calls))
    move(connection, chunk.broadcast, chunk.first_row, moves, also)
    return [call for call, _ in calls]
