"""How deliveries of a chunk ended, written down inside a transaction of the ledger's."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from broadcaster.model import Delivery, DeliveryState, Settlement
from broadcaster.store.ledger import bulk_sql
from broadcaster.store.ledger.bulk_sql import Recorded
from broadcaster.store.ledger.row_states import Moves, move, the_chunk
from broadcaster.store.schema.tables import STATE_CODES, chunks, deliveries, storable

__all__ = ["settle_in_chunk"]


def settle_in_chunk(
    connection: sa.Connection,
    number: int,
    first_row: int,
    settled: Sequence[Settlement],
    now: float,
    *,
    released_by: str | None = None,
) -> None:
    """How deliveries of one chunk ended. A late answer counts only when it says `accepted`.

    With the name of its owner, the chunk is released, if it is still that owner's.
    """
    lock = sa.select(chunks.c.rows, chunks.c.owner).where(*the_chunk(number, first_row))
    found = connection.execute(lock.with_for_update()).one_or_none()
    if found is None:
        return  # forgotten meanwhile
    end = first_row + found.rows
    current = _current(connection, number, first_row, end, settled) if settled else {}
    moves: Moves = Counter()
    changes: dict[int, Recorded] = {}
    for one in settled:
        row = current.get(one.delivery.row)
        if row is None:
            continue
        ours = row.state is DeliveryState.SENDING and row.claim == _claim(one.delivery)
        late_truth = one.state is DeliveryState.ACCEPTED and row.state is not one.state
        if ours or late_truth:
            state = _in_truth(one)
            moves[row.state] -= 1
            moves[state] += 1
            changes[one.delivery.row] = _recorded(one, state, row, now)
            current[one.delivery.row] = row._replace(state=state)
    bulk_sql.record(connection, number, list(changes.values()))
    ours_still = released_by is not None and found.owner == released_by
    move(connection, number, first_row, moves, _free(moves) if ours_still else {})
    elsewhere = [one for one in settled if one.delivery.row >= end]
    if elsewhere:  # the chunk was split meanwhile
        settle_in_chunk(connection, number, end, elsewhere, now)


def _free(moves: Moves) -> Mapping[str, Any]:
    """What a chunk becomes that is nobody's: it waits until the first of its rows may be sent."""
    due = sa.select(sa.func.min(sa.func.coalesce(deliveries.c.not_before, 0.0))).where(
        deliveries.c.broadcast == chunks.c.broadcast,
        deliveries.c.row.between(chunks.c.first_row, chunks.c.first_row + chunks.c.rows - 1),
        deliveries.c.state.in_((DeliveryState.READY, DeliveryState.UNKNOWN)),
    )
    left = chunks.c.ready + chunks.c.unknown + moves[DeliveryState.READY]
    left += moves[DeliveryState.UNKNOWN]
    # most have nothing left, and then no row need be looked at
    waits = sa.case((left > 0, sa.func.nullif(due.scalar_subquery(), 0.0)))
    return {"owner": None, "lease_until": None, "not_before": waits}


class _Current(NamedTuple):
    state: DeliveryState
    claim: tuple[int, int]  # generation and attempt: which of a row's claims it is
    first_attempt_at: float | None


def _current(
    connection: sa.Connection, number: int, first_row: int, end: int, settled: Sequence[Settlement]
) -> dict[int, _Current]:
    rows = [one.delivery.row for one in settled]
    columns = (
        deliveries.c.row,
        deliveries.c.state,
        deliveries.c.generation,
        deliveries.c.attempt,
        deliveries.c.first_attempt_at,
    )
    query = sa.select(*columns).where(
        deliveries.c.broadcast == number,
        deliveries.c.row.between(max(min(rows), first_row), min(max(rows), end - 1)),
    )
    return {
        row: _Current(state, (generation, attempt), begun_at)
        for row, state, generation, attempt, begun_at in connection.execute(query).all()
    }


def _claim(delivery: Delivery) -> tuple[int, int]:
    return delivery.generation, delivery.attempt


def _in_truth(one: Settlement) -> DeliveryState:
    """That this attempt was surely not taken says nothing about the earlier ones."""
    if one.state is DeliveryState.READY and one.delivery.doubtful:
        return DeliveryState.UNKNOWN
    return one.state


def _recorded(one: Settlement, state: DeliveryState, row: _Current, now: float) -> Recorded:
    attempt = row.claim[1] - one.unsent
    return Recorded(
        STATE_CODES[state],
        attempt,
        row.first_attempt_at if attempt else None,
        one.not_before,
        None if one.unsent else now,
        storable(one.reason) or None,
        storable(one.reference) or None,
        one.delivery.row,
    )
