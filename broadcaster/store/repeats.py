"""Which rows of a broadcast another one sent already: the same message to the same person.

Of a broadcast that was forgotten, digests are left for some days.
"""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from broadcaster.model import SENT_BEFORE_DAYS, DeliveryState
from broadcaster.store.database.database import Database
from broadcaster.store.schema.tables import broadcasts, deliveries, sent_digests

__all__ = [
    "KEPT_SECONDS",
    "Repeats",
    "SentBefore",
    "drop_old_digests",
    "keep_digests",
    "message_digest",
]

_MAY_HAVE_ARRIVED = (
    DeliveryState.ACCEPTED,
    DeliveryState.HELD,
    DeliveryState.UNKNOWN,
    DeliveryState.SENDING,
)
_BROADCASTS = 20
KEPT_SECONDS = SENT_BEFORE_DAYS * 86_400.0
_ROWS_AT_ONCE = 5_000
_DIGEST_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class SentBefore:
    """How many rows were sent already, and the id of the newest broadcast that sent some."""

    rows: int
    broadcast: str = ""


class Repeats:
    """One question a method."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def sent_since(self, number: int, since: float, *, via: Sequence[str]) -> SentBefore:
        """The rows whose uid and msg may have arrived from another broadcast that began after the
        moment `since`, by a channel of one of these stored names; among the twenty newest of these
        broadcasts, forgotten ones included.
        """
        with self._database.reading() as connection:
            recent = connection.execute(
                sa.select(broadcasts.c.number, broadcasts.c.id)
                .where(broadcasts.c.number != number, broadcasts.c.first_sent_at >= since)
                .where(broadcasts.c.via.in_(via))
                .order_by(broadcasts.c.number.desc())
                .limit(_BROADCASTS)
            ).all()
            if not recent:
                return SentBefore(rows=0)
            names = {one.number: one.id for one in recent}
            forgotten = _by_digest(connection, number, list(names))
            rows, newest = _by_text(connection, number, list(names), forgotten)
        return SentBefore(rows=rows, broadcast=names.get(newest, ""))


def _by_text(
    connection: sa.Connection, number: int, others: Sequence[int], known: dict[int, int]
) -> tuple[int, int]:
    """How many rows others have, or are `known` with the number of another broadcast already; and
    the highest number of these broadcasts, 0 for none.
    """
    ours, theirs = deliveries.alias("ours"), deliveries.alias("theirs")
    same = (ours.c.uid == theirs.c.uid) & (ours.c.msg == theirs.c.msg)
    newest = sa.func.max(theirs.c.broadcast)
    query: Any = sa.select(sa.func.count(sa.distinct(ours.c.row)), newest)
    if known:
        query = sa.select(ours.c.row, newest).group_by(ours.c.row)
    query = (
        query.join_from(ours, theirs, same)
        .where(ours.c.broadcast == number)
        .where(theirs.c.broadcast.in_(others))
        .where(theirs.c.state.in_(_MAY_HAVE_ARRIVED))
    )
    if not known:
        rows, last = connection.execute(query).one()
        return rows, last or 0
    for row, last in connection.execute(query):
        known[row] = max(last, known.get(row, 0))
    return len(known), max(known.values())


def _by_digest(connection: sa.Connection, number: int, others: Sequence[int]) -> dict[int, int]:
    """Each row that a forgotten one of the others sent, with the highest number of these."""
    c = sent_digests.c
    kept = sa.select(c.broadcast).where(c.broadcast.in_(others)).limit(1)
    if connection.execute(kept).first() is None:
        return {}
    found: dict[int, int] = {}
    first, rows = 0, connection.execute(_row_count(number)).scalar_one()
    while first < rows:
        digests: dict[bytes, list[int]] = defaultdict(list)
        for one in connection.execute(_texts(number, first, first + _ROWS_AT_ONCE)):
            digests[message_digest(one.uid, one.msg)].append(one.row)
        query = sa.select(c.digest, sa.func.max(c.broadcast)).where(
            c.broadcast.in_(others), c.digest.in_(digests)
        )
        for digest, last in connection.execute(query.group_by(c.digest)):
            found |= dict.fromkeys(digests[digest], last)
        first += _ROWS_AT_ONCE
    return found


def _row_count(number: int) -> sa.Select[int]:
    return sa.select(broadcasts.c.rows).where(broadcasts.c.number == number)


def _texts(number: int, first: int, end: int) -> sa.Select[tuple[int, str, str]]:
    c = deliveries.c
    return sa.select(c.row, c.uid, c.msg).where(
        c.broadcast == number, c.row.between(first, end - 1)
    )


def message_digest(uid: str, msg: str) -> bytes:
    """By which the same message to the same person is known again."""
    parts = f"{len(uid)}:{uid}{msg}".encode()
    return hashlib.blake2b(parts, digest_size=_DIGEST_BYTES).digest()


def keep_digests(connection: sa.Connection, number: int, up_to: int) -> None:
    """Before rows of a broadcast are erased, up to this one: keep what may have arrived."""
    c = deliveries.c
    query = sa.select(c.uid, c.msg).where(c.broadcast == number, c.row <= up_to)
    found = connection.execute(query.where(c.state.in_(_MAY_HAVE_ARRIVED))).all()
    digests = sorted({message_digest(uid, msg) for uid, msg in found})
    if digests:
        values = [{"broadcast": number, "digest": digest} for digest in digests]
        insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
        connection.execute(insert(sent_digests).on_conflict_do_nothing(), values)


def drop_old_digests(connection: sa.Connection, now: float) -> None:
    """Those of broadcasts that were begun so long ago that nobody asks for them any more."""
    old = sa.select(broadcasts.c.number).where(broadcasts.c.first_sent_at < now - KEPT_SECONDS)
    connection.execute(sa.delete(sent_digests).where(sent_digests.c.broadcast.in_(old)))
