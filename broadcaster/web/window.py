"""What every page of the window needs: the settings, the store, and the checks that run."""

from dataclasses import dataclass
from typing import cast

from flask import current_app

from broadcaster.store import Store
from broadcaster.web.check_line import CheckLine
from broadcaster.web.config import WindowConfig
from broadcaster.web.streams import Streams
from checker.embedding import PublicResolver, Resolver

__all__ = ["EXTENSION", "Window", "window"]

EXTENSION = "broadcast-window"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One served window."""

    config: WindowConfig
    store: Store
    checks: CheckLine
    streams: Streams

    def resolver(self) -> Resolver:
        """Decides where a check may connect to."""
        return Resolver() if self.config.reaches_private else PublicResolver()


def window() -> Window:
    """The window that serves the current request."""
    return cast("Window", current_app.extensions[EXTENSION])
