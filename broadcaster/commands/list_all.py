"""`broadcast list`: all broadcasts, the newest first."""

import argparse
import sys
from contextlib import closing

from broadcaster import exits
from broadcaster.commands.store_option import open_store_of
from broadcaster.delivery import settle_all_orphans
from broadcaster.terminal.status_words import listing

__all__ = ["HELP", "add_arguments", "run"]

HELP = "list all broadcasts, newest first"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It has no options of its own."""


def run(options: argparse.Namespace) -> int:
    """Print them."""
    with closing(open_store_of(options)) as store:
        sys.stdout.write(listing(settle_all_orphans(store, store.broadcasts.each())))
    return exits.OK
