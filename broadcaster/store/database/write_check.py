"""Whether the database takes changes: one row is written and committed, in a moment."""

import sqlite3
import time
from typing import Any

import sqlalchemy as sa

__all__ = ["commit_a_row"]

# as both databases understand it
_STATEMENT = (
    "INSERT INTO write_checks (number, written_at) VALUES (1, %r) "
    "ON CONFLICT (number) DO UPDATE SET written_at = excluded.written_at"
)


def commit_a_row(connection: sa.Connection) -> None:
    """Raises what the driver raises. A SQLite file that another process is just writing to takes
    changes, so that is no failure, and it is not waited for.
    """
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name != "sqlite":
        driver.execute(_STATEMENT % time.time())
        driver.commit()
        return
    (patience,) = driver.execute("PRAGMA busy_timeout").fetchone()
    driver.execute("PRAGMA busy_timeout=0").close()
    try:
        _commit_in_sqlite(driver)
    finally:
        driver.execute(f"PRAGMA busy_timeout={patience}").close()


def _commit_in_sqlite(driver: sqlite3.Connection) -> None:
    try:
        driver.execute("BEGIN IMMEDIATE").close()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
            return
        raise
    try:
        driver.execute(_STATEMENT % time.time()).close()
        driver.execute("COMMIT").close()
    except BaseException:
        driver.rollback()
        raise
