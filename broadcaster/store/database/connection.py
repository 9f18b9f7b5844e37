"""Opens the database behind the store, as durable and as private as it can be had.

SQLite: WAL with `synchronous=FULL`, since NORMAL may lose the last commits when the power fails
(sqlite.org, "PRAGMA synchronous"); erased data is overwritten (`secure_delete`).
"""

import selectors
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from broadcaster.errors import StoreError
from broadcaster.store.database.error_messages import error_of, wrong_encoding
from broadcaster.store.database.sqlite_file import SqliteFile

__all__ = ["READING", "connect_postgresql", "connect_sqlite", "may_be_ended", "translated_errors"]

READING: dict[str, dict[str, Any]] = {
    "sqlite": {"reading": True},
    # one snapshot for all statements, as SQLite has it anyhow
    "postgresql": {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
}
"""Execution options of a transaction that only reads."""

# select() itself knows no more than 1,024 descriptors
_Selector = getattr(selectors, "PollSelector", selectors.SelectSelector)
_CHECKPOINT_PAGES = 4000
_JOURNAL_SECONDS = 2.0
_LOG_BYTES = 64 * 1024 * 1024
_PRAGMAS = (
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",
    f"PRAGMA wal_autocheckpoint={_CHECKPOINT_PAGES}",
    f"PRAGMA journal_size_limit={_LOG_BYTES}",  # what a long reader made it grow to is given back
)


def connect_postgresql(url: URL) -> sa.Engine:
    """An engine for a server. Raises StoreError without its driver; each connection does so for a
    database that cannot hold every text.
    """
    try:
        engine = sa.create_engine(
            url,
            pool_size=10,
            max_overflow=20,
            connect_args={"connect_timeout": 10, "application_name": "broadcast"},
        )
    except ImportError:
        raise StoreError(
            "PostgreSQL needs its driver: pip install 'broadcast-conformance[postgresql]'."
        ) from None

    @sa.event.listens_for(engine, "do_connect")
    def connect(dialect: Any, _record: Any, arguments: Any, options: Any) -> Any:
        # before SQLAlchemy asks for the version, which SQL_ASCII gives as bytes
        connection = dialect.connect(*arguments, **options)
        encoding = connection.info.parameter_status("server_encoding")
        if encoding != "UTF8":
            connection.close()
            raise StoreError(wrong_encoding(url, encoding))
        return connection

    @sa.event.listens_for(engine, "checkout")
    def look_whether_it_lives(connection: Any, _record: object, _proxy: object) -> None:
        # to ask the server, as `pool_pre_ping` does, costs a round trip before each transaction
        driver: Any = engine.dialect.loaded_dbapi
        try:
            if may_be_ended(connection.fileno()):
                engine.dialect.do_ping(connection)
        except driver.Error:
            raise sa.exc.DisconnectionError from None

    return engine


def may_be_ended(descriptor: int) -> bool:
    """Whether an idle connection has something to read, as when the server ended it."""
    with _Selector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        return bool(selector.select(0))


def connect_sqlite(url: URL, file: SqliteFile, busy_seconds: float) -> sa.Engine:
    """An engine for a file, whose connections wait so long for another process's lock."""
    engine = sa.create_engine(
        url, creator=lambda: _prepared(file.open(busy_seconds)), pool_size=5, max_overflow=-1
    )

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        # a transaction that starts as a reader cannot always become a writer: take the lock first
        reading = connection.get_execution_options().get("reading", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def _prepared(connection: sqlite3.Connection) -> sqlite3.Connection:
    try:
        _write_ahead(connection)
        for pragma in _PRAGMAS:
            connection.execute(pragma).close()
    except BaseException:
        connection.close()
        raise
    return connection


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Where two change a new file's journal at once, SQLite does not wait for either, so we do."""
    deadline = time.monotonic() + _JOURNAL_SECONDS
    while True:
        try:
            mode = connection.execute("PRAGMA journal_mode=WAL").fetchone()
            break
        except sqlite3.OperationalError as error:
            busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() >= deadline:
                raise
            time.sleep(0.01)
    if mode != ("wal",):
        raise sqlite3.OperationalError("no write-ahead log here")


@contextmanager
def translated_errors(engine: sa.Engine) -> Iterator[None]:
    """Turns what the database says into one sentence. Nothing that was committed is lost."""
    driver: Any = engine.dialect.loaded_dbapi
    try:
        yield
    except (SQLAlchemyError, driver.Error) as error:
        raise error_of(engine.url, error) from None
