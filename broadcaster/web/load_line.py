"""Loads: each in a process of its own, which puts what it reads into the store."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from broadcaster.loading.csv_source import config_for_file
from broadcaster.loading.loader import Loader
from broadcaster.store import Store
from broadcaster.store.store import open_store
from broadcaster.web.child import Failed, Teller, work_in_process
from broadcaster.web.line import Line
from broadcaster.web.work import Outcome
from checker import Endpoint
from checker.api import Config

__all__ = ["LoadLine", "LoadOrder", "config_of", "load_in_process"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadOrder:
    """What to load into a broadcast: `config` for an endpoint, or the one file in `folder`.

    A file's `url` stands for it in the place of an endpoint; `store` is the store's address.
    """

    broadcast: str
    store: str
    endpoint: str
    host: str = ""
    config: Config | None = None
    folder: str = ""
    file: str = ""
    url: str = ""
    channel: str | None = None


def config_of(order: LoadOrder) -> Config:
    """What is loaded. Raises WrongCommand for a file that cannot be read."""
    if order.config is not None:
        return order.config
    config = config_for_file(Path(order.folder, order.file), channel=order.channel)
    return replace(config, endpoint=Endpoint.parse(order.url))


def load_in_process(order: LoadOrder, pipe: Connection) -> None:
    """Load in a process of its own; the outcome is None, since the store has it."""
    work_in_process(lambda: _load(order, pipe), pipe)


def _load(order: LoadOrder, pipe: Connection) -> None:
    config = config_of(order)
    with closing(open_store(order.store)) as store:
        broadcast = store.broadcasts.get(order.broadcast)
        with Teller(pipe, config.headers) as teller:
            Loader(store).load(broadcast, config, teller)


class LoadLine(Line):
    """The loads that are under way. Why one failed on our side is known until the server ends."""

    def __init__(self, store: Store, **settings: Any) -> None:
        self._address = store.url.render_as_string(hide_password=False)
        self._failures: dict[str, str] = {}
        super().__init__(load_in_process, **settings)

    def start(self, order_for: Callable[[str], LoadOrder]) -> None:
        """Put a load into the line. `order_for` makes it of the store's address. Raises NotNow."""
        order = order_for(self._address)
        self.enter(order.broadcast, order)
        self._failures.pop(order.broadcast, None)

    def failure(self, name: str) -> str:
        """Why the last load of this broadcast failed on our side, if it did."""
        return self._failures.get(name, "")

    def finish(self, name: str, outcome: Outcome, *, out_of_time: bool) -> None:
        """The store has it already."""
        if isinstance(outcome, Failed) and outcome.reason:
            self._failures[name] = outcome.reason
