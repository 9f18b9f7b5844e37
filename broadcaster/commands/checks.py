"""`broadcast checks`: a fleet of endpoints, checked here or by workers, and what changed in it."""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import closing

from broadcaster import exits
from broadcaster.commands.store_option import open_store_of
from broadcaster.errors import BroadcastError, StoreError, WrongCommand
from broadcaster.fleet.changes import changes_between, changes_document, changes_text, moment_text
from broadcaster.fleet.check_jobs import CheckJobs, enrolled
from broadcaster.store import Store, default_address, open_store
from broadcaster.terminal.confirm import confirmed
from broadcaster.terminal.durations import moment_of, seconds_of
from checker import plural
from checker.api import Asked, Config, add_settings_options, every_config

__all__ = ["HELP", "add_arguments", "enroll_from_check", "run"]

HELP = "check every endpoint of a settings file, repeatedly, and show what changed"
_NEEDS_POSTGRESQL = (
    "--queue needs a store on PostgreSQL: set BROADCAST_STORE to postgresql://USER@HOST/DATABASE, "
    "or leave out --queue to check here."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument(
        "what",
        choices=["run", "status", "changes", "forget"],
        help="run: check all endpoints; status: show how many are due, pass and fail; "
        "changes: show what changed; forget: erase old results",
    )
    parser.add_argument("--json", action="store_true", help="print as JSON")
    add_settings_options(parser)
    _add_run_options(parser.add_argument_group("broadcast checks run"))
    changes = parser.add_argument_group("broadcast checks changes")
    changes.add_argument(
        "--since",
        metavar="WHEN",
        help="show changes since a day, a time, or a duration ago, such as tuesday or 24h",
    )
    changes.add_argument(
        "--webhook",
        metavar="URL",
        help="POST the changes as JSON to URL, if there are any; signed if "
        "BROADCAST_WEBHOOK_SECRET is set",
    )
    forget = parser.add_argument_group("broadcast checks forget")
    forget.add_argument(
        "--before",
        metavar="WHEN",
        help="erase results older than a day, a time, or a duration, such as 2026-01-01 or 90d",
    )
    forget.add_argument("--yes", action="store_true", help="do not ask for confirmation")


def _add_run_options(group: "argparse._ArgumentGroup") -> None:
    group.add_argument(
        "--at-once",
        type=int,
        default=8,
        metavar="N",
        help="check N endpoints at the same time, each on a different host (default: 8)",
    )
    group.add_argument(
        "--queue",
        action="store_true",
        help="let workers check them (see broadcast worker --checks); needs a store on PostgreSQL",
    )
    group.add_argument(
        "--every", metavar="TIME", help="with --queue: check again after this time, such as 6h"
    )


def run(options: argparse.Namespace) -> int:
    """Do it."""
    with closing(open_store_of(options)) as store:
        if options.what == "run":
            return _run(store, options)
        if options.what == "status":
            return _status(store, as_json=options.json)
        return _forget(store, options) if options.what == "forget" else _changes(store, options)


def enroll_from_check(configs: Mapping[str, Config]) -> int:
    """What `broadcast-check --all --queue` hands over to, by an entry point; the exit status."""
    try:
        with closing(open_store(default_address(os.environ))) as store:
            return _enroll(store, configs, None)
    except BroadcastError as error:
        sys.stderr.write(f"broadcast-check: {error}\n")
        return exits.CRASH if isinstance(error, StoreError) else exits.USAGE


def _run(store: Store, options: argparse.Namespace) -> int:
    if options.at_once < 1:
        raise WrongCommand("--at-once must be 1 or more.")
    if options.every is not None and not options.queue:
        raise WrongCommand("--every needs --queue: only workers check repeatedly.")
    every = None if options.every is None else seconds_of(options.every, "--every")
    asked = Asked(file=options.config, use_file=not options.no_config)
    configs = every_config(asked, os.environ)
    if options.queue:
        return _enroll(store, configs, every)
    store.fleet.enroll(enrolled(configs), every_seconds=None, now=time.time())
    jobs = CheckJobs(store, configs, at_once=options.at_once)
    jobs.start(until_done=True)
    try:
        jobs.join()
    finally:
        jobs.stop()
        jobs.join(10.0)
    return _status(store, as_json=options.json)


def _enroll(store: Store, configs: Mapping[str, Config], every: float | None) -> int:
    if store.is_sqlite:
        raise WrongCommand(_NEEDS_POSTGRESQL)
    store.fleet.enroll(enrolled(configs), every_seconds=every, now=time.time())
    again = "" if every is None else f", repeated every {every:,.0f} s"
    sys.stdout.write(
        f"{len(configs):,} endpoints are queued for the workers{again}; "
        "see: broadcast checks status.\n"
    )
    return exits.OK


def _status(store: Store, *, as_json: bool) -> int:
    found = store.fleet.standing(time.time())
    document = {name: getattr(found, name) for name in found.__dataclass_fields__}
    if as_json:
        text = json.dumps(document, indent=2) + "\n"
    else:
        text = "".join(f"{name:10} {count:>9,}\n" for name, count in document.items())
    sys.stdout.write(text)
    return exits.OK if not found.failing and not found.failed else exits.NOT_ALL


def _changes(store: Store, options: argparse.Namespace) -> int:
    if options.since is None:
        raise WrongCommand(
            "--since is missing; give it, such as: broadcast checks changes --since 24h."
        )
    now = time.time()
    since = moment_of(options.since, now, "--since")
    webhook = None if options.webhook is None else _webhook(options.webhook)
    changes = changes_between(
        store.fleet.newest(since), store.fleet.newest(now), since=since, until=now
    )
    document = changes_document(changes)
    if options.json:
        sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(changes_text(changes))
    if webhook is not None and (changes.newly or changes.no_longer):
        webhook(document)
    return exits.OK


def _webhook(url: str) -> Callable[[Mapping[str, object]], None]:
    """What tells changes. Raises WrongCommand for a wrong URL or secret."""
    # only here, since what it needs takes longer to load than most commands to run
    from broadcaster.channels.webhook_signature import webhook_signer
    from broadcaster.fleet.webhook import ChangesWebhook

    return ChangesWebhook(url, webhook_signer(os.environ)).post


def _forget(store: Store, options: argparse.Namespace) -> int:
    if options.before is None:
        raise WrongCommand(
            "--before is missing; give it, such as: broadcast checks forget --before 90d."
        )
    moment = moment_of(options.before, time.time(), "--before")
    found = store.fleet.count_before(moment)
    older = f"older than {moment_text(moment)}"
    if not found:
        sys.stdout.write(f"No result is {older}.\n")
        return exits.OK
    asked = f"Erase {plural(found, 'result')} of checks {older}, with the reports, for good?"
    if not confirmed(asked, yes=options.yes):
        sys.stdout.write("Nothing was erased.\n")
        return exits.NOT_ALL
    erased = store.fleet.forget_before(moment)
    sys.stdout.write(f"{plural(erased, 'result')} erased.\n")
    return exits.OK
