"""The store as one thing: opened once, with its parts by subject."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy.engine import URL

from broadcaster.store.address import parse_address, shown
from broadcaster.store.broadcasts import Broadcasts
from broadcaster.store.checks import Checks
from broadcaster.store.connecting import connect, told
from broadcaster.store.erasing import Erasing
from broadcaster.store.ledger import Ledger
from broadcaster.store.loading import Loading
from broadcaster.store.migrations import migrate

__all__ = ["Store", "open_store"]


class Store:
    """All that is durable. Its parts' methods are one transaction each, safe from any thread and
    process, and raise StoreError when the database fails, with nothing half done.
    """

    def __init__(self, url: URL) -> None:
        self._url = url
        self._engine = connect(url)
        self.broadcasts = Broadcasts(self)
        self.loading = Loading(self)
        self.ledger = Ledger(self)
        self.erasing = Erasing(self)
        self.checks = Checks(self)

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
        """One transaction, committed at the end of the block."""
        with told(self._url), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """One consistent look, which blocks no writer."""
        with told(self._url), self._engine.connect() as connection:
            yield connection.execution_options(reading=True)

    def scrub(self) -> None:
        """Let nothing that was erased stay readable in the file beside a SQLite store."""
        if self.is_sqlite:
            with told(self._url), self._engine.connect() as connection:
                driver: Any = connection.connection.driver_connection
                driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()

    def migrate(self) -> None:
        """Bring the tables up to this version. Raises StoreError for those of a newer one."""
        with told(self._url):
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


def open_store(address: str) -> Store:
    """The store at this address, made if it is not there yet, its tables up to date.

    Raises WrongCommand for an address that cannot be one, StoreError for a store of no use.
    """
    store = Store(parse_address(address))
    try:
        store.migrate()
    except BaseException:
        store.close()
        raise
    return store
