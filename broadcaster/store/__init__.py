"""The durable store: every transaction of the broadcaster is in this package.

`open_store(url)` gives a Store; it knows nothing of channels, crawls and pages of the web.
"""

from broadcaster.store.database.address import default_address
from broadcaster.store.store import Store, open_store

__all__ = ["Store", "default_address", "open_store"]
