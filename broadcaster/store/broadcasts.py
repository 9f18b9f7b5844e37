"""The broadcasts themselves: made, found, listed, and moved from state to state."""

import secrets
from collections.abc import Iterator, Mapping, Sequence

import sqlalchemy as sa

from broadcaster.errors import NotNow, WrongCommand
from broadcaster.model import Broadcast, BroadcastState, DeliveryState, StopCause, Summary
from broadcaster.store.database.database import Database
from broadcaster.store.ledger.broadcast_states import (
    begin_sending,
    change_state,
    count_rows,
    has_open_rows,
    is_through,
    lock_broadcast,
    update_broadcast,
)
from broadcaster.store.schema.tables import broadcasts

__all__ = ["Broadcasts"]

_FIELDS = (
    "number",
    "id",
    "name",
    "reason",
    "source",
    "endpoint",
    "endpoint_key",
    "token_param",
    "channel",
    "via",
    "at_least_once",
    "rate",
    "limit",
    "created_at",
    "updated_at",
    "first_sent_at",
    "ended_at",
    "forgotten_at",
    "pages",
    "rows",
    "report",
)
_NO_REPORT = sa.null().label("report")
_AT_A_TIME = 200
_DIGITS = set("0123456789abcdef")  # of an id


class Broadcasts:
    """One transaction a method."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(
        self,
        *,
        now: float,
        source: str = "api",
        endpoint: str = "",
        endpoint_key: str = "",
        token_param: str = "next",  # noqa: S107  a parameter's name
        channel: str | None = None,
    ) -> Broadcast:
        """A new broadcast in the state `loading`. `endpoint` must be masked."""
        values = {
            "id": secrets.token_hex(8),
            "state": BroadcastState.LOADING.value,
            "source": source,
            "endpoint": endpoint,
            "endpoint_key": endpoint_key,
            "token_param": token_param,
            "channel": channel,
            "created_at": now,
            "updated_at": now,
        }
        with self._database.writing() as connection:
            connection.execute(sa.insert(broadcasts).values(values))
        return self.get(str(values["id"]))

    def rename(self, number: int, name: str) -> None:
        """Give it a name, for people."""
        with self._database.writing() as connection:
            connection.execute(
                sa.update(broadcasts).where(broadcasts.c.number == number).values(name=name)
            )

    def get(self, name: str) -> Broadcast:
        """The broadcast by its id, or by the beginning of one. Raises WrongCommand."""
        with self._database.reading() as connection:
            query = sa.select(broadcasts).where(broadcasts.c.id.startswith(name, autoescape=True))
            can_be = bool(name) and set(name) <= _DIGITS
            found = connection.execute(query.limit(2)).mappings().all() if can_be else []
            if not found:
                raise WrongCommand(
                    f"There is no broadcast {name[:40]!r}; see them with: broadcast list."
                )
            if len(found) > 1:
                raise WrongCommand(f"{name[:40]!r} begins several ids; give more of it.")
            return _all(connection, found)[0]

    def newest(
        self,
        limit: int,
        *,
        before: int | None = None,
        after: int | None = None,
        reports: bool = False,
    ) -> list[Broadcast]:
        """The newest first; those begun before a number, or those nearest to it begun after."""
        c = broadcasts.c
        columns = [one if reports or one is not c.report else _NO_REPORT for one in c]
        query = sa.select(*columns).limit(limit)
        if before is not None:
            query = query.where(c.number < before)
        if after is not None:
            query = query.where(c.number > after)
        query = query.order_by(c.number.desc() if after is None else c.number)
        with self._database.reading() as connection:
            found = _all(connection, connection.execute(query).mappings().all())
        return found if after is None else found[::-1]

    def each(self, *, reports: bool = False) -> Iterator[Broadcast]:
        """All of them, the newest first, a bounded number at a time."""
        before = None
        while found := self.newest(_AT_A_TIME, before=before, reports=reports):
            yield from found
            before = found[-1].number

    def in_state(self, *states: BroadcastState) -> list[Broadcast]:
        """The oldest first."""
        wanted = [state.value for state in states]
        query = sa.select(broadcasts).where(broadcasts.c.state.in_(wanted))
        with self._database.reading() as connection:
            found = connection.execute(query.order_by(broadcasts.c.number)).mappings().all()
            return _all(connection, found)

    def unfinished_load(self, endpoint_key: str) -> Broadcast | None:
        """The newest broadcast that is still loading from this endpoint."""
        return self._newest(endpoint_key, broadcasts.c.state == BroadcastState.LOADING.value)

    def newest_of(self, endpoint_key: str) -> Broadcast | None:
        """The newest broadcast from this endpoint."""
        return self._newest(endpoint_key, sa.true())

    def _newest(self, endpoint_key: str, and_so: sa.ColumnElement[bool]) -> Broadcast | None:
        query = (
            sa.select(broadcasts)
            .where(broadcasts.c.endpoint_key == endpoint_key, and_so)
            .order_by(broadcasts.c.number.desc())
            .limit(1)
        )
        with self._database.reading() as connection:
            found = _all(connection, connection.execute(query).mappings().all())
            return found[0] if found else None

    def state(self, number: int) -> BroadcastState:
        """The state alone."""
        return self.state_and_rate(number)[0]

    def state_and_rate(self, number: int) -> tuple[BroadcastState, float | None]:
        """The state and the rate alone, for which a sender asks often."""
        c = broadcasts.c
        query = sa.select(c.state, c.rate).where(c.number == number)
        with self._database.reading() as connection:
            state, rate = connection.execute(query).one()
            return BroadcastState(state), rate

    def set_rate(self, number: int, rate: float | None, now: float) -> None:
        """Let it be sent at so many calls a second at most, None for the channel's own limit; who
        sends it sees that within a second. Raises NotNow before it was begun and after its end.
        """
        with self._database.writing() as connection:
            row = lock_broadcast(connection, number)
            state = BroadcastState(row["state"])
            if state not in (BroadcastState.SENDING, BroadcastState.PAUSED):
                raise NotNow(
                    f"Broadcast {row['id']} is {state.value}: its rate can be changed only while "
                    "it is being sent or paused. Before that, give --rate with broadcast send."
                )
            update_broadcast(connection, number, {"rate": rate, "updated_at": now})

    def counts(self, number: int) -> dict[DeliveryState, int]:
        """The rows by state; they add up to the rows loaded."""
        with self._database.reading() as connection:
            query = sa.select(broadcasts).where(broadcasts.c.number == number)
            return count_rows(connection, connection.execute(query).mappings().all())[number]

    def start_sending(
        self,
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
        """Move it from ready, paused or sending to sending. `sender` is the process that will send
        it, which keeps others from starting to until then.

        Raises NotNow from any other state, while another process sends it, and for a second
        channel: what was sent by one cannot be told by the keys of another.
        """
        with self._database.writing() as connection:
            begin_sending(
                connection,
                number,
                via=via,
                now=now,
                at_least_once=at_least_once,
                rate=rate,
                limit=limit,
                sender=sender,
                sender_until=sender_until,
            )

    def senders(self, number: int, now: float) -> dict[str, float]:
        """The process that sends it now and until when it said so; empty where there is none."""
        columns = (broadcasts.c.sender, broadcasts.c.sender_until)
        query = sa.select(*columns).where(
            broadcasts.c.number == number,
            broadcasts.c.sender.is_not(None),
            broadcasts.c.sender_until > now,
        )
        with self._database.reading() as connection:
            return {row.sender: row.sender_until for row in connection.execute(query)}

    def renew_sender(self, number: int, sender: str, until: float) -> None:
        """Keep others from starting to send it until then; nothing where another process does."""
        free = sa.or_(broadcasts.c.sender.is_(None), broadcasts.c.sender == sender)
        self._set_sender(number, free, {"sender": sender, "sender_until": until})

    def clear_sender(self, number: int, sender: str) -> None:
        """Let others start to send it, where this one did."""
        free = {"sender": None, "sender_until": None}
        self._set_sender(number, broadcasts.c.sender == sender, free)

    def _set_sender(
        self, number: int, where: sa.ColumnElement[bool], values: Mapping[str, str | float | None]
    ) -> None:
        change = sa.update(broadcasts).where(broadcasts.c.number == number, where)
        with self._database.writing() as connection:
            connection.execute(change.values(dict(values)))

    def pause(self, number: int, cause: StopCause, now: float, *, reason: str = "") -> None:
        """Move it from sending to paused. `reason` is for people; the cause has a usual one.

        Raises NotNow from any other state.
        """
        with self._database.writing() as connection:
            row = lock_broadcast(connection, number)
            allowed = {BroadcastState.SENDING, BroadcastState.PAUSED}
            change_state(connection, row, BroadcastState.PAUSED, allowed, now, cause, reason)

    def cancel(self, number: int, now: float) -> None:
        """Nothing more of it is sent, ever. Raises NotNow when it is done already."""
        with self._database.writing() as connection:
            row = lock_broadcast(connection, number)
            ended = {BroadcastState.DONE, BroadcastState.CANCELLED}
            change_state(
                connection, row, BroadcastState.CANCELLED, set(BroadcastState) - ended, now
            )
            update_broadcast(connection, number, {"ended_at": now, "cause": StopCause.PERSON.value})

    def settle(self, number: int, now: float) -> BroadcastState:
        """Done when every row has an end state, paused when the canary's rows have one; the state
        then.
        """
        with self._database.reading() as connection:
            if not is_through(connection, number):
                # the usual case: many senders ask it, and none has to wait for another
                query = sa.select(broadcasts.c.state).where(broadcasts.c.number == number)
                return BroadcastState(connection.execute(query).scalar_one())
        with self._database.writing() as connection:
            row = lock_broadcast(connection, number)
            state = BroadcastState(row["state"])
            if state is not BroadcastState.SENDING:
                return state
            if not has_open_rows(connection, number, None):
                change_state(connection, row, BroadcastState.DONE, {state}, now)
                update_broadcast(connection, number, {"ended_at": now})
                return BroadcastState.DONE
            limit = row["limit"]
            if limit is not None and not has_open_rows(connection, number, limit):
                reason = f"the first {limit:,} rows are sent; the others wait"
                canary = StopCause.CANARY
                change_state(connection, row, BroadcastState.PAUSED, {state}, now, canary, reason)
                return BroadcastState.PAUSED
            return state


def _all(connection: sa.Connection, found: Sequence[sa.RowMapping]) -> list[Broadcast]:
    counts = count_rows(connection, found)
    return [_broadcast(row, counts[row["number"]]) for row in found]


def _broadcast(row: sa.RowMapping, counts: Mapping[DeliveryState, int]) -> Broadcast:
    summary = row["summary"]
    return Broadcast(
        state=BroadcastState(row["state"]),
        cause=_cause(row["cause"]),
        summary=None if summary is None else Summary(**summary),
        counts=counts,
        **{name: row[name] for name in _FIELDS},
    )


def _cause(stored: str | None) -> StopCause | None:
    try:
        return None if stored is None else StopCause(stored)
    except ValueError:  # of a newer version, which works beside this one
        return None
