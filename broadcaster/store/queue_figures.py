"""What operators ask of the queue: how many chunks there are, how old they are, whose leases ended.

It only reads. Of chunks only those are counted that were handed to workers, which are few however
large a broadcast is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from broadcaster.model import BroadcastState, DeliveryState
from broadcaster.store.database.database import Database
from broadcaster.store.schema.queue_tables import queued_chunks
from broadcaster.store.schema.tables import broadcasts, chunks

__all__ = ["ChunkFigures", "QueueFigures"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkFigures:
    """Chunks that were handed to workers and are not through. `leased` are being sent, `resting`
    wait until their rows may be repeated, `ended_leases` were left by a worker that died or lost
    the database. `oldest_seconds` is the time since the first of them was handed out; None where
    that is not known.
    """

    chunks: int = 0
    leased: int = 0
    resting: int = 0
    ended_leases: int = 0
    oldest_seconds: float | None = None


class QueueFigures:
    """One transaction a method."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_broadcast(self, number: int, now: float) -> ChunkFigures:
        """The figures of one broadcast; all 0 where it is not in the hands of workers."""
        query = sa.select(*_figures(now)).select_from(_handed_out())
        with self._database.reading() as connection:
            found = connection.execute(query.where(queued_chunks.c.broadcast == number)).one()
        return _chunk_figures(found, now)

    def by_queue(self, now: float) -> dict[str, ChunkFigures]:
        """The figures of each queue that has chunks."""
        query = sa.select(queued_chunks.c.queue, *_figures(now)).select_from(_handed_out())
        with self._database.reading() as connection:
            found = connection.execute(query.group_by(queued_chunks.c.queue)).all()
        return {row.queue: _chunk_figures(row, now) for row in found}

    def broadcasts_by_state(self) -> dict[str, int]:
        """How many broadcasts are in each state."""
        counts = sa.select(broadcasts.c.state, sa.func.count().label("broadcasts"))
        with self._database.reading() as connection:
            found = connection.execute(counts.group_by(broadcasts.c.state))
            return {row.state: row.broadcasts for row in found}

    def rows_by_state(self) -> Mapping[DeliveryState, int]:
        """The rows of all broadcasts that are being sent, by their state."""
        sums = [sa.func.coalesce(sa.func.sum(chunks.c[state.value]), 0) for state in DeliveryState]
        query = (
            sa.select(*sums)
            .join_from(chunks, broadcasts, chunks.c.broadcast == broadcasts.c.number)
            .where(broadcasts.c.state == BroadcastState.SENDING.value)
        )
        with self._database.reading() as connection:
            found = connection.execute(query).one()
        return dict(zip(DeliveryState, map(int, found), strict=True))


def _handed_out() -> sa.FromClause:
    both = (chunks.c.broadcast == queued_chunks.c.broadcast) & (
        chunks.c.first_row == queued_chunks.c.first_row
    )
    return queued_chunks.join(chunks, both)


def _figures(now: float) -> tuple[sa.ColumnElement[int], ...]:
    until = chunks.c.lease_until
    resting = sa.func.coalesce(chunks.c.not_before, 0.0) > now
    return (
        sa.func.count().label("chunks"),
        sa.func.count().filter(until > now).label("leased"),
        sa.func.count().filter(resting, sa.func.coalesce(until, 0.0) <= now).label("resting"),
        sa.func.count().filter(until <= now).label("ended_leases"),
        sa.func.min(queued_chunks.c.queued_at).label("queued_at"),
    )


def _chunk_figures(row: Any, now: float) -> ChunkFigures:
    return ChunkFigures(
        chunks=row.chunks,
        leased=row.leased,
        resting=row.resting,
        ended_leases=row.ended_leases,
        oldest_seconds=None if row.queued_at is None else max(now - row.queued_at, 0.0),
    )
