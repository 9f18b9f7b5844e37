"""`broadcast-check diff OLD NEW`: what is new, fixed and changed between two saved reports."""

import argparse
import json
import shutil
import sys
from collections.abc import Sequence
from typing import NoReturn

from checker import exits
from checker.baseline import compare, snapshot_of, worst_is_failing
from checker.comparison import Comparison, Counted
from checker.errors import UsageError
from checker.reports.json_v1 import as_comparison, escaped
from checker.reports.terminal import Style
from checker.saved_report import read_saved, report_of
from checker.text import plural

__all__ = ["add_arguments", "diff"]


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message[:1].upper()}{message[1:]}; see broadcast-check diff --help.")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("old", metavar="OLD", help="the older JSON report")
    parser.add_argument("new", metavar="NEW", help="the newer JSON report")
    parser.add_argument("--format", choices=("text", "json"), default="text",
                        help="default: text")  # fmt: skip
    parser.add_argument("--strict", action="store_true", help="a new warning fails, too")


def diff(arguments: Sequence[str]) -> int:
    """1 when an error is new (with --strict, also a warning), otherwise 0. Raises UsageError."""
    parser = _Parser(
        prog="broadcast-check diff",
        description="Say what is new, fixed and changed between two JSON reports of one endpoint.",
        epilog="exit status: 0, or 1 when an error is new (with --strict, also a warning)",
        allow_abbrev=False,
    )
    add_arguments(parser)
    options = parser.parse_args(list(arguments))
    old, new = (
        snapshot_of(report_of(read_saved(name, "report"), None, name))
        for name in (options.old, options.new)
    )
    comparison = compare(old, new)
    if options.format == "json":
        document = {"diff_version": 1, **as_comparison(comparison)}
        sys.stdout.write(escaped(json.dumps(document, indent=2, ensure_ascii=False)) + "\n")
    else:
        sys.stdout.write(_text(comparison))
    failing = worst_is_failing(comparison.new, strict=options.strict)
    return exits.FAIL if failing else exits.PASS


def _text(comparison: Comparison) -> str:
    style = Style(color=False, width=shutil.get_terminal_size().columns)
    same = [item for item in comparison.known if item not in comparison.changed]
    lines = [style.wrap(f"new      {_finding(item)}", indent=0) for item in comparison.new]
    lines += [style.wrap(f"fixed    {_finding(item)}", indent=0) for item in comparison.fixed]
    lines += [
        style.wrap(f"changed  {_finding(item)}, {item.count_before:,} before", indent=0)
        for item in comparison.changed
    ]
    lines += [
        style.wrap(f"unsure   {_finding(item)}: the newer report could not judge it", indent=0)
        for item in comparison.not_judged
    ]
    found = ", ".join(
        f"{len(items):,} {word}"
        for word, items in (
            ("new", comparison.new),
            ("fixed", comparison.fixed),
            ("changed", comparison.changed),
            ("unsure", comparison.not_judged),
            ("unchanged", same),
        )
    )
    return "\n".join([*lines, f"{found}."]) + "\n"


def _finding(item: Counted) -> str:
    return f"{item.rule} {item.name} ({item.severity.value}): {plural(item.count, 'time')}"
