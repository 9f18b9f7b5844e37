"""`broadcast pause`: the process that sends finishes what is under way, and stops."""

import argparse
import sys
import time
from contextlib import closing

from broadcaster import exits
from broadcaster.commands.send import add_id
from broadcaster.commands.store_option import open_store_of
from broadcaster.model import StopCause
from broadcaster.terminal.words import counts_words

__all__ = ["HELP", "add_arguments", "run"]

HELP = "pause a broadcast that is being sent"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    add_id(parser)


def run(options: argparse.Namespace) -> int:
    """Pause it. Its sender sees that within a second."""
    with closing(open_store_of(options)) as store:
        broadcast = store.broadcasts.get(options.id)
        store.broadcasts.pause(broadcast.number, StopCause.PERSON, time.time())
        counts = store.broadcasts.counts(broadcast.number)
    sys.stdout.write(
        f"Broadcast {broadcast.id} is paused: {counts_words(counts)}. Running requests are "
        f"completed.\nContinue with: broadcast resume {broadcast.id}\n"
    )
    return exits.OK
