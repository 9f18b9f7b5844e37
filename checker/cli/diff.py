"""`broadcast-check diff OLD NEW`: what is new, fixed and changed between two saved reports.

Two summaries of --all are compared endpoint by endpoint.
"""

import argparse
import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NoReturn

from checker.baselines.baseline import EMPTY, compare, snapshot_of, worst_is_failing
from checker.baselines.saved_report import read_saved, report_of
from checker.cli import exit_status as exits
from checker.cli.request_options import usage_sentence
from checker.core.errors import UsageError
from checker.core.report import Comparison, Counted
from checker.reports.format import Style
from checker.reports.json_report import as_comparison, escaped
from checker.text.display import plural

__all__ = ["add_arguments", "diff"]


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(usage_sentence(message, "broadcast-check diff"))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("old", metavar="OLD", help="the older JSON report")
    parser.add_argument("new", metavar="NEW", help="the newer JSON report")
    parser.add_argument(
        "--format",
        choices=("text", "json"),
        default="text",
        help="print text or json (default: text)",
    )
    parser.add_argument("--strict", action="store_true", help="also fail for a new warning")


def diff(arguments: Sequence[str]) -> int:
    """1 when an error is new (with --strict, also a warning), otherwise 0. Raises UsageError."""
    parser = _Parser(
        prog="broadcast-check diff",
        description="Say what is new, fixed and changed between two JSON reports or summaries.",
        epilog="exit status: 0, or 1 when an error is new (with --strict, also a warning)",
        allow_abbrev=False,
    )
    add_arguments(parser)
    options = parser.parse_args(list(arguments))
    old, new = (read_saved(name, "report") for name in (options.old, options.new))
    if "reports" in old and "reports" in new:
        found = _of_summaries(old["reports"], new["reports"])
        document: dict[str, Any] = {
            "endpoints": {name: as_comparison(one) for name, one in found.items()}
        }
        text = "\n".join(f"== {name} ==\n{_text(one)}" for name, one in found.items())
    else:
        before = snapshot_of(report_of(old, None, options.old))
        one = compare(before, snapshot_of(report_of(new, None, options.new)))
        found, document, text = {"": one}, as_comparison(one), _text(one)
    if options.format == "json":
        text = json.dumps({"diff_version": 1, **document}, indent=2, ensure_ascii=False)
        text = escaped(text) + "\n"
    sys.stdout.write(text)
    new_ones = tuple(item for one in found.values() for item in one.new)
    failing = worst_is_failing(new_ones, strict=options.strict)
    return exits.FAIL if failing else exits.PASS


def _of_summaries(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Comparison]:
    """By the endpoints' names. One that only the newer has has no older findings; of one that only
    the older has nothing can be told.
    """
    snapshots = {name: snapshot_of(report) for name, report in new.items()}
    return {
        name: compare(
            snapshot_of(old[name]) if name in old else EMPTY,
            snapshots.get(name, replace(EMPTY, complete=False)),
        )
        for name in [*new, *(name for name in old if name not in new)]
    }


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
