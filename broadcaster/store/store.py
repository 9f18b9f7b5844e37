"""The store as one thing: opened once, with its parts by subject."""

from types import TracebackType
from typing import Self

from sqlalchemy.engine import URL

from broadcaster.store.broadcasts import Broadcasts
from broadcaster.store.checks import Checks
from broadcaster.store.chunk_queue import ChunkQueue
from broadcaster.store.database.address import parse_address
from broadcaster.store.database.connection import translated_errors
from broadcaster.store.database.database import BUSY_SECONDS, Database
from broadcaster.store.erasure import Erasure
from broadcaster.store.fleet import Fleet
from broadcaster.store.ledger.ledger import Ledger
from broadcaster.store.loads import Loads
from broadcaster.store.outcomes import Outcomes
from broadcaster.store.paces import Paces
from broadcaster.store.queue_figures import QueueFigures
from broadcaster.store.repeats import Repeats
from broadcaster.store.schema.migrations import migrate
from broadcaster.store.workers import Workers

__all__ = ["BUSY_SECONDS", "Store", "open_store"]


class Store(Database):
    """All that is durable. A method of a part is one transaction, safe from any thread and process,
    unless it says otherwise.
    """

    def __init__(self, url: URL, *, busy_seconds: float = BUSY_SECONDS) -> None:
        super().__init__(url, busy_seconds=busy_seconds)
        self.broadcasts = Broadcasts(self)
        self.loads = Loads(self)
        self.ledger = Ledger(self)
        self.erasure = Erasure(self)
        self.checks = Checks(self)
        self.outcomes = Outcomes(self)
        self.fleet = Fleet(self)
        self.chunk_queue = ChunkQueue(self, self.broadcasts)
        self.queue_figures = QueueFigures(self)
        self.workers = Workers(self)
        self.paces = Paces(self)
        self.repeats = Repeats(self)

    def migrate(self) -> None:
        """Bring the tables up to this version. Raises StoreError for those of a newer one."""
        with translated_errors(self._engine):
            migrate(self._engine)

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

    Raises WrongCommand for an address that cannot be one, StoreError for a store that cannot be
    used.
    """
    store = Store(parse_address(address), busy_seconds=busy_seconds)
    try:
        store.migrate()
    except BaseException:
        store.close()
        raise
    return store
