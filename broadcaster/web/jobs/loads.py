"""Loads: each in a process of its own, which stores the rows that it reads."""

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
from broadcaster.web.jobs.child_process import ProgressReporter, run_in_process
from broadcaster.web.jobs.job import Failed, Outcome
from broadcaster.web.jobs.job_queue import JobQueue
from checker import Endpoint
from checker.api import Config

__all__ = ["LoadJob", "LoadJobs", "config_of", "load_in_process"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadJob:
    """What to load into a broadcast: the endpoint of `config`, or the `file` in `folder`.

    `url` identifies a file as an endpoint's URL does; `store` is the store's address.
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


def config_of(job: LoadJob) -> Config:
    """The configuration of the load. Raises WrongCommand for a file that cannot be read."""
    if job.config is not None:
        return job.config
    config = config_for_file(Path(job.folder, job.file), channel=job.channel)
    return replace(config, endpoint=Endpoint.parse(job.url))


def load_in_process(job: LoadJob, pipe: Connection) -> None:
    """Load in this process, which is its own; the outcome is None, since the store holds it."""
    run_in_process(lambda: _load(job, pipe), pipe)


def _load(job: LoadJob, pipe: Connection) -> None:
    config = config_of(job)
    with closing(open_store(job.store)) as store:
        broadcast = store.broadcasts.get(job.broadcast)
        with ProgressReporter(pipe, config.headers) as teller:
            Loader(store).load(broadcast, config, teller)


class LoadJobs(JobQueue):
    """The loads that run or wait. Our own failures are remembered until the server ends."""

    def __init__(self, store: Store, **settings: Any) -> None:
        self._address = store.url.render_as_string(hide_password=False)
        self._failures: dict[str, str] = {}
        super().__init__(load_in_process, **settings)

    def start(self, job_for: Callable[[str], LoadJob]) -> None:
        """Start a load, or let it wait. `job_for` gets the store's address. Raises NotNow."""
        job = job_for(self._address)
        self.enter(job.broadcast, job)
        self._failures.pop(job.broadcast, None)

    def failure(self, name: str) -> str:
        """Why the last load of this broadcast failed on our side, if it did."""
        return self._failures.get(name, "")

    def finish(self, name: str, outcome: Outcome, *, out_of_time: bool) -> None:
        """Remember a failure; the store holds everything else already."""
        if isinstance(outcome, Failed) and outcome.reason:
            self._failures[name] = outcome.reason
