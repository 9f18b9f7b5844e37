"""`broadcast-check --all`: every endpoint of the settings file, and one summary."""

import argparse
import shutil
import sys
from collections.abc import Callable

from checker.baselines.known import Known
from checker.cli import exit_status as exits
from checker.cli.destinations import open_reports
from checker.cli.options import all_configs_of
from checker.core.errors import UsageError
from checker.core.report import Summary, Verdict
from checker.engine.batch import check_several, refuse_wrong
from checker.reports import Style, render_summary

__all__ = ["check_every"]


def check_every(options: argparse.Namespace, *, color: bool) -> int:
    """Returns the exit status: the worst of all. Raises UsageError before anything is sent."""
    configs = all_configs_of(options)
    refuse_wrong(configs)
    known = Known(baseline=options.baseline, write_to=options.write_baseline)
    known.refuse_for_all()
    with open_reports(options.format, options.output, options.report) as reports:
        shows = sys.stderr.isatty() and not options.quiet
        summary = check_several(configs, _progress(len(configs)) if shows else None, _sentence)
        if shows:
            sys.stderr.write("\r\x1b[2K")
        summary = known.of_all(summary)
        for one in reports:
            style = Style(
                color=color and one.is_standard_output,
                width=shutil.get_terminal_size().columns,
                quiet=options.quiet,
                verbose=options.verbose,
            )
            one.write(render_summary(summary, one.form, style))
    return _exit_status(summary)


def _sentence(error: Exception) -> str:
    return str(error) if isinstance(error, UsageError) else exits.crash_sentence(error)


def _progress(whole: int) -> Callable[[int], None]:
    def show(done: int) -> None:
        sys.stderr.write(f"\r\x1b[2K{done:,} of {whole:,} endpoints checked")
        sys.stderr.flush()

    return show


def _exit_status(summary: Summary) -> int:
    if summary.interrupted:
        return exits.INTERRUPTED
    if summary.crashed:
        return exits.CRASH
    return exits.PASS if summary.verdict is Verdict.PASS else exits.FAIL
