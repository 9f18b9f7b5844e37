"""`broadcast migrate`: makes the tables of the store, or brings them up to this version."""

import argparse
import sys
from contextlib import closing

from broadcaster import exits
from broadcaster.commands.store_option import open_store_of

__all__ = ["HELP", "add_arguments", "run"]

HELP = "make the tables of the store, or bring them up to this version"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It has no options of its own."""


def run(options: argparse.Namespace) -> int:
    """Do what every command does where its role may, for those whose role may not."""
    with closing(open_store_of(options)) as store:  # which brings the tables up to this version
        if not store.is_sqlite:
            # only here, so that a store without workers needs no engine
            from broadcaster.queue.engine import Engine

            with store.writing() as connection:
                Engine(store.url).prepare(connection)
        sys.stdout.write(f"The store {store.place} has the tables of this version.\n")
    return exits.OK
