"""`broadcast report`: who did not get it, and why, by cause."""

import argparse
import sys
from collections.abc import Callable
from contextlib import closing

from broadcaster import exits
from broadcaster.commands.send import add_id
from broadcaster.commands.store_option import open_store_of
from broadcaster.delivery import settle_orphans
from broadcaster.errors import NotNow
from broadcaster.reports import FORMATS, write_report
from checker import visible
from checker.api import open_report

__all__ = ["HELP", "add_arguments", "run"]

HELP = "write a report of who did not get the message, and why"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    add_id(parser)
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default="csv",
        metavar="FORMAT",
        help=f"{', '.join(FORMATS)} (default: csv)",
    )
    parser.add_argument(
        "-o", "--output", metavar="FILE", help="write the report to FILE (default: standard output)"
    )
    parser.add_argument("--show-data", action="store_true", help="show the messages in full")


def run(options: argparse.Namespace) -> int:
    """Write it."""
    with closing(open_store_of(options)) as store:
        broadcast = settle_orphans(store, store.broadcasts.get(options.id))
        if broadcast.forgotten_at is not None:
            raise NotNow(
                f"Broadcast {broadcast.id} has no rows: they were erased with broadcast forget."
            )
        with open_report(options.output, private=True) as write:
            shown = _escaping(write) if _is_terminal(options.output) else write
            write_report(store, broadcast, options.format, shown, show_data=options.show_data)
    return exits.OK


def _is_terminal(output: str | None) -> bool:
    return output in (None, "-") and sys.stdout.isatty()


def _escaping(write: Callable[[str], object]) -> Callable[[str], object]:
    """For a terminal: a uid or a reason may hold control sequences. Files get the data as it is."""

    def escaped(text: str) -> None:
        for line in text.splitlines(keepends=True):
            content = line.rstrip("\r\n")
            write(visible(content) + line[len(content) :])

    return escaped
