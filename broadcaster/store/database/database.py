"""The database that each part of the store works on: transactions, and nothing about tables."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL

from broadcaster.errors import StoreError
from broadcaster.store.database.address import masked_address
from broadcaster.store.database.connection import (
    READING,
    connect_postgresql,
    connect_sqlite,
    translated_errors,
)
from broadcaster.store.database.sqlite_file import SqliteFile
from broadcaster.store.database.write_check import commit_a_row

__all__ = ["BUSY_SECONDS", "Database"]

BUSY_SECONDS = 30.0
"""How long a transaction on a SQLite store waits for that of another process."""


class Database:
    """Safe from any thread. After a fork, open it anew. Its methods raise StoreError when the
    database fails, with nothing half done.
    """

    def __init__(self, url: URL, *, busy_seconds: float = BUSY_SECONDS) -> None:
        self._url = url
        self._file: SqliteFile | None = None
        if url.drivername == "sqlite":
            self._file = SqliteFile(Path(url.database or ""))
            self._engine = connect_sqlite(url, self._file, busy_seconds)
        else:
            self._engine = connect_postgresql(url)

    @property
    def place(self) -> str:
        """Where it is, for a person: without a password."""
        return masked_address(self._url)

    @property
    def url(self) -> URL:
        """The address with its driver; holds the password, if there is one."""
        return self._url

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file of this machine, with one writer at a time."""
        return self._url.drivername == "sqlite"

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """One transaction, committed at the end of the block. Raises StoreError when it was not
        committed, or when the SQLite file was deleted or replaced.
        """
        with translated_errors(self._engine), self._engine.begin() as connection:
            yield connection
        if self._file is not None:
            self._file.check(written=True)

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """One transaction that reads a single state of the data and blocks no writer."""
        with translated_errors(self._engine), self._engine.connect() as connection:
            yield connection.execution_options(**READING[self._engine.dialect.name])
        if self._file is not None:
            self._file.check(written=False)

    def check_writable(self) -> None:
        """Commit the change of one row. Raises StoreError when the store takes none.

        A SQLite file that another process is just writing takes changes, so that is no failure.
        """
        with translated_errors(self._engine), self._engine.connect() as connection:
            commit_a_row(connection)
        if self._file is not None:
            self._file.check(written=True)

    def scrub(self) -> None:
        """Leave nothing readable in the files of a SQLite store that was erased. Raises StoreError
        while another process still reads an earlier state.

        It writes the file anew: `secure_delete` alone misses what SQLite left in the gaps of its
        pages when it moved rows.
        """
        if not self.is_sqlite:
            return
        with translated_errors(self._engine), self._engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            driver.execute("VACUUM").close()
            busy, _, _ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise StoreError(
                f"The store {self.place!r} is being read by another process, so that erased data "
                "is still in the file beside it; stop that process and run the same command again."
            )

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()
