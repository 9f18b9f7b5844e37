"""The ledger: chunks leased, rows claimed before the call and settled after it.

The law: every row is always in exactly one state, and a chunk's counts add up to its rows (the
database itself refuses anything else). A claim is committed before the call that it is for.
"""

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from broadcaster.errors import NotNow
from broadcaster.model import (
    CHUNK_ROWS,
    END_STATES,
    BroadcastState,
    Call,
    Chunk,
    Delivery,
    DeliveryState,
    Settlement,
    StopCause,
)
from broadcaster.store.database.database import Database
from broadcaster.store.ledger.broadcast_states import change_state, lock_broadcast, update_broadcast
from broadcaster.store.ledger.claims import called_row, claim_rows, find_deliveries
from broadcaster.store.ledger.row_states import (
    give_back_uncalled,
    hold_late_rows,
    reopen_chunk,
    set_back_moments,
    settle_orphaned_rows,
    split_chunk,
    the_chunk,
    update_chunk,
)
from broadcaster.store.ledger.settlement import settle_in_chunk
from broadcaster.store.schema.tables import broadcasts, chunks

__all__ = ["Ledger"]

_CHUNKS_AT_ONCE = 100


class Ledger:
    """One transaction a method."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def lease(
        self,
        number: int,
        owner: str,
        *,
        now: float,
        lease_seconds: float,
        repeatable: bool,
        limit: int | None = None,
        first_row: int | None = None,
    ) -> Chunk | None:
        """Own the first free chunk that has something to do now; None when there is none, and while
        the broadcast is not being sent.

        Rows that its last owner claimed and did not call are ready again, by its own record (see
        `record_called`). Those that it left in mid-call are settled: where a call may be repeated
        (`repeatable`) they are unknown and go again with the same key, otherwise they are held for
        a person, and so are those that an earlier sender had left to be repeated. Rows that are too
        old to repeat are held, too. `limit` leaves out the chunks from that row on; `first_row`
        asks for one chunk alone.
        """
        with self._database.writing() as connection:
            query = _free_chunk(number, now, limit=limit, first_row=first_row)
            found = connection.execute(query).mappings().first()
            if found is None:
                return None
            chunk = Chunk(
                broadcast=number,
                first_row=found["first_row"],
                rows=found["rows"],
                owner=owner,
                lease_until=now + lease_seconds,
                repeatable=repeatable,
            )
            uncalled = give_back_uncalled(connection, found) if found["sending"] else 0
            if found["sending"] > uncalled or (found["unknown"] and not repeatable):
                settle_orphaned_rows(connection, chunk, now)
            if repeatable and found["sending"] + found["unknown"]:
                hold_late_rows(connection, chunk, now)
            lease = {"owner": owner, "lease_until": chunk.lease_until, "not_before": None}
            # who may not repeat a call claims no more than it calls at once
            record = {
                "called_by": owner if repeatable else None,
                "called_row": chunk.first_row - 1,
            }
            update_chunk(connection, number, chunk.first_row, lease | record)
            return chunk

    def peek(self, chunk: Chunk, *, now: float, at_most: int = CHUNK_ROWS) -> list[Delivery]:
        """The chunk's rows that may be sent now, for a channel to make calls of; it only reads."""
        with self._database.reading() as connection:
            return find_deliveries(connection, chunk, now, at_most)

    def claim(
        self, chunk: Chunk, calls: Sequence[Call], *, now: float, called: bool = True
    ) -> list[Call]:
        """Commit these calls of the chunk as `sending`; gives those that may now be made. Where
        they are not `called` at once, `record_called` must come before each call.

        Left out are calls whose rows have changed since `peek`. Empty when the lease has gone to
        another owner, and when the broadcast is not being sent any more. A row whose request would
        not be the one of its first attempt is held.
        """
        with self._database.writing() as connection:
            ours = _still_owned(connection, chunk)
            return [] if ours is None else claim_rows(connection, ours, calls, now, called=called)

    def record_called(self, chunk: Chunk, calls: Sequence[Call]) -> bool:
        """Note, before these calls are made, that they may have been: claimed calls of the chunk,
        the next ones in their order. What was claimed beyond them is ready again once the owner is
        gone. False, where the chunk has gone to another owner and they must not be made.
        """
        record = called_row(calls)
        if not record:
            return True
        ours = (*the_chunk(chunk.broadcast, chunk.first_row), chunks.c.called_by == chunk.owner)
        with self._database.writing() as connection:
            return bool(connection.execute(sa.update(chunks).where(*ours).values(record)).rowcount)

    def settle(
        self, settled: Iterable[Settlement], now: float, release: Iterable[Chunk] = ()
    ) -> None:
        """Record how deliveries ended, and in the same transaction let others have these chunks, as
        soon as one of their rows may be sent.

        A late answer that says `accepted` is believed, whatever has become of the row; any other
        late answer is not.
        """
        owners = {(chunk.broadcast, chunk.first_row): chunk.owner for chunk in release}
        by_chunk: dict[tuple[int, int], list[Settlement]] = {key: [] for key in owners}
        for one in settled:
            by_chunk.setdefault((one.delivery.broadcast, one.delivery.chunk), []).append(one)
        if not by_chunk:
            return
        with self._database.writing() as connection:
            for key in sorted(by_chunk):
                settle_in_chunk(connection, *key, by_chunk[key], now, released_by=owners.get(key))

    def renew(self, number: int, owner: str, held: Sequence[int], until: float) -> set[int]:
        """Keep the leases for longer; gives the first rows of the chunks still the owner's."""
        if not held:
            return set()
        mine = (chunks.c.broadcast == number, chunks.c.owner == owner, chunks.c.first_row.in_(held))
        with self._database.writing() as connection:
            connection.execute(sa.update(chunks).where(*mine).values(lease_until=until))
            return set(connection.execute(sa.select(chunks.c.first_row).where(*mine)).scalars())

    def release(self, chunk: Chunk) -> None:
        """Let others have the chunk, as soon as one of its rows may be sent."""
        self.settle((), 0.0, [chunk])

    def owners(self, number: int, now: float) -> dict[str, float]:
        """Who holds leases now, and until when the last of each."""
        query = (
            sa.select(chunks.c.owner, sa.func.max(chunks.c.lease_until).label("until"))
            .where(chunks.c.broadcast == number, chunks.c.lease_until > now)
            .group_by(chunks.c.owner)
        )
        with self._database.reading() as connection:
            return {row.owner: row.until for row in connection.execute(query)}

    def free(self, number: int, owner: str) -> None:
        """End the leases of an owner that is known to be dead, and lets it claim no more."""
        mine = (chunks.c.broadcast == number, chunks.c.owner == owner)
        query = sa.select(chunks).where(*mine, chunks.c.sending > 0).order_by(chunks.c.first_row)
        with self._database.writing() as connection:
            for chunk in connection.execute(query.with_for_update()).mappings().all():
                give_back_uncalled(connection, chunk)
            connection.execute(sa.update(chunks).where(*mine).values(owner=None, lease_until=None))

    def hold_cancelled(self, now: float, number: int | None = None, *, since: float = 0.0) -> int:
        """Hold what a cancelled broadcast (or each that was cancelled `since` then) has in doubt
        and in nobody's hands: no call of it is repeated any more, so a person decides. What was
        claimed and not called is ready again. Gives the number of rows that are held. What is
        under a lease is left to its holder, until the lease ends.
        """
        query = _left_in_doubt(now).order_by(chunks.c.broadcast, chunks.c.first_row)
        query = query.where(broadcasts.c.ended_at >= since)
        if number is not None:
            query = query.where(chunks.c.broadcast == number)
        held = 0
        while True:
            # in the order in which answers are recorded, too, so that nobody waits in a circle
            with self._database.writing() as connection:
                some = query.with_for_update(of=chunks).limit(_CHUNKS_AT_ONCE)
                found = connection.execute(some).mappings().all()
                for row in found:
                    chunk = Chunk(
                        broadcast=row["broadcast"],
                        first_row=row["first_row"],
                        rows=row["rows"],
                        owner="",
                        lease_until=0.0,
                        repeatable=False,
                    )
                    give_back_uncalled(connection, row)
                    nobody = {"owner": None, "lease_until": None}
                    update_chunk(connection, chunk.broadcast, chunk.first_row, nobody)
                    held += settle_orphaned_rows(connection, chunk, now)
            if len(found) < _CHUNKS_AT_ONCE:
                return held

    def next_due_at(self, number: int, limit: int | None = None) -> float | None:
        """When the first open chunk may be leased; None when nothing is open."""
        waits = sa.func.coalesce(chunks.c.not_before, 0.0)
        leased = sa.func.coalesce(chunks.c.lease_until, 0.0)
        due = sa.case((waits > leased, waits), else_=leased)
        query = sa.select(sa.func.min(due)).where(chunks.c.broadcast == number, _still_open())
        if limit is not None:
            query = query.where(chunks.c.first_row < limit)
        with self._database.reading() as connection:
            found: float | None = connection.execute(query).scalar_one()
            return found

    def set_back(self, number: int, seconds: float, now: float) -> None:
        """After the clock was set back by so much: moments of the broadcast that were noted before,
        and lie ahead now, come as much sooner. Twice changes nothing more.
        """
        with self._database.writing() as connection:
            set_back_moments(connection, number, seconds, now)

    def split(self, number: int, row: int, now: float) -> bool:
        """Let a chunk begin at this row, so that those before it can be sent alone; False while
        somebody holds the chunk.
        """
        with self._database.writing() as connection:
            return split_chunk(connection, number, row, now)

    def reopen(self, number: int, states: Sequence[DeliveryState], *, now: float) -> int:
        """Make refused rows ready again, under new keys, or held ones, under the keys that they
        have; gives their number. A broadcast that was done is then paused. Raises NotNow when
        nothing of the broadcast may ever be sent.
        """
        if not states or not set(states) <= END_STATES - {DeliveryState.ACCEPTED}:
            raise ValueError("only what was refused or held can be sent again")
        names = [chunks.c[state.value] for state in states]
        some = sa.select(chunks.c.first_row).where(chunks.c.broadcast == number)
        reopened = 0
        with self._database.reading() as connection:
            found = connection.execute(some.where(sum(names[1:], names[0]) > 0)).scalars().all()
        for first_row in found:
            with self._database.writing() as connection:
                _require_reopenable(connection, number, now)
                reopened += reopen_chunk(connection, number, first_row, states, now)
        return reopened


def _require_reopenable(connection: sa.Connection, number: int, now: float) -> None:
    """With the broadcast locked, so that nobody calls it done at the same time."""
    row = lock_broadcast(connection, number)
    state = BroadcastState(row["state"])
    if state is BroadcastState.DONE and row["forgotten_at"] is None:
        change_state(connection, row, BroadcastState.PAUSED, {state}, now, StopCause.REOPENED)
        update_broadcast(connection, number, {"ended_at": None})
    elif state not in (BroadcastState.PAUSED, BroadcastState.SENDING, BroadcastState.READY):
        raise NotNow(f"Broadcast {row['id']} is {state.value}: nothing of it can be sent again.")


def _still_open() -> sa.ColumnElement[bool]:
    # as the partial index says it, so that the claim stays flat however much is done
    return sa.text("ready + sending + unknown > 0")  # type: ignore[return-value]


def _free_chunk(
    number: int, now: float, *, limit: int | None = None, first_row: int | None = None
) -> sa.Select[Any]:
    query = (
        sa.select(chunks)
        .join(broadcasts, broadcasts.c.number == chunks.c.broadcast)
        .where(chunks.c.broadcast == number, _still_open())
        .where(broadcasts.c.state == BroadcastState.SENDING.value)
        .where(sa.func.coalesce(chunks.c.lease_until, 0.0) <= now)
        .where(sa.func.coalesce(chunks.c.not_before, 0.0) <= now)
        .order_by(chunks.c.first_row)
        .limit(1)
    )
    if limit is not None:
        query = query.where(chunks.c.first_row < limit)
    if first_row is not None:
        query = query.where(chunks.c.first_row == first_row)
    return query.with_for_update(of=chunks, skip_locked=True)


def _left_in_doubt(now: float) -> sa.Select[Any]:
    return (
        sa.select(chunks)
        .join(broadcasts, broadcasts.c.number == chunks.c.broadcast)
        .where(broadcasts.c.state == BroadcastState.CANCELLED.value)
        .where(_still_open(), chunks.c.sending + chunks.c.unknown > 0)
        .where(sa.func.coalesce(chunks.c.lease_until, 0.0) <= now)
    )


def _still_owned(connection: sa.Connection, chunk: Chunk) -> Chunk | None:
    """The chunk as it is now, locked; None when it has gone to another owner, or when the broadcast
    is not being sent.
    """
    query = (
        sa.select(chunks.c.owner, chunks.c.rows, broadcasts.c.state)
        .join(broadcasts, broadcasts.c.number == chunks.c.broadcast)
        .where(chunks.c.broadcast == chunk.broadcast, chunks.c.first_row == chunk.first_row)
        .with_for_update(of=chunks)
    )
    found = connection.execute(query).one_or_none()
    if found is None or found.owner != chunk.owner:
        return None
    if found.state != BroadcastState.SENDING.value:
        return None
    return dataclasses.replace(chunk, rows=found.rows)
