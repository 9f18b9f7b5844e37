"""The command broadcast-check: parses, runs, prints, and answers with the exit status."""

import os
import shutil
import signal
import sys
from argparse import Namespace
from collections.abc import Sequence

from checker.baselines.known import Known
from checker.cli import exit_status as exits
from checker.cli.check_all import check_every
from checker.cli.destinations import open_reports, refuse_shared_files
from checker.cli.diff import diff
from checker.cli.example import example_command
from checker.cli.fleet import hand_over
from checker.cli.options import all_configs_of, config_of, parse_options
from checker.cli.progress import ProgressLine
from checker.core.config import Config
from checker.core.errors import UnwrittenError, UsageError
from checker.core.events import all_listeners
from checker.core.protocols import PageSource
from checker.core.report import Report
from checker.engine.run import run
from checker.output.streams import forget_output, survive_any_streams, written
from checker.recordings.offline import offline_check
from checker.recordings.recorder import open_recorder
from checker.reports import Style, render
from checker.rules import all_rules
from checker.rules.help import help_page
from checker.rules.selection import matching, selected

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Exit status as the contract's section 4 gives it; never a traceback."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if argv is None:
        # a CI server or container that ends the run gets what was found so far, as after Ctrl-C
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    survive_any_streams()
    try:
        return written(_dispatch(arguments))
    except UsageError as error:
        sys.stderr.write(f"broadcast-check: {error}\n")
        return exits.USAGE
    except UnwrittenError as error:
        sys.stderr.write(f"broadcast-check: {error}\n")
        return exits.CRASH
    except KeyboardInterrupt:
        sys.stderr.write("broadcast-check: interrupted.\n")
        return exits.INTERRUPTED
    except BrokenPipeError:
        forget_output()  # the reader has gone, as with `| head`
        return exits.FAIL
    except Exception as error:  # noqa: BLE001  the last door: a sentence instead of a traceback
        sys.stderr.write(f"broadcast-check: {exits.crash_sentence(error)}\n")
        forget_output()
        return exits.CRASH


def _dispatch(arguments: list[str]) -> int:
    if arguments and arguments[0] == "explain":
        return _explain(arguments[1:])
    if arguments and arguments[0] == "rules":
        return _list_rules(arguments[1:])
    if arguments and arguments[0] == "diff":
        return diff(arguments[1:])
    if arguments and arguments[0] == "example":
        return example_command(arguments[1:])
    return _check(arguments)


def _explain(arguments: list[str]) -> int:
    if len(arguments) != 1:
        raise UsageError("Give one rule, such as: broadcast-check explain PAGE004.")
    for rule_id in sorted(matching(arguments, all_rules())):
        sys.stdout.write(help_page(rule_id))
    return exits.PASS


def _list_rules(arguments: list[str]) -> int:
    if arguments:
        raise UsageError("broadcast-check rules takes no arguments.")
    for rule in all_rules().values():
        sys.stdout.write(f"{rule.id:8} {rule.severity.value:8} {rule.name:24} {rule.summary}\n")
    return exits.PASS


def _check(arguments: list[str]) -> int:
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
