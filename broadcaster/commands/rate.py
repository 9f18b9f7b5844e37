"""`broadcast rate`: changes how fast a broadcast is sent, also while it is being sent."""

import argparse
import sys
import time
from contextlib import closing

from broadcaster import exits
from broadcaster.channels.rate_limit import require_sensible_rate
from broadcaster.commands.send import add_id
from broadcaster.commands.store_option import open_store_of
from broadcaster.errors import WrongCommand

__all__ = ["HELP", "add_arguments", "run"]

HELP = "change the rate of a broadcast, also while it is being sent"
_NONE = "none"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    add_id(parser)
    parser.add_argument(
        "rate", metavar="R", help="requests a second at most, or none for the limit of the channel"
    )


def run(options: argparse.Namespace) -> int:
    """Change it. Who sends the broadcast sees that within a second."""
    rate = _rate(options.rate)
    with closing(open_store_of(options)) as store:
        broadcast = store.broadcasts.get(options.id)
        store.broadcasts.set_rate(broadcast.number, rate, time.time())
    limit = "the limit of the channel" if rate is None else f"at most {rate:,g} requests a second"
    sys.stdout.write(f"Broadcast {broadcast.id} is sent at {limit} from now on.\n")
    return exits.OK


def _rate(text: str) -> float | None:
    if text.strip().lower() == _NONE:
        return None
    try:
        rate = float(text)
    except ValueError:
        raise WrongCommand("The rate must be a number of requests a second, or none.") from None
    require_sensible_rate(rate)
    return rate
