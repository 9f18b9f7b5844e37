"""`broadcast status`: shows the state of one broadcast, or of all."""

import argparse
import json
import sys
import time
from contextlib import closing

from broadcaster import exits
from broadcaster.commands.store_option import open_store_of
from broadcaster.delivery import settle_all_orphans, settle_orphans
from broadcaster.queue.standing import queue_standing
from broadcaster.status import status_document
from broadcaster.terminal.status_words import fleet_line, listing, standing

__all__ = ["HELP", "add_arguments", "run"]

HELP = "show the state of one broadcast, or of all"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument(
        "id", metavar="ID", nargs="?", help="id of the broadcast, or the first characters of it"
    )
    parser.add_argument(
        "--json", action="store_true", help="print as JSON (schemas/status.schema.json)"
    )


def run(options: argparse.Namespace) -> int:
    """Print it."""
    now = time.time()
    with closing(open_store_of(options)) as store:
        if options.id is None:
            broadcasts = list(settle_all_orphans(store, store.broadcasts.each(reports=True)))
            document: object = [
                status_document(one, queue_standing(store, one, now)) for one in broadcasts
            ]
            text = listing(broadcasts) + fleet_line(store.fleet.standing(now))
        else:
            broadcast = settle_orphans(store, store.broadcasts.get(options.id))
            queue = queue_standing(store, broadcast, now)
            document = status_document(broadcast, queue)
            owners = store.ledger.owners(broadcast.number, now)
            causes = store.outcomes.causes(broadcast.number)
            text = standing(broadcast, causes, list(owners), queue)
    if options.json:
        text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    sys.stdout.write(text)
    return exits.OK
