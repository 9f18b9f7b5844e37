"""Forgetting a broadcast: its customers' data goes, its sums stay."""

from collections.abc import Iterable

import sqlalchemy as sa

from broadcaster.errors import NotNow
from broadcaster.model import BroadcastState, DeliveryState, StopCause
from broadcaster.store.database.database import Database
from broadcaster.store.ledger.broadcast_states import count_rows
from broadcaster.store.repeats import KEPT_SECONDS, drop_old_digests, keep_digests
from broadcaster.store.schema.tables import broadcasts, chunks, deliveries, pages

__all__ = ["Erasure"]

_ROWS_A_STEP = 5_000


class Erasure:
    """In bounded steps, so that nobody waits long for the store, and so that it can be resumed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def forget(self, number: int, now: float) -> None:
        """Erase rows, messages, tokens and the report. Raises NotNow while it is being sent.

        Killed in the middle, it is to be asked for again, and goes on.
        """
        self.forget_all([number], now)

    def forget_all(self, numbers: Iterable[int], now: float) -> None:
        """The same of several broadcasts, and of those whose erasure was interrupted."""
        for number in numbers:
            self._begin(number, now)
        for number, first_sent_at in self._begun():
            recent = first_sent_at is not None and now - first_sent_at < KEPT_SECONDS
            while self._erase_some(number, keep=recent):
                pass
        with self._database.writing() as connection:
            drop_old_digests(connection, now)
        self._database.scrub()

    def _begun(self) -> list[tuple[int, float | None]]:
        """Broadcasts that are forgotten, and of which rows are left; when each was first sent."""
        left = sa.exists().where(deliveries.c.broadcast == broadcasts.c.number)
        columns = (broadcasts.c.number, broadcasts.c.first_sent_at)
        query = sa.select(*columns).where(broadcasts.c.forgotten_at.is_not(None), left)
        with self._database.reading() as connection:
            return [(row.number, row.first_sent_at) for row in connection.execute(query)]

    def _begin(self, number: int, now: float) -> None:
        with self._database.writing() as connection:
            query = sa.select(broadcasts).where(broadcasts.c.number == number).with_for_update()
            row = connection.execute(query).mappings().one()
            if row["state"] == BroadcastState.SENDING.value:
                raise NotNow(f"Broadcast {row['id']} is being sent; pause or cancel it first.")
            values: dict[str, object] = {
                "report": None,
                "forgotten_at": row["forgotten_at"] or now,
            }
            if row["final_counts"] is None:
                counts = _for_good(count_rows(connection, [row])[number])
                values["final_counts"] = {state.value: n for state, n in counts.items()}
            if row["state"] not in (BroadcastState.DONE.value, BroadcastState.BLOCKED.value):
                values["state"] = BroadcastState.CANCELLED.value
                values["ended_at"] = row["ended_at"] or now
                values["cause"] = row["cause"] or StopCause.FORGOTTEN.value
            connection.execute(
                sa.update(broadcasts).where(broadcasts.c.number == number).values(values)
            )
            # first of all the chunks: without them nobody leases, claims, settles or reopens a row
            for table in (chunks, pages):
                connection.execute(sa.delete(table).where(table.c.broadcast == number))

    def _erase_some(self, number: int, *, keep: bool = False) -> bool:
        """`keep` digests of what may have arrived, so that it is not sent again by mistake."""
        some = (
            sa.select(deliveries.c.row)
            .where(deliveries.c.broadcast == number)
            .order_by(deliveries.c.row)
            .limit(_ROWS_A_STEP)
        )
        with self._database.writing() as connection:
            last = connection.execute(sa.select(sa.func.max(some.subquery().c.row))).scalar_one()
            if last is None:
                return False
            if keep:
                keep_digests(connection, number, last)
            mine = (deliveries.c.broadcast == number, deliveries.c.row <= last)
            connection.execute(sa.delete(deliveries).where(*mine))
            return True


def _for_good(counts: dict[DeliveryState, int]) -> dict[DeliveryState, int]:
    """What is in doubt stays so: nobody asks about it again."""
    doubtful = (DeliveryState.SENDING, DeliveryState.UNKNOWN)
    held = counts[DeliveryState.HELD] + sum(counts[state] for state in doubtful)
    return {**counts, **dict.fromkeys(doubtful, 0), DeliveryState.HELD: held}
