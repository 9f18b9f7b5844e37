"""The store as one thing: opened once, with its parts by subject."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy.engine import URL

from broadcaster.errors import StoreError
from broadcaster.store.address import parse_address, shown
from broadcaster.store.broadcasts import Broadcasts
from broadcaster.store.checks import Checks
from broadcaster.store.connecting import READING, connect_postgresql, connect_sqlite, told
from broadcaster.store.database_file import DatabaseFile
from broadcaster.store.erasing import Erasing
from broadcaster.store.fleet import Fleet
from broadcaster.store.ledger import Ledger
from broadcaster.store.loading import Loading
from broadcaster.store.migrations import migrate
from broadcaster.store.pacing import Pacing
from broadcaster.store.queueing import Queueing
from broadcaster.store.reporting import Reporting

__all__ = ["BUSY_SECONDS", "Store", "open_store"]

BUSY_SECONDS = 30.0
"""How long a transaction on a SQLite store waits for that of another process."""


class Store:
    """All that is durable. Its parts' methods are one transaction each, safe from any thread and
    process, and raise StoreError when the database fails, with nothing half done.
    """

    def __init__(self, url: URL, *, busy_seconds: float = BUSY_SECONDS) -> None:
        self._url = url
        self._file: DatabaseFile | None = None
        if url.drivername == "sqlite":
            self._file = DatabaseFile(Path(url.database or ""))
            self._engine = connect_sqlite(url, self._file, busy_seconds)
        else:
            self._engine = connect_postgresql(url)
        self.broadcasts = Broadcasts(self)
        self.loading = Loading(self)
        self.ledger = Ledger(self)
        self.erasing = Erasing(self)
        self.checks = Checks(self)
        self.reporting = Reporting(self)
        self.fleet = Fleet(self)
        self.queueing = Queueing(self)
        self.pacing = Pacing(self)

    @property
    def place(self) -> str:
        """Where it is, for a person: without a password."""
        return shown(self._url)

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
        """One transaction, committed at the end of the block. Raises StoreError when it was not, or
        when the file in which it was is no longer there.
        """
        with told(self._engine), self._engine.begin() as connection:
            yield connection
        if self._file is not None:
            self._file.check(written=True)

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """One consistent look, which blocks no writer."""
        with told(self._engine), self._engine.connect() as connection:
            yield connection.execution_options(**READING[self._engine.dialect.name])
        if self._file is not None:
            self._file.check(written=False)

    def scrub(self) -> None:
        """Let nothing that was erased stay readable in the files of a SQLite store. Raises
        StoreError while somebody still reads what was there before.

        It writes the file anew: `secure_delete` alone misses what SQLite left behind in the gaps of
        its pages when it moved rows about.
        """
        if not self.is_sqlite:
            return
        with told(self._engine), self._engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            driver.execute("VACUUM").close()
            busy, _, _ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise StoreError(
                f"The store {self.place!r} is being read by another process, so that erased data "
                "is still in the file beside it; stop that process and run the same command again."
            )

    def migrate(self) -> None:
        """Bring the tables up to this version. Raises StoreError for those of a newer one."""
        with told(self._engine):
            migrate(self._engine)

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_store(address: str, *, busy_seconds: float = BUSY_SECONDS) -> Store:
    """The store at this address, made if it is not there yet, its tables up to date. It is for this
    process alone: after a fork, open it anew.

    Raises WrongCommand for an address that cannot be one, StoreError for a store of no use.
    """
    store = Store(parse_address(address), busy_seconds=busy_seconds)
    try:
        store.migrate()
    except BaseException:
        store.close()
        raise
    return store
