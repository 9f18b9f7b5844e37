"""A broadcast's own row: locked, and moved from state to state in the caller's transaction."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from broadcaster.errors import NotNow
from broadcaster.model import BroadcastState, DeliveryState, StopCause
from broadcaster.store.schema.tables import broadcasts, chunks

__all__ = [
    "begin_sending",
    "change_state",
    "count_rows",
    "has_open_rows",
    "is_through",
    "lock_broadcast",
    "update_broadcast",
]

# as the partial index says it, so that the question stays cheap however large the broadcast
_STILL_OPEN = sa.text("ready + sending + unknown > 0")
_NO_LIMIT = 2**62
_USUAL_REASONS: Mapping[StopCause | None, str] = {
    StopCause.PERSON: "paused by a person",
    StopCause.INTERRUPTED: "interrupted",
    StopCause.SERVER_STOPPED: "the server was stopped",
    StopCause.REOPENED: "some rows are waiting to be sent again",
}
"""What people read where a cause needs no further words."""


def begin_sending(
    connection: sa.Connection,
    number: int,
    *,
    via: str,
    now: float,
    at_least_once: bool = False,
    rate: float | None = None,
    limit: int | None = None,
    sender: str | None = None,
    sender_until: float | None = None,
) -> None:
    """See `Broadcasts.start_sending`."""
    row = lock_broadcast(connection, number)
    if row["via"] and row["via"] != via and row["first_sent_at"] is not None:
        raise NotNow(f"It was begun with {row['via']}; go on with that.")
    if row["sender"] not in (None, sender) and row["sender_until"] > now:
        raise NotNow(
            f"Broadcast {row['id']} is being sent by another process ({row['sender']}); "
            f"wait for it, or stop it with: broadcast pause {row['id']}."
        )
    startable = {BroadcastState.READY, BroadcastState.PAUSED, BroadcastState.SENDING}
    change_state(connection, row, BroadcastState.SENDING, startable, now)
    values = {
        "via": via,
        "at_least_once": at_least_once,
        "rate": rate,
        "limit": limit,
        "sender": sender,
        "sender_until": sender_until,
        "first_sent_at": row["first_sent_at"] or now,
        "ended_at": None,
    }
    update_broadcast(connection, number, values)


def change_state(
    connection: sa.Connection,
    row: sa.RowMapping,
    to: BroadcastState,
    allowed: Collection[BroadcastState],
    now: float,
    cause: StopCause | None = None,
    reason: str = "",
) -> None:
    """Move a locked broadcast to a state. Raises NotNow when its state does not allow it."""
    state = BroadcastState(row["state"])
    if state not in allowed:
        raise NotNow(f"Broadcast {row['id']} is {state.value}, so it cannot become {to.value}.")
    values = {
        "state": to.value,
        "cause": None if cause is None else cause.value,
        "reason": reason or _USUAL_REASONS.get(cause, ""),
        "updated_at": now,
    }
    update_broadcast(connection, row["number"], values)


def count_rows(
    connection: sa.Connection, found: Sequence[sa.RowMapping]
) -> dict[int, dict[DeliveryState, int]]:
    """The rows by state of each of the broadcasts, from their chunks; before there are chunks, all
    are ready.
    """
    numbers = [row["number"] for row in found]
    sums = [sa.func.sum(chunks.c[state.value]) for state in DeliveryState]
    query = sa.select(chunks.c.broadcast, *sums).group_by(chunks.c.broadcast)
    summed = {
        number: dict(zip(DeliveryState, map(int, counts), strict=True))
        for number, *counts in connection.execute(query.where(chunks.c.broadcast.in_(numbers)))
    }
    return {row["number"]: summed.get(row["number"]) or _without_chunks(row) for row in found}


def _without_chunks(row: sa.RowMapping) -> dict[DeliveryState, int]:
    final = row["final_counts"]
    if final is not None:
        return {state: int(final[state.value]) for state in DeliveryState}
    return {s: row["rows"] if s is DeliveryState.READY else 0 for s in DeliveryState}


def is_through(connection: sa.Connection, number: int) -> bool:
    """Whether every row that is to be sent now has an end state."""
    limit = sa.func.coalesce(broadcasts.c.limit, sa.literal(_NO_LIMIT, sa.BigInteger))
    still_open = sa.exists().where(
        chunks.c.broadcast == broadcasts.c.number, chunks.c.first_row < limit, _STILL_OPEN
    )
    query = sa.select(sa.not_(still_open)).where(broadcasts.c.number == number)
    return bool(connection.execute(query).scalar())


def has_open_rows(connection: sa.Connection, number: int, limit: int | None) -> bool:
    """Whether a row below the limit (where a chunk begins) has no end state yet."""
    query = sa.select(chunks.c.first_row).where(chunks.c.broadcast == number, _STILL_OPEN)
    if limit is not None:
        query = query.where(chunks.c.first_row < limit)
    return connection.execute(query.limit(1)).first() is not None


def lock_broadcast(connection: sa.Connection, number: int) -> sa.RowMapping:
    """The broadcast's row, until the end of the transaction nobody else's."""
    query = sa.select(broadcasts).where(broadcasts.c.number == number).with_for_update()
    return connection.execute(query).mappings().one()


def update_broadcast(connection: sa.Connection, number: int, values: Mapping[str, Any]) -> None:
    """Set columns of a broadcast."""
    connection.execute(sa.update(broadcasts).where(broadcasts.c.number == number).values(values))
