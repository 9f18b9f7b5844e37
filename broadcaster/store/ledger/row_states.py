"""What the ledger does to rows, inside a transaction of its caller, with the chunk's counts kept.

Each function gives the moves that it made; the caller applies their sum to the chunk's counts.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from broadcaster.model import FENCE_SECONDS, Chunk, Delivery, DeliveryState
from broadcaster.store.schema.tables import chunks, deliveries

__all__ = [
    "Moves",
    "give_back_uncalled",
    "hold_late_rows",
    "hold_rows",
    "move",
    "reopen_chunk",
    "set_back_moments",
    "settle_orphaned_rows",
    "split_chunk",
    "the_chunk",
    "update_chunk",
    "within",
]

Moves = Counter[DeliveryState]
"""By state, how many rows more or fewer; added up with `update`, since `+` drops what is negative.
"""

_LONGEST_WAIT_SECONDS = 60.0
"""A moment farther ahead than this was noted before the clock was set back, unless a channel asked
for a longer wait, which may then end sooner.
"""
_INTERRUPTED = "interrupted while it was being sent: it may or may not have arrived"
_FENCED = "no certain answer for 23 hours: it may or may not have arrived"


def hold_rows(
    connection: sa.Connection, number: int, claimable: Sequence[Delivery], reason: str
) -> Moves:
    """Hold claimable rows that a person must decide on."""
    rows = [one.row for one in claimable]
    connection.execute(
        sa.update(deliveries)
        .where(deliveries.c.broadcast == number, deliveries.c.row.in_(rows))
        .values(state=DeliveryState.HELD, reason=reason, not_before=None)
    )
    moves: Moves = Counter()
    for one in claimable:
        moves[DeliveryState.UNKNOWN if one.doubtful else DeliveryState.READY] -= 1
        moves[DeliveryState.HELD] += 1
    return moves


def hold_late_rows(connection: sa.Connection, chunk: Chunk, now: float) -> None:
    """Hold rows of unknown outcome that are too old to repeat."""
    late = connection.execute(
        sa.update(deliveries)
        .where(*within(chunk.broadcast, chunk.first_row, chunk.rows))
        .where(deliveries.c.state == DeliveryState.UNKNOWN)
        .where(deliveries.c.first_attempt_at <= now - FENCE_SECONDS)
        .values(state=DeliveryState.HELD, reason=_FENCED, not_before=None)
    ).rowcount
    moves = Counter({DeliveryState.UNKNOWN: -late, DeliveryState.HELD: late})
    move(connection, chunk.broadcast, chunk.first_row, moves)


def give_back_uncalled(connection: sa.Connection, chunk: sa.RowMapping) -> int:
    """Rows that the owner of a chunk claimed and, by its own record, did not call yet: ready again,
    as if never claimed. Gives their number; without such a record it is 0. `chunk` is the chunk's
    row, locked; its owner is gone.

    Calls are made in the order of the rows that lead them. A row that was called before in vain is
    in doubt anyway.
    """
    if chunk["owner"] is None or chunk["called_by"] != chunk["owner"]:
        return 0
    number, first_row = chunk["broadcast"], chunk["first_row"]
    given_back = connection.execute(
        sa.update(deliveries)
        .where(*within(number, first_row, chunk["rows"]))
        .where(deliveries.c.state == DeliveryState.SENDING, deliveries.c.attempt == 1)
        .where(deliveries.c.sent_with > chunk["called_row"])
        .values(state=DeliveryState.READY, attempt=0, first_attempt_at=None, sent_with=None)
    ).rowcount
    moves = Counter({DeliveryState.SENDING: -given_back, DeliveryState.READY: given_back})
    move(connection, number, first_row, moves)
    return given_back


def settle_orphaned_rows(connection: sa.Connection, chunk: Chunk, now: float) -> int:
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


def set_back_moments(connection: sa.Connection, number: int, seconds: float, now: float) -> None:
    """Waits that would last for hours after the clock was set back, and first attempts that lie in
    the future, from which the time counts after which nothing is repeated.
    """
    ahead = now + _LONGEST_WAIT_SECONDS
    c = deliveries.c
    connection.execute(
        sa.update(chunks)
        .where(chunks.c.broadcast == number, chunks.c.not_before > ahead)
        .values(not_before=chunks.c.not_before - seconds)
    )
    in_doubt = c.state.in_((DeliveryState.READY, DeliveryState.SENDING, DeliveryState.UNKNOWN))
    for column, after in ((c.not_before, ahead), (c.first_attempt_at, now)):
        change = sa.update(deliveries).where(c.broadcast == number, in_doubt, column > after)
        connection.execute(change.values({column.name: column - seconds}))


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
