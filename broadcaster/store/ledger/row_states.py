"""What the ledger does to rows, inside a transaction of its caller, with the chunk's counts kept.

Each function gives the moves that it made; the caller applies their sum to the chunk's counts.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from broadcaster.model import FENCE_SECONDS, Call, Chunk, Delivery, DeliveryState
from broadcaster.store.ledger import bulk_sql
from broadcaster.store.ledger.bulk_sql import Claimed
from broadcaster.store.schema.tables import chunks, deliveries

__all__ = [
    "Moves",
    "fence",
    "hold",
    "mark_sending",
    "move",
    "open_rows",
    "reopen_chunk",
    "settle_orphans",
    "split_chunk",
    "the_chunk",
    "update_chunk",
    "within",
]

Moves = Counter[DeliveryState]
"""By state, how many rows more or fewer; added up with `update`, since `+` drops what is negative.
"""

_INTERRUPTED = "interrupted while it was being sent: it may or may not have arrived"
_FENCED = "no certain answer for 23 hours: it may or may not have arrived"


def open_rows(chunk: Chunk, now: float, at_most: int) -> sa.Select[Any]:
    """The chunk's rows that may be sent now, in their order. Where nothing may be repeated, a row
    of unknown outcome waits for the next lease, which holds it.
    """
    claimable = [DeliveryState.READY, DeliveryState.UNKNOWN][: 1 + chunk.repeatable]
    return (
        sa.select(deliveries)
        .where(*within(chunk.broadcast, chunk.first_row, chunk.rows))
        .where(deliveries.c.state.in_(claimable))
        .where(sa.func.coalesce(deliveries.c.not_before, 0.0) <= now)
        .order_by(deliveries.c.row)
        .limit(at_most)
    )


def fence(
    connection: sa.Connection, chunk: Chunk, rows: Sequence[sa.RowMapping], now: float
) -> tuple[list[Delivery], Moves]:
    """Those that may be sent, and those of unknown outcome that are too old to repeat, held."""
    fresh: list[Delivery] = []
    old: list[Delivery] = []
    for row in rows:
        doubtful = row["state"] is DeliveryState.UNKNOWN
        delivery = Delivery(
            broadcast=chunk.broadcast, chunk=chunk.first_row, row=row["row"], uid=row["uid"],
            msg=row["msg"], attempt=row["attempt"] + 1, generation=row["generation"],
            sent_with=row["sent_with"] if row["attempt"] else row["row"],
            first_attempt_at=row["first_attempt_at"] if row["attempt"] else now,
            doubtful=doubtful,
        )  # fmt: skip
        late = doubtful and now - delivery.first_attempt_at >= FENCE_SECONDS
        (old if late else fresh).append(delivery)
    return fresh, hold(connection, chunk.broadcast, old, _FENCED)


def hold(connection: sa.Connection, number: int, held: Sequence[Delivery], reason: str) -> Moves:
    """Claimable rows that a person must decide on."""
    if held:
        connection.execute(
            sa.update(deliveries)
            .where(deliveries.c.broadcast == number, deliveries.c.row.in_([d.row for d in held]))
            .values(state=DeliveryState.HELD, reason=reason, not_before=None)
        )
    return _moves(held, DeliveryState.HELD)


def mark_sending(
    connection: sa.Connection, number: int, calls: Sequence[tuple[Call, bytes]]
) -> Moves:
    """Rows that are about to be sent; each call with the digest of its request."""
    claimed = [
        Claimed(one.attempt, one.sent_with, one.first_attempt_at, digest, one.row)
        for call, digest in calls
        for one in call.deliveries
    ]
    bulk_sql.mark_sending(connection, number, claimed)
    return _moves((d for call, _ in calls for d in call.deliveries), DeliveryState.SENDING)


def _moves(claimable: Iterable[Delivery], to: DeliveryState) -> Moves:
    moves: Moves = Counter()
    for delivery in claimable:
        moves[DeliveryState.UNKNOWN if delivery.doubtful else DeliveryState.READY] -= 1
        moves[to] += 1
    return moves


def settle_orphans(connection: sa.Connection, chunk: Chunk, now: float) -> int:
    """Rows whose sender is gone: nobody knows whether they were taken. Gives their number."""
    doubtful = [DeliveryState.SENDING]
    to = DeliveryState.UNKNOWN
    if not chunk.repeatable:
        # also what an earlier sender, who might repeat, has left to be repeated
        doubtful.append(DeliveryState.UNKNOWN)
        to = DeliveryState.HELD
    why: dict[DeliveryState, Any] = {
        DeliveryState.SENDING: _INTERRUPTED,
        # what the channel last said of it, if it said anything
        DeliveryState.UNKNOWN: sa.func.coalesce(deliveries.c.reason, _INTERRUPTED),
    }
    moves: Moves = Counter()
    for state in doubtful:
        done = connection.execute(
            sa.update(deliveries)
            .where(*within(chunk.broadcast, chunk.first_row, chunk.rows))
            .where(deliveries.c.state == state)
            .values(state=to, reason=why[state], not_before=None, answered_at=now)
        )
        moves[state] -= done.rowcount
        moves[to] += done.rowcount
    move(connection, chunk.broadcast, chunk.first_row, moves)
    return moves[to]


def reopen_chunk(
    connection: sa.Connection,
    number: int,
    first_row: int,
    states: Sequence[DeliveryState],
    now: float,
) -> int:
    """Rows of a chunk in these end states, ready again. What was refused gets a new key; what may
    have arrived keeps its key, so that a channel that honours keys does not send it twice.
    """
    lock = sa.select(chunks.c.rows).where(*the_chunk(number, first_row)).with_for_update()
    rows = connection.execute(lock).scalar_one_or_none()
    if rows is None:
        return 0  # forgotten meanwhile
    moves: Moves = Counter()
    for state in states:
        done = connection.execute(
            sa.update(deliveries)
            .where(*within(number, first_row, rows), deliveries.c.state == state)
            .values(**_READY_AGAIN, **_key_of_retry(state, now))
        )
        moves[state] -= done.rowcount
        moves[DeliveryState.READY] += done.rowcount
    move(connection, number, first_row, moves)
    update_chunk(connection, number, first_row, {"not_before": None})
    return moves[DeliveryState.READY]


_READY_AGAIN = {
    "state": DeliveryState.READY,
    "request_hash": None,
    "reason": None,
    "reference": None,
    "answered_at": None,
    "not_before": None,
}


def _key_of_retry(state: DeliveryState, now: float) -> dict[str, Any]:
    if state is DeliveryState.HELD:
        return {"first_attempt_at": now}
    new_key = deliveries.c.generation + 1
    return {"generation": new_key, "attempt": 0, "sent_with": None, "first_attempt_at": None}


def split_chunk(connection: sa.Connection, number: int, row: int, now: float) -> bool:
    """Two chunks of one, the second beginning at the row."""
    query = sa.select(chunks).where(chunks.c.broadcast == number, chunks.c.first_row < row)
    query = query.where(chunks.c.first_row + chunks.c.rows > row).with_for_update()
    whole = connection.execute(query).mappings().first()
    if whole is None:
        return True
    if (whole["lease_until"] or 0.0) > now or whole["sending"]:
        return False
    first, size = whole["first_row"], row - whole["first_row"]
    second = _counts(connection, number, row, whole["rows"] - size)
    kept = {state.value: whole[state.value] - second[state.value] for state in DeliveryState}
    # whoever had leased the whole knows nothing of its parts
    nobody = {"owner": None, "lease_until": None, "not_before": whole["not_before"]}
    update_chunk(connection, number, first, {"rows": size, **kept, **nobody})
    values = {"broadcast": number, "first_row": row, "rows": whole["rows"] - size}
    connection.execute(sa.insert(chunks).values({**values, **second, **nobody}))
    return True


def _counts(connection: sa.Connection, number: int, first_row: int, rows: int) -> dict[str, int]:
    query = (
        sa.select(deliveries.c.state, sa.func.count().label("rows"))
        .where(*within(number, first_row, rows))
        .group_by(deliveries.c.state)
    )
    found = {row.state: row.rows for row in connection.execute(query)}
    return {state.value: found.get(state, 0) for state in DeliveryState}


def move(
    connection: sa.Connection,
    number: int,
    first_row: int,
    moves: Moves,
    also: Mapping[str, Any] | None = None,
) -> None:
    """Apply the moves to the chunk's counts, all at once, since they must always add up; `also` are
    other columns to set.
    """
    changed: dict[str, Any] = dict(also or {})
    changed |= {s.value: chunks.c[s.value] + moves[s] for s in DeliveryState if moves[s]}
    if changed:
        update_chunk(connection, number, first_row, changed)


def update_chunk(
    connection: sa.Connection, number: int, first_row: int, values: Mapping[str, Any]
) -> None:
    """Set columns of a chunk."""
    connection.execute(sa.update(chunks).where(*the_chunk(number, first_row)).values(dict(values)))


def the_chunk(number: int, first_row: int) -> tuple[sa.ColumnElement[bool], ...]:
    """That it is this chunk."""
    return (chunks.c.broadcast == number, chunks.c.first_row == first_row)


def within(number: int, first_row: int, rows: int) -> tuple[sa.ColumnElement[bool], ...]:
    """That a row is one of the chunk's."""
    rows_of_chunk = deliveries.c.row.between(first_row, first_row + rows - 1)
    return (deliveries.c.broadcast == number, rows_of_chunk)
