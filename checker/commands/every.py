"""`broadcast-check --all`: every endpoint of the settings file, and one summary."""

import argparse
import shutil
import sys
from collections.abc import Callable

from checker import exits
from checker.commands.known import Known
from checker.errors import UsageError
from checker.model import Verdict
from checker.options import all_configs_of
from checker.output import open_report
from checker.reports.summary import render_summary_json, render_summary_text
from checker.reports.terminal import Style
from checker.several import Summary, check_several, refuse_wrong

__all__ = ["check_every"]

_FORMATS = ("text", "json")


def check_every(options: argparse.Namespace, *, color: bool) -> int:
    """Returns the exit status: the worst of all. Raises UsageError before anything is sent."""
    if options.format not in _FORMATS or options.report:
        raise UsageError("--all gives one summary, as text or json: --format json, -o FILE.")
    configs = all_configs_of(options)
    refuse_wrong(configs)
    known = Known(baseline=options.baseline, write_to=options.write_baseline)
    known.refuse_for_all()
    with open_report(options.output) as write:
        shows = sys.stderr.isatty() and not options.quiet
        summary = check_several(configs, _progress(len(configs)) if shows else None, _sentence)
        if shows:
            sys.stderr.write("\r\x1b[2K")
        summary = known.of_all(summary)
        if options.format == "json":
            write(render_summary_json(summary))
        else:
            style = Style(color=color, width=shutil.get_terminal_size().columns)
            write(render_summary_text(summary, style, quiet=options.quiet))
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
