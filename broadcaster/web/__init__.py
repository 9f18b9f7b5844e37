"""The web interface: pages to check an endpoint and to broadcast from it.

`create_app` makes the application, `serving` runs it. What is right or wrong about an endpoint is
decided by the checker, and what is sent by the other packages of the broadcaster.
"""

from broadcaster.web.app import create_app
from broadcaster.web.config import WindowConfig

__all__ = ["WindowConfig", "create_app"]
