"""`broadcast worker`: sends, with others, what `broadcast send --queue` hands over."""

import argparse
import os
from contextlib import closing

from broadcaster import exits
from broadcaster.channels import channel_kinds, open_channel
from broadcaster.channels.registry import absolute_spec, configured_kinds
from broadcaster.commands.store_option import open_store_of
from broadcaster.errors import WrongCommand
from broadcaster.fleet.check_jobs import CheckJobs
from broadcaster.store import Store
from checker.embedding import Asked, add_settings_options, every_config

__all__ = ["HELP", "add_arguments", "run"]

HELP = "do, with others, what is handed over by: broadcast send ID --queue, broadcast checks"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument(
        "--via",
        metavar="CHANNEL",
        action="append",
        default=[],
        help="a channel to send by, with the secrets of this process; repeatable (default: line, "
        "where its token is set)",
    )
    parser.add_argument(
        "--multicast", action="store_true", help="line: send rows of one text together"
    )
    parser.add_argument(
        "--concurrency", type=int, default=4, metavar="N", help="chunks at once (default: 4)"
    )
    parser.add_argument(
        "--lease",
        type=float,
        default=15.0,
        metavar="SECONDS",
        help="a dead worker's chunk is taken over after so long; the same for all (default: 15)",
    )
    parser.add_argument(
        "--grace",
        type=float,
        default=20.0,
        metavar="SECONDS",
        help="told to stop, wait so long for calls under way (default: 20)",
    )
    parser.add_argument(
        "--checks",
        type=int,
        default=0,
        metavar="N",
        help="check N endpoints of a fleet at once, too (broadcast checks; default: 0)",
    )
    add_settings_options(parser)
    parser.add_argument(
        "--health-port",
        type=int,
        metavar="PORT",
        help="answer /healthz, /readyz and /metrics there (default: nowhere)",
    )
    parser.add_argument(
        "--health-host",
        default="127.0.0.1",
        metavar="HOST",
        help="the address of the health port (default: 127.0.0.1)",
    )


def run(options: argparse.Namespace) -> int:
    """Work until a signal comes."""
    # only here, so that no other command needs the engine
    from broadcaster.queue.process import work
    from broadcaster.queue.worker import WorkerSettings

    if options.concurrency < 1:
        raise WrongCommand("A worker does 1 chunk at once or more (--concurrency).")
    if not 1.0 <= options.lease <= 3600.0:
        raise WrongCommand("A lease (--lease) is 1 to 3,600 seconds.")
    if not 0.0 <= options.grace <= 3600.0:
        raise WrongCommand("The grace (--grace) is 0 to 3,600 seconds.")
    if options.health_port is not None and not 0 <= options.health_port <= 65535:
        raise WrongCommand("The health port (--health-port) is 0 to 65535.")
    via = options.via or ([] if options.checks else configured_kinds(os.environ))
    if not via and not options.checks:
        raise WrongCommand("Say what to do: send (--via CHANNEL), check (--checks N), or both.")
    if options.checks < 0:
        raise WrongCommand("Checks at once (--checks) are 0 or more.")
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
    with closing(open_store_of(options)) as store:
        health = None
        if options.health_port is not None:
            health = (options.health_host, options.health_port)
        checks = _checks(store, options) if options.checks else None
        work(store, channels, settings, checks=checks, health=health)
    return exits.OK


def _takes_multicast(spec: str) -> bool:
    kind = channel_kinds().get(spec.strip().partition(":")[0])
    return kind is not None and kind.takes_multicast


def _checks(store: Store, options: argparse.Namespace) -> CheckJobs:
    """With the secrets of this process's environment. Raises UsageError for a wrong file."""
    asked = Asked(file=options.config, use_file=not options.no_config)
    return CheckJobs(store, every_config(asked, os.environ), at_once=options.checks)
