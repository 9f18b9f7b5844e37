"""The check of an endpoint, of files, or of all endpoints of a settings file, as a command."""

import os
import shutil
import sys
from argparse import Namespace

from checker.baselines.known import Known
from checker.cli import exit_status as exits
from checker.cli.check_all import check_every
from checker.cli.destinations import open_reports, refuse_shared_files
from checker.cli.fleet import hand_over
from checker.cli.options import all_configs_of, config_of, parse_options
from checker.cli.progress import ProgressLine
from checker.core.config import Config
from checker.core.errors import UsageError
from checker.core.events import all_listeners
from checker.core.protocols import PageSource
from checker.core.report import Report
from checker.engine.run import run
from checker.recordings.offline import offline_check
from checker.recordings.recorder import open_recorder
from checker.reports import Style, render
from checker.rules import all_rules
from checker.rules.selection import selected

__all__ = ["check_command"]


def check_command(arguments: list[str]) -> int:
    """Gives the exit status. Raises UsageError, and UnwrittenError for a report."""
    options = parse_options(arguments)
    refuse_shared_files(options)
    offline = offline_check(options, config_of)
    if options.queue and not options.all:
        raise UsageError("--queue needs --all: workers check all endpoints of a settings file.")
    if options.queue:
        return hand_over(all_configs_of(options))
    if options.all:
        to_terminal = options.output in (None, "-") and sys.stdout.isatty()
        return check_every(options, color=_style(options, to_terminal=to_terminal).color)
    config = config_of(options) if offline is None else offline.config
    selected(config, all_rules())
    known = Known(baseline=options.baseline, write_to=options.write_baseline)
    judge = known.for_one(options.url or config.endpoint.url)
    with open_reports(options.format, options.output, options.report) as reports:
        report = judge(_run(config, options, None if offline is None else offline.client))
        for one in reports:
            style = _style(options, to_terminal=one.is_standard_output and sys.stdout.isatty())
            one.write(render(report, one.form, style))
    if offline is not None and (unread := offline.unread()):
        sys.stderr.write(f"broadcast-check: {unread}\n")
    return exits.exit_status(report)


def _run(config: Config, options: Namespace, client: PageSource | None) -> Report:
    width = shutil.get_terminal_size().columns
    shows = sys.stderr.isatty() and not options.quiet
    progress = ProgressLine(sys.stderr, width) if shows else None
    with open_recorder(options.record, config) as recorder:
        return run(config, all_listeners(progress, recorder), client)


def _style(options: Namespace, *, to_terminal: bool) -> Style:
    plain = options.no_color or "NO_COLOR" in os.environ
    return Style(
        color=to_terminal and not plain,
        width=shutil.get_terminal_size().columns,
        quiet=options.quiet,
        verbose=options.verbose,
    )
