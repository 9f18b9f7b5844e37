"""Which rows of a broadcast another one sent already: the same message to the same person."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from broadcaster.model import DeliveryState
from broadcaster.store.database.database import Database
from broadcaster.store.schema.tables import broadcasts, deliveries

__all__ = ["Repeats", "SentBefore"]

_MAY_HAVE_ARRIVED = (
    DeliveryState.ACCEPTED,
    DeliveryState.HELD,
    DeliveryState.UNKNOWN,
    DeliveryState.SENDING,
)
_BROADCASTS = 20


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
        broadcasts. Forgotten ones have no rows any more.
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
            ours, theirs = deliveries.alias("ours"), deliveries.alias("theirs")
            query = (
                sa.select(sa.func.count(sa.distinct(ours.c.row)), sa.func.max(theirs.c.broadcast))
                .join_from(
                    ours, theirs, (ours.c.uid == theirs.c.uid) & (ours.c.msg == theirs.c.msg)
                )
                .where(ours.c.broadcast == number)
                .where(theirs.c.broadcast.in_([one.number for one in recent]))
                .where(theirs.c.state.in_(_MAY_HAVE_ARRIVED))
            )
            rows, newest = connection.execute(query).one()
        names = {one.number: one.id for one in recent}
        return SentBefore(rows=rows, broadcast=names.get(newest, ""))
