"""`broadcast forget`: erases the customers' data of a broadcast, and keeps its sums."""

import argparse
import sys
import time
from contextlib import closing

from broadcaster import exits
from broadcaster.commands.send import add_id
from broadcaster.commands.store_option import open_store_of
from broadcaster.terminal.confirm import confirmed
from checker import plural

__all__ = ["HELP", "add_arguments", "run"]

HELP = "erase the customers' data of a broadcast, and keep its counts"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    add_id(parser)
    parser.add_argument("--yes", action="store_true", help="do not ask for confirmation")


def run(options: argparse.Namespace) -> int:
    """Erase them, for good."""
    with closing(open_store_of(options)) as store:
        broadcast = store.broadcasts.get(options.id)
        asked = (
            f"Erase {plural(broadcast.rows, 'row')} of broadcast {broadcast.id} for good? "
            "Rows that were not sent yet will never be sent."
        )
        if not confirmed(asked, yes=options.yes):
            sys.stdout.write("Nothing was erased.\n")
            return exits.NOT_ALL
        store.erasure.forget(broadcast.number, time.time())
    sys.stdout.write(f"Broadcast {broadcast.id} is erased; its counts are kept.\n")
    return exits.OK
