"""`broadcast cancel`: nothing more of it is sent, ever."""

import argparse
import sys
import time
from contextlib import closing

from broadcaster import exits
from broadcaster.commands.opening import opened_store
from broadcaster.commands.send import add_id
from broadcaster.terminal.words import counts_words

__all__ = ["HELP", "add_arguments", "run"]

HELP = "cancel a broadcast: nothing more of it is sent, ever"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    add_id(parser)


def run(options: argparse.Namespace) -> int:
    """Cancel it. A process that sends it sees that within a second."""
    with closing(opened_store(options)) as store:
        broadcast = store.broadcasts.get(options.id)
        store.broadcasts.cancel(broadcast.number, time.time())
        counts = store.broadcasts.counts(broadcast.number)
    sys.stdout.write(f"Broadcast {broadcast.id} is cancelled: {counts_words(counts)}.\n")
    return exits.OK
