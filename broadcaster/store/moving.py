"""What the ledger does to rows, inside a transaction of its caller, with the chunk's counts kept.

Each function gives the moves that it made; the caller applies their sum to the chunk's counts.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from broadcaster.model import FENCE_SECONDS, Call, Chunk, Delivery, DeliveryState, Settled
from broadcaster.store.tables import STATE_CODES, chunks, deliveries

__all__ = [
    "fence",
    "hold",
    "mark_sending",
    "move",
    "open_rows",
    "reopen_chunk",
    "settle_in_chunk",
    "settle_orphans",
    "split_chunk",
    "update_chunk",
]

Moves = Counter[DeliveryState]
"""By state, how many rows more or fewer; added up with `update`, since `+` drops what is negative.
"""

_INTERRUPTED = "interrupted while it was being sent: it may or may not have arrived"
_FENCED = "no certain answer for 23 hours: it may or may not have arrived"
_OPEN = (DeliveryState.READY, DeliveryState.UNKNOWN)
_CLAIM = (
    "UPDATE deliveries SET state = 1, attempt = ?, sent_with = ?, first_attempt_at = ?, "
    "request_hash = ?, not_before = NULL, reason = NULL WHERE broadcast = ? AND row = ?"
)
_SETTLE = (
    "UPDATE deliveries SET state = ?, attempt = ?, first_attempt_at = ?, not_before = ?, "
    "answered_at = ?, reason = ?, reference = ? WHERE broadcast = ? AND row = ?"
)


def open_rows(chunk: Chunk, now: float, at_most: int) -> sa.Select[Any]:
    """The chunk's rows that may be sent now, in their order."""
    return (
        sa.select(deliveries)
        .where(*_within(chunk.broadcast, chunk.first_row, chunk.rows))
        .where(deliveries.c.state.in_(_OPEN))
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
            first_attempt_at=now if row["first_attempt_at"] is None else row["first_attempt_at"],
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


def mark_sending(connection: sa.Connection, calls: Sequence[tuple[Call, bytes]]) -> Moves:
    """Rows that are about to be sent; each call with the digest of its request."""
    _run_many(connection, _CLAIM, [
        (d.attempt, d.sent_with, d.first_attempt_at, digest, d.broadcast, d.row)
        for call, digest in calls
        for d in call.deliveries
    ])  # fmt: skip
    return _moves((d for call, _ in calls for d in call.deliveries), DeliveryState.SENDING)


def _moves(claimable: Iterable[Delivery], to: DeliveryState) -> Moves:
    moves: Moves = Counter()
    for delivery in claimable:
        moves[DeliveryState.UNKNOWN if delivery.doubtful else DeliveryState.READY] -= 1
        moves[to] += 1
    return moves


def settle_orphans(
    connection: sa.Connection, chunk: Chunk, now: float, *, repeatable: bool
) -> None:
    """Rows whose sender is gone: nobody knows whether they were taken."""
    to = DeliveryState.UNKNOWN if repeatable else DeliveryState.HELD
    done = connection.execute(
        sa.update(deliveries)
        .where(*_within(chunk.broadcast, chunk.first_row, chunk.rows))
        .where(deliveries.c.state == DeliveryState.SENDING)
        .values(state=to, reason=_INTERRUPTED, not_before=None, answered_at=now)
    )
    moves = Counter({DeliveryState.SENDING: -done.rowcount, to: done.rowcount})
    move(connection, chunk.broadcast, chunk.first_row, moves)


def settle_in_chunk(
    connection: sa.Connection, number: int, first_row: int, settled: Sequence[Settled], now: float
) -> None:
    """How deliveries of one chunk ended. A late answer counts only when it says `accepted`."""
    lock = sa.select(chunks.c.rows).where(*_chunk(number, first_row)).with_for_update()
    rows = connection.execute(lock).scalar_one_or_none()
    if rows is None:
        return  # forgotten meanwhile
    columns = (deliveries.c.row, deliveries.c.state, deliveries.c.attempt)
    found = connection.execute(
        sa.select(*columns, deliveries.c.first_attempt_at)
        .where(*_within(number, first_row, rows))
        .where(deliveries.c.row.between(*_span(settled)))
    )
    current = {row.row: row for row in found}
    moves: Moves = Counter()
    changes = []
    for one in settled:
        row = current[one.delivery.row]
        ours = row.state is DeliveryState.SENDING and row.attempt == one.delivery.attempt
        late_truth = one.state is DeliveryState.ACCEPTED and row.state is not one.state
        if ours or late_truth:
            moves[row.state] -= 1
            moves[one.state] += 1
            changes.append(_change(one, row, now))
    _run_many(connection, _SETTLE, changes)
    move(connection, number, first_row, moves)


def _span(settled: Sequence[Settled]) -> tuple[int, int]:
    rows = [one.delivery.row for one in settled]
    return min(rows), max(rows)


def _change(one: Settled, row: Any, now: float) -> tuple[Any, ...]:
    attempt = row.attempt - one.unsent
    begun_at = row.first_attempt_at if attempt else None
    answered_at = None if one.unsent else now
    return (
        STATE_CODES[one.state], attempt, begun_at, one.not_before, answered_at,
        one.reason, one.reference, one.delivery.broadcast, one.delivery.row,
    )  # fmt: skip


def reopen_chunk(
    connection: sa.Connection, number: int, first_row: int, states: Sequence[DeliveryState]
) -> int:
    """Rows of a chunk in these end states, ready again as if never sent, under a new key."""
    lock = sa.select(chunks.c.rows).where(*_chunk(number, first_row)).with_for_update()
    rows = connection.execute(lock).scalar_one()
    moves: Moves = Counter()
    for state in states:
        done = connection.execute(
            sa.update(deliveries)
            .where(*_within(number, first_row, rows), deliveries.c.state == state)
            .values(
                state=DeliveryState.READY, generation=deliveries.c.generation + 1, attempt=0,
                sent_with=None, first_attempt_at=None, request_hash=None, reason=None,
                reference=None, answered_at=None, not_before=None,
            )
        )  # fmt: skip
        moves[state] -= done.rowcount
        moves[DeliveryState.READY] += done.rowcount
    move(connection, number, first_row, moves)
    update_chunk(connection, number, first_row, {"not_before": None})
    return moves[DeliveryState.READY]


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
    update_chunk(connection, number, first, {"rows": size, **kept})
    values = {"broadcast": number, "first_row": row, "rows": whole["rows"] - size, **second}
    connection.execute(sa.insert(chunks).values(values))
    return True


def _counts(connection: sa.Connection, number: int, first_row: int, rows: int) -> dict[str, int]:
    query = (
        sa.select(deliveries.c.state, sa.func.count().label("rows"))
        .where(*_within(number, first_row, rows))
        .group_by(deliveries.c.state)
    )
    found = {row.state: row.rows for row in connection.execute(query)}
    return {state.value: found.get(state, 0) for state in DeliveryState}


def move(connection: sa.Connection, number: int, first_row: int, moves: Moves) -> None:
    """Apply the moves to the chunk's counts, all at once, since they must always add up."""
    changed = {s.value: chunks.c[s.value] + moves[s] for s in DeliveryState if moves[s]}
    if changed:
        update_chunk(connection, number, first_row, changed)


def update_chunk(
    connection: sa.Connection, number: int, first_row: int, values: Mapping[str, Any]
) -> None:
    """Set columns of a chunk."""
    connection.execute(sa.update(chunks).where(*_chunk(number, first_row)).values(dict(values)))


def _chunk(number: int, first_row: int) -> tuple[sa.ColumnElement[bool], ...]:
    return (chunks.c.broadcast == number, chunks.c.first_row == first_row)


def _within(number: int, first_row: int, rows: int) -> tuple[sa.ColumnElement[bool], ...]:
    rows_of_chunk = deliveries.c.row.between(first_row, first_row + rows - 1)
    return (deliveries.c.broadcast == number, rows_of_chunk)


def _run_many(connection: sa.Connection, statement: str, rows: list[tuple[Any, ...]]) -> None:
    """By the driver's own executemany, a tenth of what SQLAlchemy's takes for many small rows."""
    if connection.dialect.name == "postgresql":
        statement = statement.replace("?", "%s")
    if rows:
        connection.exec_driver_sql(statement, rows)
