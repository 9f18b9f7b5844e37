"""The three statements that run for every row, in the fastest way that each database has.

SQLite is in our own process: its driver's executemany is the fastest there. To PostgreSQL every
statement is a journey: rows go in by COPY, and changes of many rows as arrays in one UPDATE.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

__all__ = ["Claimed", "Recorded", "insert_rows", "mark_sending", "record"]


class Claimed(NamedTuple):
    """What a row becomes with a claim. In the order of the statement's values."""

    attempt: int
    sent_with: int
    first_attempt_at: float
    request_hash: bytes
    row: int


class Recorded(NamedTuple):
    """What a row becomes with an answer. In the order of the statement's values."""

    state: int
    attempt: int
    first_attempt_at: float | None
    not_before: float | None
    answered_at: float | None
    reason: str | None
    reference: str | None
    row: int


_INSERT = {
    "sqlite": (
        "INSERT INTO deliveries (broadcast, row, state, attempt, generation, uid, msg) "
        "VALUES (?, ?, 0, 0, 0, ?, ?)"
    ),
    "postgresql": (
        "COPY deliveries (broadcast, row, state, attempt, generation, uid, msg) "
        "FROM STDIN (FORMAT BINARY)"
    ),
}
_COPIED = ("int4", "int8", "int2", "int4", "int2", "bytea", "bytea")

_CLAIM = {
    "sqlite": (
        "UPDATE deliveries SET state = 1, attempt = ?, sent_with = ?, first_attempt_at = ?, "
        "request_hash = ?, not_before = NULL, reason = NULL WHERE broadcast = ? AND row = ?"
    ),
    "postgresql": (
        "UPDATE deliveries AS d SET state = 1, attempt = n.attempt, sent_with = n.sent_with, "
        "first_attempt_at = n.first_attempt_at, request_hash = n.request_hash, "
        "not_before = NULL, reason = NULL "
        "FROM unnest(%s::int[], %s::bigint[], %s::float8[], %s::bytea[], %s::bigint[]) "
        "AS n(attempt, sent_with, first_attempt_at, request_hash, row) "
        "WHERE d.broadcast = %s AND d.row BETWEEN %s AND %s AND d.row = n.row"
    ),
}

_RECORD = {
    "sqlite": (
        "UPDATE deliveries SET state = ?, attempt = ?, first_attempt_at = ?, not_before = ?, "
        "answered_at = ?, reason = ?, reference = ? WHERE broadcast = ? AND row = ?"
    ),
    "postgresql": (
        "UPDATE deliveries AS d SET state = n.state, attempt = n.attempt, "
        "first_attempt_at = n.first_attempt_at, not_before = n.not_before, "
        "answered_at = n.answered_at, reason = n.reason, reference = n.reference "
        "FROM unnest(%s::int[], %s::int[], %s::float8[], %s::float8[], %s::float8[], %s::text[], "
        "%s::text[], %s::bigint[]) AS n(state, attempt, first_attempt_at, not_before, answered_at, "
        "reason, reference, row) "
        "WHERE d.broadcast = %s AND d.row BETWEEN %s AND %s AND d.row = n.row"
    ),
}


def insert_rows(
    connection: sa.Connection, number: int, first_row: int, rows: Sequence[tuple[str, str]]
) -> None:
    """New rows, all ready, numbered from `first_row`; each uid and msg."""
    encoded = [(uid.encode(), msg.encode()) for uid, msg in rows]
    numbered = enumerate(encoded, first_row)
    statement = _INSERT[connection.dialect.name]
    if not encoded:
        return
    if connection.dialect.name == "sqlite":
        values = [(number, row, uid, msg) for row, (uid, msg) in numbered]
        connection.exec_driver_sql(statement, values)
        return
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(_COPIED)
        for row, (uid, msg) in numbered:
            copy.write_row((number, row, 0, 0, 0, uid, msg))


def mark_sending(connection: sa.Connection, number: int, claimed: Sequence[Claimed]) -> None:
    """Rows of a broadcast are about to be sent. No row may stand twice."""
    _run(connection, _CLAIM, number, claimed)


def record(connection: sa.Connection, number: int, recorded: Sequence[Recorded]) -> None:
    """What became of rows of a broadcast. No row may stand twice."""
    _run(connection, _RECORD, number, recorded)


def _run(
    connection: sa.Connection,
    statements: dict[str, str],
    number: int,
    changes: Sequence[Claimed] | Sequence[Recorded],
) -> None:
    if not changes:
        return
    statement = statements[connection.dialect.name]
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(statement, [(*one[:-1], number, one[-1]) for one in changes])
        return
    columns = [list(column) for column in zip(*changes, strict=True)]
    # the bounds keep the planner from looking at the whole table
    bounds = (number, min(columns[-1]), max(columns[-1]))
    connection.exec_driver_sql(statement, (*columns, *bounds))
