"""The command broadcast-check: parses, runs, prints, and answers with the exit status."""

import io
import os
import shutil
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from checker.config import Config
from checker.engine import run
from checker.errors import UsageError
from checker.explain import help_page
from checker.model import Report, Verdict
from checker.options import config_of, parse_options
from checker.output import open_reports
from checker.progress import ProgressLine
from checker.reports import Style, render
from checker.rules import all_rules
from checker.selection import matching, selected

__all__ = ["main"]

EXIT_PASS, EXIT_FAIL, EXIT_USAGE, EXIT_CRASH, EXIT_INTERRUPTED = 0, 1, 2, 3, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Exit status as the contract's section 4 gives it; never a traceback."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    _survive_any_terminal()
    try:
        return _dispatch(arguments)
    except UsageError as error:
        sys.stderr.write(f"broadcast-check: {error}\n")
        return EXIT_USAGE
    except KeyboardInterrupt:
        sys.stderr.write("broadcast-check: interrupted.\n")
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # the reader has gone, as with `| head`; Python would complain once more at its exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_FAIL
    except Exception as error:  # noqa: BLE001  the last door: a sentence instead of a traceback
        sys.stderr.write(f"broadcast-check: {_crash_sentence(error)}\n")
        return EXIT_CRASH


def _survive_any_terminal() -> None:
    """A terminal that cannot show a character gets an escape instead of an exception."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _crash_sentence(error: Exception) -> str:
    """What failed and where in our own code; never the error's text, which may hold a secret."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(frame.filename).name}, line {frame.lineno}"
    return f"the checker itself failed ({type(error).__name__} in {where}); please report it."


def _dispatch(arguments: list[str]) -> int:
    if arguments and arguments[0] == "explain":
        return _explain(arguments[1:])
    if arguments and arguments[0] == "rules":
        return _list_rules(arguments[1:])
    return _check(arguments)


def _explain(arguments: list[str]) -> int:
    if len(arguments) != 1:
        raise UsageError("Name one rule, such as: broadcast-check explain PAGE004.")
    for rule_id in sorted(matching(arguments, all_rules())):
        sys.stdout.write(help_page(rule_id))
    return EXIT_PASS


def _list_rules(arguments: list[str]) -> int:
    if arguments:
        raise UsageError("'broadcast-check rules' takes no arguments.")
    for rule in all_rules().values():
        sys.stdout.write(f"{rule.id:8} {rule.severity.value:8} {rule.name:24} {rule.summary}\n")
    return EXIT_PASS


def _check(arguments: list[str]) -> int:
    options = parse_options(arguments)
    config = config_of(options)
    selected(config, all_rules())
    with open_reports(options.format, options.output, options.report) as reports:
        report = _run(config, quiet=options.quiet)
        for one in reports:
            style = _style(options, to_terminal=one.is_standard_output and sys.stdout.isatty())
            one.write(render(report, one.form, style, quiet=options.quiet))
    return _exit_status(report)


def _run(config: Config, *, quiet: bool) -> Report:
    width = shutil.get_terminal_size().columns
    shows = sys.stderr.isatty() and not quiet
    return run(config, ProgressLine(sys.stderr, width) if shows else None)


def _style(options: object, *, to_terminal: bool) -> Style:
    plain = getattr(options, "no_color", False) or "NO_COLOR" in os.environ
    return Style(color=to_terminal and not plain, width=shutil.get_terminal_size().columns)


def _exit_status(report: Report) -> int:
    if report.interrupted:
        return EXIT_INTERRUPTED
    if report.crashes:
        return EXIT_CRASH
    return EXIT_PASS if report.verdict is Verdict.PASS else EXIT_FAIL
