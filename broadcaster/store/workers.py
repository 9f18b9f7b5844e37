"""Which workers run, and what each of them holds."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from broadcaster.store.database.database import Database
from broadcaster.store.schema.fleet_tables import fleet_endpoints
from broadcaster.store.schema.queue_tables import queued_chunks, workers
from broadcaster.store.schema.tables import broadcasts, chunks

__all__ = ["ALIVE_SECONDS", "WorkerStanding", "Workers"]

ALIVE_SECONDS = 10.0
"""A worker that was not seen for so long counts as not running: it is seen every second."""
_KEPT_SECONDS = 24 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerStanding:
    """A worker by its name, host:process. `checks` is how many endpoints it checks at the same
    time. It holds chunks by the id of their broadcast, and endpoints of a fleet by name.
    """

    name: str
    channels: tuple[str, ...]
    checks: int
    began_at: float
    seen_at: float
    chunks: dict[str, int]
    endpoints: tuple[str, ...]

    def is_alive(self, now: float) -> bool:
        """Whether it was seen a moment ago."""
        return now - self.seen_at < ALIVE_SECONDS


class Workers:
    """One transaction a method."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def seen(
        self, name: str, channels: Sequence[str], checks: int, *, began_at: float, now: float
    ) -> None:
        """Note that a worker runs, and sends by the channels of these stored names. Workers that
        were not seen for a day are forgotten.
        """
        gone = workers.c.seen_at < now - _KEPT_SECONDS
        values = {"channels": list(channels), "checks": checks, "began_at": began_at}
        mine = sa.update(workers).where(workers.c.name == name)
        with self._database.writing() as connection:
            if not connection.execute(mine.values(**values, seen_at=now)).rowcount:
                connection.execute(sa.delete(workers).where(gone))
                connection.execute(sa.insert(workers).values(name=name, **values, seen_at=now))

    def ended(self, name: str) -> None:
        """Note that it ended in an orderly way."""
        with self._database.writing() as connection:
            connection.execute(sa.delete(workers).where(workers.c.name == name))

    def standing(self, now: float) -> list[WorkerStanding]:
        """All workers, by name: those that run, and those that died within a day."""
        with self._database.reading() as connection:
            found = connection.execute(sa.select(workers).order_by(workers.c.name)).all()
            leased = connection.execute(_leased(now)).all()
            checked = connection.execute(_checked(now)).all()
        standings = []
        for row in found:
            held = [one for one in leased if one.owner.startswith(f"{row.name}:")]
            endpoints = [one.name for one in checked if one.owner.startswith(f"{row.name}:")]
            standings.append(
                WorkerStanding(
                    name=row.name,
                    channels=tuple(row.channels),
                    checks=row.checks,
                    began_at=row.began_at,
                    seen_at=row.seen_at,
                    chunks=_by_broadcast([one.id for one in held]),
                    endpoints=tuple(endpoints),
                )
            )
        return standings

    def alive(self, now: float, channel: str | None = None) -> int:
        """How many run; of those, how many send by the channel of this stored name."""
        query = sa.select(workers.c.channels).where(workers.c.seen_at > now - ALIVE_SECONDS)
        with self._database.reading() as connection:
            found = connection.execute(query).scalars().all()
        return sum(channel is None or channel in names for names in found)


def _leased(now: float) -> sa.Select[tuple[str, str]]:
    both = (chunks.c.broadcast == queued_chunks.c.broadcast) & (
        chunks.c.first_row == queued_chunks.c.first_row
    )
    return (
        sa.select(chunks.c.owner, broadcasts.c.id)
        .select_from(queued_chunks.join(chunks, both))
        .join(broadcasts, broadcasts.c.number == chunks.c.broadcast)
        .where(chunks.c.lease_until > now)
        .order_by(chunks.c.broadcast)
    )


def _checked(now: float) -> sa.Select[tuple[str, str]]:
    c = fleet_endpoints.c
    return sa.select(c.owner, c.name).where(c.lease_until > now).order_by(c.name)


def _by_broadcast(ids: Sequence[str]) -> dict[str, int]:
    return {name: ids.count(name) for name in dict.fromkeys(ids)}
