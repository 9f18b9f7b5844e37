"""All the work that a window has under way, by its kind."""

from collections.abc import Mapping
from dataclasses import dataclass

from broadcaster.store import Store
from broadcaster.web.check_line import CheckLine
from broadcaster.web.config import WindowConfig
from broadcaster.web.load_line import LoadLine
from broadcaster.web.send_line import SendLine
from broadcaster.web.uploads import Uploads

__all__ = ["Lines", "open_lines"]

_LOADS_AT_ONCE = 4
_SENDS_AT_ONCE = 8
_WAITING = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """The lines of one window, and where the files lie that they read."""

    checks: CheckLine
    loads: LoadLine
    sends: SendLine
    uploads: Uploads

    def close(self) -> None:
        """End what is under way, in order."""
        for line in (self.loads, self.checks, self.sends):
            line.close()
        self.uploads.close()


def open_lines(
    config: WindowConfig, store: Store, environ: Mapping[str, str] | None = None
) -> Lines:
    """The lines as the settings want them. Raises WrongCommand for a channel that is none, and for
    certificates that cannot be read."""
    return Lines(
        sends=SendLine(
            store,
            () if config.public_checker else config.via,
            environ=environ,
            ca_bundle=config.channel_ca_bundle,
            at_once=_SENDS_AT_ONCE,
            waiting=_WAITING,
        ),
        checks=CheckLine(
            store,
            at_once=config.checks_at_once,
            waiting=config.checks_waiting,
            seconds=config.budget.seconds,
            one_a_host=config.public_checker,
            kept_seconds=config.budget.kept_seconds,
        ),
        loads=LoadLine(store, at_once=_LOADS_AT_ONCE, waiting=_WAITING),
        uploads=Uploads(),
    )
