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


class Paces:
    """One transaction a method; for PostgreSQL only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def change(self, channel: str, change: Change[T]) -> T:
        """Replace a channel's state, empty at first, by what `change` makes of it and of the
        database's own time, which is one for all workers. Gives what `change` gives beside.
        """
        mine = paces.c.channel == channel
        now = sa.func.extract("epoch", sa.func.clock_timestamp()).cast(sa.Float)
        query = sa.select(paces.c.state, now.label("now")).where(mine).with_for_update()
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
