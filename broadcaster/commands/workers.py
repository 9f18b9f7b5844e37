"""`broadcast workers`: which workers run, and what each of them holds."""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from typing import Any

from broadcaster import exits
from broadcaster.commands.store_option import open_store_of
from broadcaster.status import moment
from broadcaster.store.workers import WorkerStanding
from broadcaster.terminal.worker_words import worker_lines

__all__ = ["HELP", "add_arguments", "run"]

HELP = "list the workers, and what each of them holds"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("--json", action="store_true", help="print as JSON")


def run(options: argparse.Namespace) -> int:
    """Print them."""
    now = time.time()
    with closing(open_store_of(options)) as store:
        workers = store.workers.standing(now)
    if options.json:
        sys.stdout.write(json.dumps(_documents(workers, now), indent=2, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(worker_lines(workers, now))
    return exits.OK


def _documents(workers: Sequence[WorkerStanding], now: float) -> list[dict[str, Any]]:
    return [
        {
            "name": one.name,
            "alive": one.is_alive(now),
            "began_at": moment(one.began_at),
            "seen_at": moment(one.seen_at),
            "channels": list(one.channels),
            "checks": one.checks,
            "chunks": one.chunks,
            "endpoints": list(one.endpoints),
        }
        for one in workers
    ]
