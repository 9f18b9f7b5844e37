"""The summary of several checks: a line for each, then the reports of those that failed.

The other formats say it in the words of this module, and stand beside their reports of one check.
"""

import json
from collections.abc import Mapping

from checker.core.report import Report, Summary, Verdict
from checker.reports.json_v1 import as_document, escaped
from checker.reports.terminal import Style, render_terminal
from checker.reports.wording import counts_sentence
from checker.text.display import plural, visible

__all__ = ["counts_of", "found_of", "render_summary_json", "render_summary_text"]


def render_summary_json(summary: Summary) -> str:
    """One object, as `schemas/summary.schema.json` describes it."""
    document = {
        "summary_version": 1,
        "verdict": summary.verdict.value,
        "reports": {name: as_document(report) for name, report in summary.reports.items()},
        "not_checked": dict(summary.not_checked),
    }
    return escaped(json.dumps(document, indent=2, ensure_ascii=False)) + "\n"


def render_summary_text(summary: Summary, style: Style, *, quiet: bool = False) -> str:
    """For a terminal; when quiet, the lines alone."""
    width = max(map(len, [*summary.reports, *summary.not_checked]), default=0)
    lines = [_line(name, report, style, width) for name, report in summary.reports.items()]
    lines += [
        f"{style.paint('----', 'dim')}  {name.ljust(width)}  not checked: {visible(why)}"
        for name, why in summary.not_checked.items()
    ]
    if quiet:
        return "\n".join(lines) + "\n"
    parts = ["\n".join(lines), style.wrap(counts_of(summary), indent=0)]
    failed = {n: r for n, r in summary.reports.items() if r.verdict is not Verdict.PASS}
    parts += _details(failed, style)
    return "\n\n".join(part.rstrip("\n") for part in parts) + "\n"


def _line(name: str, report: Report, style: Style, width: int) -> str:
    color = "green" if report.verdict is Verdict.PASS else "red"
    word = style.paint(report.verdict.value.upper(), color, "bold")
    read = f"{plural(report.crawl.pages, 'page')}, {plural(report.crawl.rows, 'row')}"
    return f"{word}  {name.ljust(width)}  {found_of(report)}; {read}, {report.seconds:.1f} s"


def found_of(report: Report) -> str:
    """What an endpoint's line says of its findings, and of the crawl when it ended early."""
    found = counts_sentence(report)
    return found if report.complete else f"{found}; ended early ({report.crawl.ended_by})"


def counts_of(summary: Summary) -> str:
    """`3 endpoints: 1 passed, 1 failed, 1 not checked.`"""
    passed = sum(report.verdict is Verdict.PASS for report in summary.reports.values())
    failed = len(summary.reports) - passed
    whole = len(summary.reports) + len(summary.not_checked)
    told = [f"{passed:,} passed", f"{failed:,} failed"]
    if summary.not_checked:
        told.append(f"{len(summary.not_checked):,} not checked")
    return f"{plural(whole, 'endpoint')}: {', '.join(told)}."


def _details(reports: Mapping[str, Report], style: Style) -> list[str]:
    return [
        style.paint(f"== {name} ==", "bold") + "\n\n" + render_terminal(report, style)
        for name, report in reports.items()
    ]
