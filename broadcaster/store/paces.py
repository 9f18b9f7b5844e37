"""The state of each channel's pace, which all workers share; what it means is not known here."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from broadcaster.store.database.database import Database
from broadcaster.store.schema.queue_tables import paces

__all__ = ["Paces"]

T = TypeVar("T")
Change = Callable[[Mapping[str, Any], float], tuple[Mapping[str, Any], T]]

_NOW = sa.func.extract("epoch", sa.func.clock_timestamp()).cast(sa.Float)


class Paces:
    """One transaction a method; for PostgreSQL only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self) -> tuple[dict[str, Mapping[str, Any]], float]:
        """The state of every channel, and the database's own time."""
        if self._database.is_sqlite:
            return {}, 0.0
        with self._database.reading() as connection:
            now = connection.execute(sa.select(_NOW)).scalar_one()
            found = connection.execute(sa.select(paces.c.channel, paces.c.state)).all()
        return {row.channel: row.state for row in found}, now

    def change(self, channel: str, change: Change[T]) -> T:
        """Replace a channel's state, empty at first, by what `change` makes of it and of the
        database's own time, which is one for all workers. Gives what `change` gives beside.
        """
        mine = paces.c.channel == channel
        query = sa.select(paces.c.state, _NOW.label("now")).where(mine).with_for_update()
        with self._database.writing() as connection:
            # what a crash of the server may take back is a fraction of a second of pacing
            connection.exec_driver_sql("SET LOCAL synchronous_commit TO OFF")
            found = connection.execute(query).first()
            if found is None:
                new = insert(paces).values(channel=channel, state={}).on_conflict_do_nothing()
                connection.execute(new)
                found = connection.execute(query).one()
            state, result = change(found.state, found.now)
            connection.execute(sa.update(paces).where(mine).values(state=dict(state)))
            return result
