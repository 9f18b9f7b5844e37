"""What every page needs: the settings, the store, and the job queues."""

from dataclasses import dataclass
from typing import cast

from flask import current_app

from broadcaster.store import Store
from broadcaster.web.config import WindowConfig
from broadcaster.web.jobs.checks import CheckJobs
from broadcaster.web.jobs.loads import LoadJobs
from broadcaster.web.jobs.queues import JobQueues
from broadcaster.web.jobs.sends import SendJobs
from broadcaster.web.jobs.short_memory import ShortMemory
from broadcaster.web.jobs.uploads import Uploads
from broadcaster.web.pages.check_form import CheckForm
from broadcaster.web.pages.event_streams import Streams
from checker.api import PublicResolver, Resolver

__all__ = ["EXTENSION", "Window", "window"]

EXTENSION = "broadcast-window"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One served window."""

    config: WindowConfig
    store: Store
    queues: JobQueues
    streams: Streams
    typed: ShortMemory[CheckForm]
    """What was typed for the checks of the last half hour, by their ids."""

    @property
    def checks(self) -> CheckJobs:
        """The checks that run or wait."""
        return self.queues.checks

    @property
    def loads(self) -> LoadJobs:
        """The loads that run or wait."""
        return self.queues.loads

    @property
    def sends(self) -> SendJobs:
        """The broadcasts that this window sends."""
        return self.queues.sends

    @property
    def uploads(self) -> Uploads:
        """The folder of uploaded files."""
        return self.queues.uploads

    def resolver(self) -> Resolver:
        """Decides where a check or a load may connect to."""
        return Resolver() if self.config.reaches_private else PublicResolver()


def window() -> Window:
    """The window that serves the current request."""
    return cast("Window", current_app.extensions[EXTENSION])
