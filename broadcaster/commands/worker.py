"""`broadcast worker`: sends, with others, what `broadcast send --queue` hands over."""

import argparse
import logging
import math
import os
import sys
import time
from contextlib import closing

from broadcaster import exits
from broadcaster.channels import channel_kinds, open_channel
from broadcaster.channels.registry import absolute_spec, configured_kinds
from broadcaster.commands.store_option import open_store_of
from broadcaster.errors import StoreUnreachable, WrongCommand
from broadcaster.fleet.check_jobs import CheckJobs
from broadcaster.queue.logs import log_as_json
from broadcaster.store import Store
from checker.api import Asked, add_settings_options, every_config

__all__ = ["HELP", "add_arguments", "run"]

HELP = "run a worker that sends queued broadcasts and checks fleets"
_AGAIN_SECONDS = 1.0
_TELL_SECONDS = 30.0

_log = logging.getLogger("broadcaster.queue")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    sending = parser.add_argument_group("sending")
    sending.add_argument(
        "--via",
        metavar="CHANNEL",
        action="append",
        default=[],
        help="channel to send by, with the credentials of this process; repeatable "
        "(default: line, if its token is set)",
    )
    sending.add_argument(
        "--multicast",
        action="store_true",
        help="line: send rows with the same text in one request",
    )
    sending.add_argument(
        "--concurrency",
        type=int,
        default=4,
        metavar="N",
        help="number of chunks sent at the same time (default: 4)",
    )
    sending.add_argument(
        "--lease",
        type=float,
        default=15.0,
        metavar="SECONDS",
        help="time after which another worker continues a dead worker's chunk; the same for all "
        "workers (default: 15)",
    )
    _add_process_options(parser)


def _add_process_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--grace",
        type=float,
        default=20.0,
        metavar="SECONDS",
        help="when stopped, wait this long for running requests (default: 20)",
    )
    parser.add_argument(
        "--checks",
        type=int,
        default=0,
        metavar="N",
        help="also check N endpoints of a fleet at the same time (default: 0)",
    )
    add_settings_options(parser)
    parser.add_argument(
        "--health-port",
        type=int,
        metavar="PORT",
        help="serve /healthz, /readyz and /metrics on this port (default: none)",
    )
    parser.add_argument(
        "--health-host",
        default="127.0.0.1",
        metavar="HOST",
        help="address to serve the health port on (default: 127.0.0.1)",
    )


def run(options: argparse.Namespace) -> int:
    """Work until a signal comes."""
    # only here, so that no other command needs the engine
    from broadcaster.queue.process import work
    from broadcaster.queue.worker import WorkerSettings

    if options.concurrency < 1:
        raise WrongCommand("--concurrency must be 1 or more.")
    if not 1.0 <= options.lease <= 3600.0:
        raise WrongCommand("--lease must be from 1 to 3600 seconds.")
    if not 0.0 <= options.grace <= 3600.0:
        raise WrongCommand("--grace must be from 0 to 3600 seconds.")
    if options.health_port is not None and not 0 <= options.health_port <= 65535:
        raise WrongCommand("--health-port must be from 0 to 65535.")
    via = options.via or ([] if options.checks else configured_kinds(os.environ))
    if not via and not options.checks:
        raise WrongCommand("Give --via CHANNEL to send, --checks N to check, or both.")
    if options.checks < 0:
        raise WrongCommand("--checks must be 0 or more.")
    channels = [
        open_channel(
            absolute_spec(spec),
            environ=os.environ,
            multicast=options.multicast and _takes_multicast(spec),
        )
        for spec in via
    ]
    settings = WorkerSettings(
        concurrency=options.concurrency, lease_seconds=options.lease, grace_seconds=options.grace
    )
    with closing(_open_when_reached(options)) as store:
        health = None
        if options.health_port is not None:
            health = (options.health_host, options.health_port)
        checks = _checks(store, options) if options.checks else None
        work(store, channels, settings, checks=checks, health=health)
    return exits.OK


def _open_when_reached(options: argparse.Namespace) -> Store:
    """The store, once its server is there: a worker may be started before PostgreSQL."""
    told_at = -math.inf
    while True:
        try:
            return open_store_of(options)
        except StoreUnreachable as error:
            if time.monotonic() - told_at >= _TELL_SECONDS:
                told_at = time.monotonic()
                log_as_json(sys.stderr)
                _log.warning("waiting_for_store", extra={"cause": str(error)})
            time.sleep(_AGAIN_SECONDS)


def _takes_multicast(spec: str) -> bool:
    kind = channel_kinds().get(spec.strip().partition(":")[0])
    return kind is not None and kind.takes_multicast


def _checks(store: Store, options: argparse.Namespace) -> CheckJobs:
    """With the secrets of this process's environment. Raises UsageError for a wrong file."""
    asked = Asked(file=options.config, use_file=not options.no_config)
    return CheckJobs(store, every_config(asked, os.environ), at_once=options.checks)
