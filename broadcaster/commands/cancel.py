"""`broadcast cancel`: nothing more of it is sent, ever."""

import argparse
import sys
from contextlib import closing

from broadcaster import exits
from broadcaster.commands.send import add_id
from broadcaster.commands.store_option import open_store_of
from broadcaster.delivery import cancel
from broadcaster.terminal.words import counts_words

__all__ = ["HELP", "add_arguments", "run"]

HELP = "cancel a broadcast for good: send nothing more of it"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    add_id(parser)


def run(options: argparse.Namespace) -> int:
    """Cancel it. A process that sends it sees that within a second."""
    with closing(open_store_of(options)) as store:
        broadcast = cancel(store, store.broadcasts.get(options.id))
    counts = counts_words(broadcast.counts)
    sys.stdout.write(f"Broadcast {broadcast.id} is cancelled: {counts}.\n")
    return exits.OK
