"""Which chunks are handed to the workers, and when to look at them again.

A broadcast has a window of chunks in the queue, not all of them: so the queue stays short however
large the broadcast is, and several broadcasts take turns. Each chunk that is handed out has a row
here until nothing of it is open; whoever finds one overdue hands it out again. To hand a chunk out
twice does no harm: a lease on the chunk itself refuses the second.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from broadcaster.model import Broadcast, BroadcastState
from broadcaster.store.broadcasts import Broadcasts
from broadcaster.store.database.database import Database
from broadcaster.store.dispatch import URGENT, Dispatch, EndedLease, HandedOut, ReadyChunk
from broadcaster.store.ledger.broadcast_states import begin_sending, is_through
from broadcaster.store.schema.queue_tables import queued_broadcasts, queued_chunks
from broadcaster.store.schema.tables import broadcasts, chunks

__all__ = ["WINDOW_CHUNKS", "ChunkQueue"]

WINDOW_CHUNKS = 256
"""Chunks of one broadcast in the hands of workers, or waiting for one: more than fifty workers
with four chunks each hold, since each fill tops it up when half of it is left.
"""
_LOOKED_AT_ONCE = 500
_LOCK = 0x62716C6B  # any number that nobody else's advisory lock has


class ChunkQueue:
    """One transaction a method. `look_seconds` is after how long to look whether a chunk that was
    handed out is being sent; it must not be more than a lease.
    """

    def __init__(self, database: Database, broadcasts: Broadcasts) -> None:
        self._database = database
        self._broadcasts = broadcasts

    def start(
        self,
        number: int,
        dispatch: Dispatch,
        *,
        queue: str,
        look_seconds: float,
        now: float,
        **sending: Any,
    ) -> None:
        """Start or go on sending (with what `Broadcasts.start_sending` takes) by workers of the
        queue. Raises NotNow as that does.
        """
        with self._database.writing() as connection:
            begin_sending(connection, number, now=now, **sending)
            _forget(connection, number)
            connection.execute(
                sa.insert(queued_broadcasts).values(
                    broadcast=number,
                    queue=queue,
                    next_row=0,
                    next_turn=_turn_now(connection, queue),
                )
            )
            _fill(connection, number, dispatch, now, look_seconds)

    def holds(self, number: int) -> bool:
        """Whether the broadcast is in the hands of workers; there are none without PostgreSQL."""
        if self._database.is_sqlite:
            return False
        query = sa.select(sa.exists().where(queued_broadcasts.c.broadcast == number))
        with self._database.reading() as connection:
            return bool(connection.execute(query).scalar_one())

    def broadcast(self, number: int) -> Broadcast | None:
        """What a sender of chunks needs to know, without sums; None unless it is being sent."""
        query = sa.select(broadcasts).where(broadcasts.c.number == number)
        with self._database.reading() as connection:
            row = connection.execute(query).mappings().first()
        if row is None or row["state"] != BroadcastState.SENDING.value:
            return None
        return Broadcast(
            number=number,
            id=row["id"],
            state=BroadcastState.SENDING,
            via=row["via"],
            at_least_once=row["at_least_once"],
            rate=row["rate"],
            limit=row["limit"],
            created_at=row["created_at"],
            updated_at=row["updated_at"],
            rows=row["rows"],
        )

    def ended(
        self,
        number: int,
        first_row: int,
        dispatch: Dispatch,
        *,
        look_seconds: float,
        now: float,
        fill: bool = True,
    ) -> None:
        """A worker gave a chunk back: hand out what is left of it in its turn, and the next ones.
        The last one ends the broadcast.
        """
        with self._database.writing() as connection:
            mine = (queued_chunks.c.broadcast == number, queued_chunks.c.first_row == first_row)
            done = sa.delete(queued_chunks).where(*mine, sa.not_(_still_open()))
            if not connection.execute(done).rowcount:
                query = _outstanding().where(*mine).with_for_update(of=queued_chunks)
                found = connection.execute(query).mappings().first()
                if found is not None and _look(connection, found, now, later=now + look_seconds):
                    dispatch(connection, [_in_turn(connection, found)])
            if fill:
                _fill(connection, number, dispatch, now, look_seconds)
            through = is_through(connection, number)
        if through:  # in a transaction of its own, which locks the broadcast first
            self._broadcasts.settle(number, now)

    def reconcile(self, dispatch: Dispatch, *, look_seconds: float, now: float) -> HandedOut:
        """Hand out again what is ready and in nobody's hands, such as a dead worker's chunks. Only
        one process does so at a time.
        """
        with self._database.writing() as connection:
            if not connection.execute(sa.select(sa.func.pg_try_advisory_xact_lock(_LOCK))).scalar():
                return HandedOut()
            due = _outstanding().where(queued_chunks.c.look_at <= now)
            due = due.order_by(queued_chunks.c.look_at).limit(_LOOKED_AT_ONCE)
            due = due.with_for_update(of=queued_chunks, skip_locked=True)
            later = now + look_seconds
            found = connection.execute(due).mappings().all()
            again = [row for row in found if _look(connection, row, now, later=later)]
            ended = [row for row in again if row["lease_until"]]
            return HandedOut(
                chunks=dispatch(connection, [_urgent(row) for row in again]),
                ended_leases=tuple(_ended_lease(row) for row in ended),
            )

    def look_now(self, now: float) -> list[int]:
        """After the clock was set back: look at every chunk now. Gives the broadcasts that workers
        send.
        """
        late = sa.update(queued_chunks).where(queued_chunks.c.look_at > now)
        with self._database.writing() as connection:
            connection.execute(late.values(look_at=now))
            numbers = connection.execute(sa.select(queued_broadcasts.c.broadcast)).scalars()
            return list(numbers)

    def refill(self, dispatch: Dispatch, *, look_seconds: float, now: float) -> None:
        """Top up the window of each broadcast, and let go of those that are no longer sent."""
        with self._database.reading() as connection:
            numbers = connection.execute(sa.select(queued_broadcasts.c.broadcast)).scalars().all()
        for number in numbers:
            with self._database.writing() as connection:
                _fill(connection, number, dispatch, now, look_seconds)
                through = is_through(connection, number)
            if through:  # as when the last chunk's worker died before it could say so
                self._broadcasts.settle(number, now)


def _still_open() -> sa.ColumnElement[bool]:
    """Whether a row of the chunk that was handed out has no end state yet."""
    return sa.exists().where(
        chunks.c.broadcast == queued_chunks.c.broadcast,
        chunks.c.first_row == queued_chunks.c.first_row,
        chunks.c.ready + chunks.c.sending + chunks.c.unknown > 0,
    )


def _outstanding() -> sa.Select[Any]:
    """What was handed out, beside the chunk itself as it is."""
    still_open = chunks.c.ready + chunks.c.sending + chunks.c.unknown > 0
    both = (chunks.c.broadcast == queued_chunks.c.broadcast) & (
        chunks.c.first_row == queued_chunks.c.first_row
    )
    known = broadcasts.c.number == queued_chunks.c.broadcast
    return sa.select(
        queued_chunks,
        broadcasts.c.id,
        chunks.c.owner,
        sa.func.coalesce(still_open, sa.false()).label("open"),
        sa.func.coalesce(chunks.c.lease_until, 0.0).label("lease_until"),
        sa.func.coalesce(chunks.c.not_before, 0.0).label("not_before"),
    ).select_from(queued_chunks.outerjoin(chunks, both).outerjoin(broadcasts, known))


def _look(connection: sa.Connection, row: sa.RowMapping, now: float, *, later: float) -> bool:
    """Note when to look at a chunk again; whether it is ready now and in nobody's hands."""
    mine = (queued_chunks.c.broadcast == row["broadcast"]) & (
        queued_chunks.c.first_row == row["first_row"]
    )
    if not row["open"]:
        connection.execute(sa.delete(queued_chunks).where(mine))
        return False
    leased, waits = row["lease_until"] > now, row["not_before"] > now
    look_at = row["lease_until"] if leased else row["not_before"] if waits else later
    values = {"look_at": look_at, "waiting": waits and not leased}
    ready = not leased and not waits
    connection.execute(sa.update(queued_chunks).where(mine).values(values))
    return ready


def _ended_lease(row: sa.RowMapping) -> EndedLease:
    return EndedLease(broadcast=row["id"], first_row=row["first_row"], owner=row["owner"])


def _in_turn(connection: sa.Connection, row: sa.RowMapping) -> ReadyChunk:
    """A chunk that is not through, behind what has waited longer: others may be due before it."""
    turn = row["turn"] or _turn_now(connection, row["queue"])
    return ReadyChunk(
        queue=row["queue"], broadcast=row["broadcast"], first_row=row["first_row"], priority=-turn
    )


def _urgent(row: sa.RowMapping) -> ReadyChunk:
    return ReadyChunk(
        queue=row["queue"], broadcast=row["broadcast"], first_row=row["first_row"], priority=URGENT
    )


def _fill(
    connection: sa.Connection, number: int, dispatch: Dispatch, now: float, look_seconds: float
) -> None:
    """Hand out the next chunks of a broadcast when half of its window is free."""
    query = sa.select(queued_broadcasts).where(queued_broadcasts.c.broadcast == number)
    ours = connection.execute(query.with_for_update(skip_locked=True)).mappings().first()
    if ours is None:
        return  # somebody else is filling it, or it is not sent by workers
    state = sa.select(broadcasts.c.state, broadcasts.c.limit).where(broadcasts.c.number == number)
    found = connection.execute(state).first()
    if found is None or found.state != BroadcastState.SENDING.value:
        _forget(connection, number)
        return
    held = connection.execute(_held(number)).one()
    if held.busy > WINDOW_CHUNKS // 2:
        return
    room = WINDOW_CHUNKS - held.busy
    fresh = connection.execute(_next(number, ours["next_row"], found.limit, room)).scalars().all()
    if not fresh and not held.all and ours["next_row"]:
        # rows below were opened again after they had been handed out
        fresh = connection.execute(_next(number, 0, found.limit, room)).scalars().all()
    if fresh:
        _hand_out(connection, ours, fresh, dispatch, now, look_seconds)


def _held(number: int) -> sa.Select[int, int]:
    busy = sa.func.count().filter(sa.not_(queued_chunks.c.waiting))
    mine = queued_chunks.c.broadcast == number
    return sa.select(sa.func.count().label("all"), busy.label("busy")).where(mine)


def _next(number: int, from_row: int, limit: int | None, room: int) -> sa.Select[Any]:
    query = (
        sa.select(chunks.c.first_row)
        .where(chunks.c.broadcast == number, chunks.c.first_row >= from_row)
        .where(sa.text("ready + sending + unknown > 0"))  # as the partial index says it
        .order_by(chunks.c.first_row)
        .limit(room)
    )
    return query if limit is None else query.where(chunks.c.first_row < limit)


def _hand_out(
    connection: sa.Connection,
    ours: sa.RowMapping,
    fresh: Sequence[int],
    dispatch: Dispatch,
    now: float,
    look_seconds: float,
) -> None:
    number, queue = ours["broadcast"], ours["queue"]
    # a newcomer, or one that had nothing to do, starts level with the others
    turn = max(ours["next_turn"], _turn_now(connection, queue))
    connection.execute(
        insert(queued_chunks).on_conflict_do_nothing(),
        [
            {
                "broadcast": number,
                "first_row": first_row,
                "queue": queue,
                "turn": turn + index,
                "waiting": False,
                "look_at": now + look_seconds,
                "queued_at": now,
            }
            for index, first_row in enumerate(fresh)
        ],
    )
    values = {"next_row": fresh[-1] + 1, "next_turn": turn + len(fresh)}
    mine = queued_broadcasts.c.broadcast == number
    connection.execute(sa.update(queued_broadcasts).where(mine).values(values))
    dispatch(
        connection,
        [
            ReadyChunk(queue=queue, broadcast=number, first_row=first_row, priority=-(turn + index))
            for index, first_row in enumerate(fresh)
        ],
    )


def _turn_now(connection: sa.Connection, queue: str) -> int:
    """The turn that is being served: each broadcast's n-th chunk goes before any n+1-th. A queue
    that was idle starts level with the others, since one worker may serve several.
    """
    turn = sa.func.min(queued_chunks.c.turn)
    busy = sa.select(turn).where(sa.not_(queued_chunks.c.waiting))
    ours = connection.execute(busy.where(queued_chunks.c.queue == queue)).scalar_one()
    return ours or connection.execute(busy).scalar_one() or 1


def _forget(connection: sa.Connection, number: int) -> None:
    for table in (queued_chunks, queued_broadcasts):
        connection.execute(sa.delete(table).where(table.c.broadcast == number))
