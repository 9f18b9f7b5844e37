"""Opens the database behind the store, as durable and as private as it can be had.

SQLite: WAL with `synchronous=FULL`, since NORMAL may lose the last commits when the power fails
(sqlite.org, "PRAGMA synchronous"); erased data is overwritten (`secure_delete`).
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from broadcaster.errors import StoreError
from broadcaster.store.address import shown

__all__ = ["connect", "told"]

_BUSY_SECONDS = 30.0
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",
    "PRAGMA wal_autocheckpoint=4000",
)


def connect(url: URL) -> sa.Engine:
    """An engine for the store. Raises StoreError when its file or folder cannot be made."""
    if url.drivername == "sqlite":
        return _sqlite(url)
    try:
        return sa.create_engine(
            url, pool_pre_ping=True, pool_size=10, max_overflow=20,
            connect_args={"connect_timeout": 10, "application_name": "broadcast"},
        )  # fmt: skip
    except ImportError:
        raise StoreError(
            "PostgreSQL needs its driver: pip install 'broadcast-conformance[postgresql]'."
        ) from None


def _sqlite(url: URL) -> sa.Engine:
    _make_private(Path(url.database or ""))
    engine = sa.create_engine(url, connect_args={"timeout": _BUSY_SECONDS})

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # BEGIN is ours, see below
        for pragma in _PRAGMAS:
            connection.execute(pragma)

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        # a transaction that starts as a reader cannot always become a writer: take the lock first
        reading = connection.get_execution_options().get("reading", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def _make_private(path: Path) -> None:
    """The file, for its owner alone, before anything stands in it; SQLite gives the same mode to
    the files beside it.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, stat.S_IRUSR | stat.S_IWUSR))
    except OSError as error:
        raise StoreError(
            f"The store {str(path)!r} cannot be made ({error.strerror}); "
            "name another place with BROADCAST_STORE."
        ) from None


@contextmanager
def told(url: URL) -> Iterator[None]:
    """Turns what the database says into one sentence. Nothing that was committed is lost."""
    try:
        yield
    except SQLAlchemyError as error:
        raise StoreError(_sentence(url, error)) from None


def _sentence(url: URL, error: SQLAlchemyError) -> str:
    place = f"The store {shown(url)!r}"
    cause = str(getattr(error, "orig", error)).lower()
    if "disk is full" in cause or "no space left" in cause:
        return f"{place} has no room left on its disk; make room and run the same command again."
    if "locked" in cause:
        return f"{place} is locked by another process; wait for it, or stop it, and try again."
    if "malformed" in cause or "not a database" in cause or "corrupt" in cause:
        return f"{place} is damaged; put a copy in its place, and keep the damaged file."
    if "readonly" in cause or "read-only" in cause:
        return f"{place} can only be read; its file and folder must be writable."
    if "unable to open" in cause or "disk i/o error" in cause:
        return f"{place} cannot be opened; its file or folder is gone or not ours to use."
    if isinstance(error, DBAPIError) and (error.connection_invalidated or _is_connection(cause)):
        return f"{place} cannot be reached; once it can, run the same command again."
    return f"{place} failed ({type(error).__name__}); what was committed is still there."


def _is_connection(cause: str) -> bool:
    words = ("connection", "could not translate", "server closed", "terminat", "starting up")
    return any(word in cause for word in words)
