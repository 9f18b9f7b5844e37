"""The application window: pages on which anyone checks an endpoint and broadcasts.

`create_app` makes the application, `serving` runs it. It decides nothing about endpoints and
messages: that is the checker's, and the broadcaster's own rooms'.
"""

from broadcaster.web.app import create_app
from broadcaster.web.config import WindowConfig

__all__ = ["WindowConfig", "create_app"]
