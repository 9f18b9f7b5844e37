"""Rows of a leased chunk: which of them may be sent, and that they are about to be.

The channel renders requests between the two, outside of any transaction. So a claim looks at each
row again, and leaves out what has changed since.
"""

import dataclasses
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import sqlalchemy as sa

from broadcaster.model import FENCE_SECONDS, Call, Chunk, Delivery, DeliveryState
from broadcaster.store.ledger import bulk_sql
from broadcaster.store.ledger.bulk_sql import Claimed
from broadcaster.store.ledger.row_states import Moves, hold_rows, move, within
from broadcaster.store.schema.tables import chunks, deliveries

__all__ = ["called_row", "claim_rows", "find_deliveries"]

_REWORDED = "this version words the request in another way than the one that began it"


def find_deliveries(
    connection: sa.Connection, chunk: Chunk, now: float, at_most: int
) -> list[Delivery]:
    """The chunk's rows that may be sent now, in their order. Where nothing may be repeated, a row
    of unknown outcome waits for the next lease, which holds it.
    """
    claimable = [DeliveryState.READY, DeliveryState.UNKNOWN][: 1 + chunk.repeatable]
    query = (
        sa.select(deliveries)
        .where(*within(chunk.broadcast, chunk.first_row, chunk.rows))
        .where(deliveries.c.state.in_(claimable))
        .where(sa.func.coalesce(deliveries.c.not_before, 0.0) <= now)
        .order_by(deliveries.c.row)
        .limit(at_most)
    )
    found = [_delivery(chunk, row, now) for row in connection.execute(query).mappings()]
    return [one for one in found if not _is_late(one, now)]


def _delivery(chunk: Chunk, row: sa.RowMapping, now: float) -> Delivery:
    return Delivery(
        broadcast=chunk.broadcast,
        chunk=chunk.first_row,
        row=row["row"],
        uid=row["uid"],
        msg=row["msg"],
        attempt=row["attempt"] + 1,
        generation=row["generation"],
        sent_with=row["sent_with"] if row["attempt"] else row["row"],
        first_attempt_at=row["first_attempt_at"] if row["attempt"] else now,
        doubtful=row["state"] is DeliveryState.UNKNOWN,
    )


def _is_late(delivery: Delivery, now: float) -> bool:
    return delivery.doubtful and now - delivery.first_attempt_at >= FENCE_SECONDS


class _Stored(NamedTuple):
    state: DeliveryState
    attempt: int
    generation: int
    request_hash: bytes | None


def claim_rows(
    connection: sa.Connection, chunk: Chunk, calls: Sequence[Call], now: float, *, called: bool
) -> list[Call]:
    """Those of the calls whose rows may still be sent, marked as `sending`, and, where they are
    `called` at once, recorded as such. The chunk is locked.
    """
    stored = _stored(connection, chunk, calls)
    claimed: list[tuple[Call, bytes]] = []
    moves: Moves = Counter()
    for call in calls:
        rows = [stored.get(one.row) for one in call.deliveries]
        pairs = zip(call.deliveries, rows, strict=True)
        if not all(_is_claimable(one, row, now) for one, row in pairs):
            continue
        digest = hashlib.blake2b(call.request, digest_size=16).digest()
        known = {row.request_hash for row in rows if row is not None and row.attempt}
        if known - {None, digest}:
            moves.update(hold_rows(connection, chunk.broadcast, call.deliveries, _REWORDED))
        else:
            claimed.append((_begun(call, now), digest))
    moves.update(_mark_sending(connection, chunk.broadcast, claimed))
    made = [call for call, _ in claimed]
    move(connection, chunk.broadcast, chunk.first_row, moves, called_row(made) if called else {})
    return made


def called_row(calls: Sequence[Call]) -> dict[str, sa.ColumnElement[int]]:
    """The chunk's record that these calls may have been made: the last row that leads one of these
    or of the calls before. Rows that were called in an earlier lease are in doubt without it.
    """
    first = [call.deliveries[0] for call in calls]
    rows = [one.sent_with for one in first if one.attempt == 1]
    if not rows:
        return {}
    last, known = max(rows), chunks.c.called_row
    return {"called_row": sa.case((known > last, known), else_=last)}


def _stored(
    connection: sa.Connection, chunk: Chunk, calls: Sequence[Call]
) -> Mapping[int, _Stored]:
    rows = [one.row for call in calls for one in call.deliveries]
    c = deliveries.c
    query = sa.select(c.row, c.state, c.attempt, c.generation, c.request_hash).where(
        *within(chunk.broadcast, chunk.first_row, chunk.rows),
        c.row.between(min(rows, default=0), max(rows, default=-1)),
    )
    return {number: _Stored(*rest) for number, *rest in connection.execute(query).all()}


def _is_claimable(delivery: Delivery, row: _Stored | None, now: float) -> bool:
    """Whether the row is as it was when it was found, and may still be repeated."""
    if row is None or _is_late(delivery, now):
        return False
    state = DeliveryState.UNKNOWN if delivery.doubtful else DeliveryState.READY
    found = (row.state, row.attempt, row.generation)
    return found == (state, delivery.attempt - 1, delivery.generation)


def _begun(call: Call, now: float) -> Call:
    """The call with the moment of its claim as that of the first attempt, where it is the first."""
    if call.deliveries[0].attempt > 1:
        return call
    begun = tuple(dataclasses.replace(one, first_attempt_at=now) for one in call.deliveries)
    return dataclasses.replace(call, deliveries=begun)


def _mark_sending(
    connection: sa.Connection, number: int, calls: Sequence[tuple[Call, bytes]]
) -> Moves:
    """Mark rows that are about to be sent; each call comes with the digest of its request."""
    claimed = [
        Claimed(one.attempt, one.sent_with, one.first_attempt_at, digest, one.row)
        for call, digest in calls
        for one in call.deliveries
    ]
    bulk_sql.mark_sending(connection, number, claimed)
    moves: Moves = Counter()
    for call, _ in calls:
        for one in call.deliveries:
            moves[DeliveryState.UNKNOWN if one.doubtful else DeliveryState.READY] -= 1
            moves[DeliveryState.SENDING] += 1
    return moves
