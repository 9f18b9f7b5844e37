"""Who did not get it, and why: looks at a broadcast's rows, each of them bounded.

Chunks tell where rows of a state are, so that a few failures among a million are found at once.
"""

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from broadcaster.model import DeliveryState
from broadcaster.store.database.database import Database
from broadcaster.store.ledger.broadcast_states import count_rows
from broadcaster.store.schema.tables import broadcasts, chunks, deliveries

__all__ = ["OTHER_REASONS", "Accepted", "Cause", "Outcome", "Outcomes"]

OTHER_REASONS = "other reasons"
_STEPS_SECONDS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200)
_DAY_SECONDS = 86400
_COLUMNS = (
    deliveries.c.row,
    deliveries.c.uid,
    deliveries.c.msg,
    deliveries.c.state,
    deliveries.c.attempt,
    deliveries.c.reason,
    deliveries.c.reference,
    deliveries.c.answered_at,
    deliveries.c.not_before,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """How many rows are in a state for a reason; None when nothing is to be said."""

    state: DeliveryState
    reason: str | None
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One row and what became of it. `not_before`: when it may be sent again."""

    row: int
    uid: str
    msg: str
    state: DeliveryState
    attempt: int
    reason: str | None
    reference: str | None
    answered_at: float | None
    not_before: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """How many rows were accepted in the `seconds` from `at` on."""

    at: float
    seconds: float
    rows: int


class Outcomes:
    """One look a method."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def causes(self, number: int, *, at_most: int = 100) -> list[Cause]:
        """The rows by state and reason, the most first; they always add up to all rows.

        What goes beyond `at_most` stands under OTHER_REASONS.
        """
        touched = chunks.c.ready < chunks.c.rows
        waiting = chunks.c.not_before.is_not(None) | chunks.c.owner.is_not(None)
        rows = sa.func.count().label("rows")
        query = (
            sa.select(deliveries.c.state, deliveries.c.reason, rows)
            .join_from(chunks, deliveries, _in_chunk())
            .where(chunks.c.broadcast == number, chunks.c.accepted < chunks.c.rows)
            .where(touched | waiting, deliveries.c.state != DeliveryState.ACCEPTED)
            .group_by(deliveries.c.state, deliveries.c.reason)
            .order_by(rows.desc(), deliveries.c.state, deliveries.c.reason)
            .limit(at_most)
        )
        with self._database.reading() as connection:
            one = sa.select(broadcasts).where(broadcasts.c.number == number)
            counts = count_rows(connection, connection.execute(one).mappings().all())[number]
            found = [
                Cause(state=state, reason=reason, rows=n)
                for state, reason, n in connection.execute(query)
            ]
        return _with_the_rest(found, counts)

    def outcomes(
        self,
        number: int,
        *,
        states: Collection[DeliveryState] | None = None,
        reason: str | None = None,
        uid_prefix: str = "",
        uid: str | None = None,
        after: int = -1,
        at_most: int = 500,
    ) -> list[Outcome]:
        """Up to so many rows in their order, those behind the row `after`: the key to go on with.

        `states` None: all of them; `reason` None: any; `uid` None: anybody.
        """
        wanted = _wanted(number, states, reason, uid_prefix)
        if uid is not None:
            wanted = wanted.where(deliveries.c.uid == uid)
        found: list[Outcome] = []
        with self._database.reading() as connection:
            for first, last in _ranges(connection, number, states, after):
                query = wanted.where(deliveries.c.row.between(first, last))
                rows = connection.execute(query.limit(at_most - len(found))).mappings()
                found.extend(Outcome(**row) for row in rows)
                if len(found) >= at_most:
                    break
        return found

    def each(
        self,
        number: int,
        *,
        states: Collection[DeliveryState] | None = None,
        reason: str | None = None,
        uid_prefix: str = "",
        page_rows: int = 1000,
    ) -> Iterator[Outcome]:
        """All such rows, however many; between the pages the store is free for others."""
        after = -1
        while True:
            page = self.outcomes(
                number,
                states=states,
                reason=reason,
                uid_prefix=uid_prefix,
                after=after,
                at_most=page_rows,
            )
            yield from page
            if len(page) < page_rows:
                return
            after = page[-1].row

    def accepted_over_time(self, number: int, *, points: int = 120) -> list[Accepted]:
        """At most `points` spans of equal length from the first accepted row to the last."""
        at = deliveries.c.answered_at
        taken = (
            deliveries.c.broadcast == number,
            deliveries.c.state == DeliveryState.ACCEPTED,
            at.is_not(None),
        )
        with self._database.reading() as connection:
            ends = sa.select(sa.func.min(at), sa.func.max(at)).where(*taken)
            first, last = connection.execute(ends).one()
            if first is None:
                return []
            seconds, start = _span(first, last, points)
            bucket: Any = (at - start) / seconds
            if connection.dialect.name == "postgresql":
                bucket = sa.func.floor(bucket)  # a cast rounds there, and cuts in SQLite
            bucket = sa.cast(bucket, sa.Integer)
            query = sa.select(bucket, sa.func.count()).where(*taken).group_by(bucket)
            rows = {int(index): int(n) for index, n in connection.execute(query)}
        return [
            Accepted(at=start + seconds * index, seconds=seconds, rows=rows.get(index, 0))
            for index in range(max(rows) + 1)
        ]


def _in_chunk() -> sa.ColumnElement[bool]:
    last = chunks.c.first_row + chunks.c.rows - 1
    return (deliveries.c.broadcast == chunks.c.broadcast) & deliveries.c.row.between(
        chunks.c.first_row, last
    )


def _with_the_rest(found: list[Cause], counts: dict[DeliveryState, int]) -> list[Cause]:
    rest = dict(counts)
    for cause in found:
        rest[cause.state] -= cause.rows
    all_causes = list(found)
    for state, rows in rest.items():
        plain = state in (DeliveryState.ACCEPTED, DeliveryState.READY)
        same = next((c for c in all_causes if c.state is state and c.reason is None), None)
        if rows and plain and same is not None:
            all_causes.remove(same)
            rows += same.rows
        if rows:
            reason = None if plain else OTHER_REASONS
            all_causes.append(Cause(state=state, reason=reason, rows=rows))
    return sorted(all_causes, key=lambda cause: (-cause.rows, cause.state, cause.reason or ""))


def _wanted(
    number: int, states: Collection[DeliveryState] | None, reason: str | None, uid_prefix: str
) -> sa.Select[Any]:
    query = sa.select(*_COLUMNS).where(deliveries.c.broadcast == number).order_by(deliveries.c.row)
    if states is not None:
        query = query.where(deliveries.c.state.in_(list(states)))
    if reason is not None:
        query = query.where(deliveries.c.reason == reason)
    if uid_prefix:
        begins = uid_prefix.encode(errors="replace")
        uid = sa.type_coerce(deliveries.c.uid, sa.LargeBinary)
        query = query.where(uid >= begins, uid < begins + b"\xff")  # no UTF-8 holds that byte
    return query


def _ranges(
    connection: sa.Connection,
    number: int,
    states: Collection[DeliveryState] | None,
    after: int,
) -> Iterator[tuple[int, int]]:
    """First and last rows of the stretches in which rows of the states may be."""
    if states is None:
        yield after + 1, 2**62
        return
    some = sum((chunks.c[state.value] for state in states), sa.literal(0)) > 0
    query = (
        sa.select(chunks.c.first_row, chunks.c.rows, some)
        .where(chunks.c.broadcast == number, chunks.c.first_row + chunks.c.rows > after + 1)
        .order_by(chunks.c.first_row)
    )
    found = connection.execute(query).all()
    if not found and DeliveryState.READY in states:
        yield after + 1, 2**62  # not cut into chunks yet
    begun: int | None = None
    for first_row, _, has_some in found:
        if has_some and begun is None:
            begun = max(first_row, after + 1)
        elif not has_some and begun is not None:
            yield begun, first_row - 1
            begun = None
    if begun is not None:
        yield begun, found[-1].first_row + found[-1].rows - 1


def _span(first: float, last: float, points: int) -> tuple[float, float]:
    """The length of a bucket, a round one, and the start of the first."""
    least = (last - first) / max(points - 1, 1)
    steps = [step for step in _STEPS_SECONDS if step >= least]
    seconds = float(steps[0] if steps else math.ceil(least / _DAY_SECONDS) * _DAY_SECONDS)
    return seconds, math.floor(first / seconds) * seconds
