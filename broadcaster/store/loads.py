"""A load: a page's rows and its token in one transaction, so that a killed load goes on there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa

from broadcaster.errors import NotNow
from broadcaster.model import CHUNK_ROWS, BroadcastState, DeliveryState, StopCause, Summary
from broadcaster.store.database.database import Database
from broadcaster.store.ledger.broadcast_states import change_state, lock_broadcast, update_broadcast
from broadcaster.store.ledger.bulk_sql import insert_rows
from broadcaster.store.schema.tables import broadcasts, chunks, deliveries, pages
from checker.api import utf16_units

__all__ = ["Loads", "StoredPage"]

Row = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPage:
    """A page as it was loaded: `token` is what it was asked with, `next_token` what it gave."""

    page: int
    token: str | None
    next_token: str | None
    first_row: int
    rows: int
    headers: Mapping[str, str]
    seconds: float


class Loads:
    """One transaction a method. A loader owns the broadcast until its lease ends."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, number: int, owner: str, *, until: float, now: float) -> None:
        """Own the load. Raises NotNow when another process does, or when it is loaded already."""
        with self._database.writing() as connection:
            row = lock_broadcast(connection, number)
            _require_loading(row)
            held = row["loader"] not in (None, owner) and row["loader_until"] > now
            if held:
                raise NotNow(
                    f"Broadcast {row['id']} is being loaded by another process ({row['loader']}); "
                    "wait for it, or start anew with --new."
                )
            update_broadcast(connection, number, {"loader": owner, "loader_until": until})

    def loader(self, number: int) -> str | None:
        """Who owns the load, if anybody does."""
        query = sa.select(broadcasts.c.loader).where(broadcasts.c.number == number)
        with self._database.reading() as connection:
            found: str | None = connection.execute(query).scalar_one()
            return found

    def reopen(self, number: int, now: float) -> None:
        """Go on with a load that was blocked. Raises NotNow from any other state."""
        with self._database.writing() as connection:
            row = lock_broadcast(connection, number)
            if row["forgotten_at"] is not None:
                raise NotNow(f"Broadcast {row['id']} was forgotten; start anew with --new.")
            change_state(connection, row, BroadcastState.LOADING, {BroadcastState.BLOCKED}, now)
            update_broadcast(connection, number, {"report": None, "ended_at": None})

    def release(self, number: int, owner: str) -> None:
        """Give the load up, so that anybody may go on with it at once."""
        with self._database.writing() as connection:
            connection.execute(
                sa.update(broadcasts)
                .where(broadcasts.c.number == number, broadcasts.c.loader == owner)
                .values(loader=None, loader_until=None)
            )

    def add_page(
        self,
        number: int,
        owner: str,
        page: StoredPage,
        rows: Sequence[Row],
        *,
        until: float,
        now: float,
    ) -> None:
        """Store a page whole, or not at all. Raises NotNow when the load is no longer ours."""
        with self._database.writing() as connection:
            found = lock_broadcast(connection, number)
            _require_loading(found)
            if found["loader"] != owner:
                raise NotNow(f"Broadcast {found['id']} was taken over by another process.")
            if (page.page, page.first_row) != (found["pages"] + 1, found["rows"]):
                raise NotNow(
                    f"Broadcast {found['id']} holds {found['pages']} pages, which page {page.page} "
                    "does not follow; load it again from where it stands."
                )
            values = asdict(page) | {"broadcast": number, "headers": dict(page.headers)}
            connection.execute(sa.insert(pages).values(values))
            insert_rows(connection, number, page.first_row, rows)
            update_broadcast(
                connection,
                number,
                {
                    "pages": page.page,
                    "rows": page.first_row + len(rows),
                    "loader_until": until,
                    "updated_at": now,
                },
            )

    def pages(self, number: int) -> list[StoredPage]:
        """What was loaded so far, without the rows."""
        query = sa.select(pages).where(pages.c.broadcast == number).order_by(pages.c.page)
        with self._database.reading() as connection:
            return [_page(row) for row in connection.execute(query).mappings()]

    def rows(self, number: int, first_row: int, count: int) -> list[Row]:
        """uid and msg of rows in their order."""
        query = (
            sa.select(deliveries.c.uid, deliveries.c.msg)
            .where(deliveries.c.broadcast == number, deliveries.c.row >= first_row)
            .where(deliveries.c.row < first_row + count)
            .order_by(deliveries.c.row)
        )
        with self._database.reading() as connection:
            return [(uid, msg) for uid, msg in connection.execute(query)]

    def finish(self, number: int, owner: str, report: Mapping[str, Any], now: float) -> Summary:
        """All data is here: cut it into chunks, sum it up, and let it be sent."""
        with (
            self._database.reading() as connection
        ):  # which takes long, and may not lock others out
            query = sa.select(broadcasts.c.rows).where(broadcasts.c.number == number)
            summary = _summary(connection, number, connection.execute(query).scalar_one())
        with self._database.writing() as connection:
            row = lock_broadcast(connection, number)
            if row["loader"] != owner or row["rows"] != summary.rows:
                raise NotNow(f"Broadcast {row['id']} was taken over by another process.")
            _cut_into_chunks(connection, number, row["rows"])
            change_state(connection, row, BroadcastState.READY, {BroadcastState.LOADING}, now)
            update_broadcast(
                connection,
                number,
                {
                    "summary": asdict(summary),
                    "report": dict(report),
                    "loader": None,
                    "loader_until": None,
                },
            )
        return summary

    def block(
        self,
        number: int,
        owner: str,
        reason: str,
        report: Mapping[str, Any] | None,
        now: float,
        *,
        cause: StopCause = StopCause.CHECK_FAILED,
    ) -> None:
        """End a load of which nothing can be sent. `reason` is for people."""
        with self._database.writing() as connection:
            row = lock_broadcast(connection, number)
            if row["loader"] != owner:
                raise NotNow(f"Broadcast {row['id']} was taken over by another process.")
            loading = {BroadcastState.LOADING}
            change_state(connection, row, BroadcastState.BLOCKED, loading, now, cause, reason)
            update_broadcast(
                connection,
                number,
                {
                    "report": None if report is None else dict(report),
                    "ended_at": now,
                    "loader": None,
                    "loader_until": None,
                },
            )


def _require_loading(row: sa.RowMapping) -> None:
    if row["state"] != BroadcastState.LOADING.value:
        raise NotNow(f"Broadcast {row['id']} is {row['state']}, no longer loading.")


def _cut_into_chunks(connection: sa.Connection, number: int, rows: int) -> None:
    ready = DeliveryState.READY.value
    cut = [
        {"broadcast": number, "first_row": first, "rows": size, ready: size}
        for first, size in _cuts(rows)
    ]
    for start in range(0, len(cut), 10_000):
        connection.execute(sa.insert(chunks), cut[start : start + 10_000])


def _cuts(rows: int) -> Iterator[tuple[int, int]]:
    for first in range(0, rows, CHUNK_ROWS):
        yield first, min(CHUNK_ROWS, rows - first)


def _summary(connection: sa.Connection, number: int, rows: int) -> Summary:
    """By the database, which sorts on disk what memory cannot hold."""
    ours = sa.select(deliveries.c.uid, deliveries.c.msg, sa.func.count().label("times"))
    ours = ours.where(deliveries.c.broadcast == number)
    messages = ours.group_by(deliveries.c.uid, deliveries.c.msg).subquery()
    people = (
        sa.select(sa.func.count().label("several"), sa.func.sum(messages.c.times).label("rows"))
        .group_by(messages.c.uid)
        .subquery()
    )
    distinct = connection.execute(sa.select(sa.func.count()).select_from(messages)).scalar_one()
    several = sa.func.coalesce(sa.func.sum(sa.case((people.c.several > 1, 1), else_=0)), 0)
    found = connection.execute(sa.select(sa.func.count(), several).select_from(people)).one()
    return Summary(
        rows=rows,
        people=found[0],
        people_with_several=int(found[1]),
        repeated_rows=rows - distinct,
        longest_message=_longest(connection, number),
    )


def _longest(connection: sa.Connection, number: int) -> int:
    """In UTF-16 code units, of which a text has at most as many as bytes of UTF-8: only messages
    with more bytes than the longest known has units can be longer.
    """
    size = sa.func.length(deliveries.c.msg)
    mine = sa.select(deliveries.c.msg).where(deliveries.c.broadcast == number)
    most = connection.execute(
        sa.select(sa.func.max(size)).where(deliveries.c.broadcast == number)
    ).scalar_one()
    if most is None:
        return 0
    longest = utf16_units(connection.execute(mine.where(size == most).limit(1)).scalar_one())
    candidates = mine.where(size > longest).execution_options(yield_per=1_000)
    for (msg,) in connection.execute(candidates):
        longest = max(longest, utf16_units(msg))
    return longest


def _page(row: sa.RowMapping) -> StoredPage:
    return StoredPage(**{name: row[name] for name in StoredPage.__dataclass_fields__})
