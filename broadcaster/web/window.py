"""What every page of the window needs: the settings, the store, and the work under way."""

from dataclasses import dataclass
from typing import cast

from flask import current_app

from broadcaster.store import Store
from broadcaster.web.check_line import CheckLine
from broadcaster.web.config import WindowConfig
from broadcaster.web.lines import Lines
from broadcaster.web.load_line import LoadLine
from broadcaster.web.send_line import SendLine
from broadcaster.web.streams import Streams
from broadcaster.web.uploads import Uploads
from checker.api import PublicResolver, Resolver

__all__ = ["EXTENSION", "Window", "window"]

EXTENSION = "broadcast-window"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One served window."""

    config: WindowConfig
    store: Store
    lines: Lines
    streams: Streams

    @property
    def checks(self) -> CheckLine:
        """The checks that are under way."""
        return self.lines.checks

    @property
    def loads(self) -> LoadLine:
        """The loads that are under way."""
        return self.lines.loads

    @property
    def sends(self) -> SendLine:
        """The broadcasts that are being sent from here."""
        return self.lines.sends

    @property
    def uploads(self) -> Uploads:
        """Where uploaded files lie until they are read."""
        return self.lines.uploads

    def resolver(self) -> Resolver:
        """Decides where a check or a load may connect to."""
        return Resolver() if self.config.reaches_private else PublicResolver()


def window() -> Window:
    """The window that serves the current request."""
    return cast("Window", current_app.extensions[EXTENSION])
