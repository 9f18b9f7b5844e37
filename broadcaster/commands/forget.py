"""`broadcast forget`: erases the customers' data of broadcasts, and keeps their sums."""

import argparse
import sys
import time
from collections.abc import Sequence
from contextlib import closing

from broadcaster import exits
from broadcaster.commands.store_option import open_store_of
from broadcaster.errors import WrongCommand
from broadcaster.fleet.changes import moment_text
from broadcaster.model import Broadcast, BroadcastState
from broadcaster.store import Store
from broadcaster.terminal.confirm import confirmed
from broadcaster.terminal.durations import moment_of
from checker import plural

__all__ = ["HELP", "add_arguments", "run"]

HELP = "erase the customers' data of a broadcast, or of old ones, and keep the counts"

_ENDED = frozenset({BroadcastState.DONE, BroadcastState.CANCELLED, BroadcastState.BLOCKED})


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument(
        "id", metavar="ID", nargs="?", help="id of the broadcast, or the first characters of it"
    )
    parser.add_argument(
        "--before",
        metavar="WHEN",
        help="erase all broadcasts that ended before a day, a time, or a duration ago (90d)",
    )
    parser.add_argument("--yes", action="store_true", help="do not ask for confirmation")


def run(options: argparse.Namespace) -> int:
    """Erase them, for good."""
    if (options.id is None) == (options.before is None):
        raise WrongCommand("Give the ID of a broadcast, or --before WHEN, such as --before 90d.")
    with closing(open_store_of(options)) as store:
        if options.before is not None:
            return _forget_old(store, options)
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


def _forget_old(store: Store, options: argparse.Namespace) -> int:
    moment = moment_of(options.before, time.time(), "--before")
    old = [one for one in store.broadcasts.each() if _is_old(one, moment)]
    ended = [one for one in old if one.state in _ENDED]
    when = f"before {moment_text(moment)}"
    left = _left_words([one for one in old if one.state not in _ENDED])
    if not ended:
        sys.stdout.write(f"No broadcast that still has its data ended {when}.\n{left}")
        return exits.OK
    rows = plural(sum(one.rows for one in ended), "row")
    asked = f"Erase {plural(len(ended), 'broadcast')} with {rows} that ended {when}, for good?"
    if not confirmed(asked, yes=options.yes):
        sys.stdout.write("Nothing was erased.\n")
        return exits.NOT_ALL
    store.erasure.forget_all([one.number for one in ended], time.time())
    sys.stdout.write(f"{plural(len(ended), 'broadcast')} erased; the counts are kept.\n{left}")
    return exits.OK


def _is_old(broadcast: Broadcast, moment: float) -> bool:
    """Whether it ended before the moment, or has not been touched since, and has its data."""
    at = broadcast.updated_at if broadcast.ended_at is None else broadcast.ended_at
    return broadcast.forgotten_at is None and at < moment


def _left_words(left: Sequence[Broadcast]) -> str:
    """Of those that may still be sent, which only their id erases."""
    if not left:
        return ""
    verb = "has" if len(left) == 1 else "have"
    return (
        f"{plural(len(left), 'older broadcast')} {verb} not ended and {verb} been kept: "
        f"{', '.join(one.id for one in left[:5])}{' …' if len(left) > 5 else ''}\n"
    )
