"""The job queues of a window: checks, loads and sends."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from broadcaster.channels.registry import channel_kinds, configured_kinds
from broadcaster.store import Store
from broadcaster.web.config import WindowConfig
from broadcaster.web.jobs.checks import CheckJobs
from broadcaster.web.jobs.loads import LoadJobs
from broadcaster.web.jobs.sends import SendJobs
from broadcaster.web.jobs.uploads import Uploads

__all__ = ["JobQueues", "open_queues"]

_LOADS_AT_ONCE = 4
_SENDS_AT_ONCE = 8
_WAITING = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class JobQueues:
    """The queues of one window, and the folder of the files that their jobs read."""

    checks: CheckJobs
    loads: LoadJobs
    sends: SendJobs
    uploads: Uploads

    def close(self) -> None:
        """End all jobs in order."""
        for queue in (self.loads, self.checks, self.sends):
            queue.close()
        self.uploads.close()


def open_queues(
    config: WindowConfig, store: Store, environ: Mapping[str, str] = os.environ
) -> JobQueues:
    """The queues that the settings ask for. Raises WrongCommand for an unknown channel, and for
    certificates that cannot be read.
    """
    return JobQueues(
        sends=SendJobs(
            store,
            () if config.public_checker else config.via or _default_channels(environ),
            environ=environ,
            ca_bundle=config.channel_ca_bundle,
            at_once=_SENDS_AT_ONCE,
            waiting=_WAITING,
        ),
        checks=CheckJobs(
            store,
            at_once=config.checks_at_once,
            waiting=config.checks_waiting,
            seconds=config.budget.seconds,
            one_a_host=config.public_checker,
            kept_seconds=config.budget.kept_seconds,
        ),
        loads=LoadJobs(store, at_once=_LOADS_AT_ONCE, waiting=_WAITING),
        uploads=Uploads(),
    )


def _default_channels(environ: Mapping[str, str]) -> Sequence[str]:
    """The channels that the environment configures. Where it configures none, those that it could
    configure: their part of the page says what is missing.
    """
    kinds = channel_kinds().values()
    return configured_kinds(environ) or [kind.name for kind in kinds if kind.configured_by]
