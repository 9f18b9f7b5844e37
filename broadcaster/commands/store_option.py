"""Opens the store that a command is about."""

import argparse
import os

from broadcaster.store import Store, default_address, open_store

__all__ = ["open_store_of"]


def open_store_of(options: argparse.Namespace) -> Store:
    """That of --store, of BROADCAST_STORE, or the user's own. Raises WrongCommand, StoreError."""
    return open_store(options.store or default_address(os.environ))
