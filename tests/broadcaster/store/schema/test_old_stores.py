"""A store that version 0003 made is opened, knows its causes, and its broadcasts go on.

`stores/0003.sql` was written by that version: each reason for which it paused, and a sender that
died with a claimed row.
"""

import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from store_kit import send_all

import broadcaster.store.schema.migrations as migrations
from broadcaster.model import BroadcastState, DeliveryState, StopCause
from broadcaster.store import Store, open_store
from broadcaster.store.database.address import parse_address

DUMP = (Path(__file__).parent / "stores" / "0003.sql").read_text("utf-8")


@pytest.fixture
def old_address(store_address: str, store_kind: str) -> str:
    """The address of such a store."""
    if store_kind == "sqlite":
        path = Path(store_address.removeprefix("sqlite:///"))
        path.parent.mkdir(parents=True)
        with sqlite3.connect(path) as connection:
            connection.executescript(DUMP)
        connection.close()
    else:
        engine = sa.create_engine(parse_address(store_address))
        _rebuild(engine)
        engine.dispose()
    return store_address


def _rebuild(engine: sa.Engine) -> None:
    """The tables of version 0003 on PostgreSQL, with the rows of the dump."""
    old = sqlite3.connect(":memory:")
    old.executescript(DUMP)
    old.row_factory = sqlite3.Row
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    with engine.begin() as connection:
        connection.execute(sa.text("DROP SCHEMA public CASCADE"))
        connection.execute(sa.text("CREATE SCHEMA public"))
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        for name in ("broadcasts", "pages", "deliveries", "chunks"):
            rows = [dict(row) for row in old.execute(f"SELECT * FROM {name}")]
            for row in rows:
                if "at_least_once" in row:
                    row["at_least_once"] = bool(row["at_least_once"])
                connection.execute(sa.text(_insert(name, row)), row)
        last = "SELECT setval('broadcasts_number_seq', (SELECT max(number) FROM broadcasts))"
        connection.execute(sa.text(last))


def _insert(table: str, row: dict[str, object]) -> str:
    columns = ", ".join(f'"{name}"' for name in row)
    return f"INSERT INTO {table} ({columns}) VALUES ({', '.join(f':{name}' for name in row)})"


@pytest.fixture
def opened(old_address: str) -> "Store":
    return open_store(old_address)


def test_each_reason_of_then_is_a_cause_now(opened: Store) -> None:
    with opened as store:
        found = {
            (one.state.value, one.reason): one.cause and one.cause.value
            for one in store.broadcasts.each()
            if one.state is not BroadcastState.CANCELLED
        }
    changed = "page 3 is no longer what it was when the load was interrupted; load anew with --new"
    assert found == {
        ("paused", "interrupted"): "interrupted",
        ("paused", "the server was stopped"): "server-stopped",
        ("paused", "paused by a person"): "person",
        ("paused", "stopped by a person"): "person",
        ("paused", "paused by somebody else"): "person",
        ("paused", "cancelled by somebody else"): None,
        ("paused", "20 calls in a row had no certain answer"): "uncertain",
        ("paused", "the first 50 calls were all refused: 404"): "refused",
        (
            "paused",
            "the channel itself failed (ZeroDivisionError); please report it",
        ): "failed",
        ("paused", "the channel could not be opened"): "failed",
        ("paused", "the token was refused"): None,
        ("paused", "the first 4 rows are sent; the others wait"): "canary",
        ("paused", "rows of it wait again"): "reopened",
        ("sending", ""): None,
        ("blocked", changed): "changed",
        ("blocked", "PAGE004 too-many-rows"): "check-failed",
    }


def test_what_was_cancelled_and_what_was_forgotten_are_told_apart(opened: Store) -> None:
    with opened as store:
        cancelled = {
            one.forgotten_at: one.cause
            for one in store.broadcasts.each()
            if one.state is BroadcastState.CANCELLED
        }
    assert cancelled == {None: StopCause.PERSON, 7.0: StopCause.FORGOTTEN}


def test_what_was_begun_then_is_sent_to_its_end_now(opened: Store) -> None:
    with opened as store:
        going = store.broadcasts.in_state(BroadcastState.SENDING, BroadcastState.PAUSED)
        assert len(going) == 14
        for one in going:
            store.broadcasts.start_sending(one.number, via="console", now=8.0)
            send_all(store, one, now=100.0)
            assert store.broadcasts.settle(one.number, 101.0) is BroadcastState.DONE
            counts = store.broadcasts.counts(one.number)
            assert counts[DeliveryState.ACCEPTED] == one.rows
