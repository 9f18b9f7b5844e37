"""The JSON report, version 1: a mapping of its own, so that the model can change without it."""

import json
from typing import Any

from checker.core.report import (
    Comparison,
    Counted,
    Example,
    Finding,
    PageSeconds,
    Recurring,
    Report,
    Summary,
)
from checker.reports.format import ReportFormat
from checker.text.display import UNSEEN

__all__ = [
    "FORMAT",
    "as_comparison",
    "as_document",
    "escaped",
    "render_json",
    "render_summary_json",
]

_STACK = ("language", "framework", "server", "in_front")


def render_json(report: Report) -> str:
    """One object, indented. Characters that could fool a terminal are written as JSON escapes."""
    return escaped(json.dumps(as_document(report), indent=2, ensure_ascii=False)) + "\n"


def render_summary_json(summary: Summary) -> str:
    """One object, as `schemas/summary.schema.json` describes it."""
    document = {
        "summary_version": 1,
        "verdict": summary.verdict.value,
        "reports": {name: as_document(report) for name, report in summary.reports.items()},
        "not_checked": dict(summary.not_checked),
    }
    return escaped(json.dumps(document, indent=2, ensure_ascii=False)) + "\n"


def escaped(text: str) -> str:
    """A JSON text with all that cannot be seen as escapes, which parse to the same."""
    return UNSEEN.sub(_escape, text)


def _escape(match: Any) -> str:
    char = match.group()
    if char == "\n":
        return "\n"  # the indentation's own; those of strings are escaped already
    return "".join(f"\\u{int.from_bytes(unit):04x}" for unit in _utf16_units(char))


def _utf16_units(char: str) -> list[bytes]:
    encoded = char.encode("utf-16-be", "surrogatepass")
    return [encoded[index : index + 2] for index in range(0, len(encoded), 2)]


def as_document(report: Report) -> dict[str, Any]:
    """The report as `schemas/report.schema.json` describes it."""
    crawl = report.crawl
    compared = {} if report.baseline is None else {"baseline": as_comparison(report.baseline)}
    return {
        "report_version": report.report_version,
        "tool": {"name": report.tool.name, "version": report.tool.version},
        "run": report.run,
        "endpoint": report.endpoint,
        "started": report.started,
        "seconds": report.seconds,
        "verdict": report.verdict.value,
        "complete": report.complete,
        "crawl": {
            "pages": crawl.pages,
            "rows": crawl.rows,
            "requests": crawl.requests,
            "bytes": crawl.bytes,
            "ended_by": crawl.ended_by,
            "page_seconds": _page_seconds(crawl.page_seconds),
        },
        "findings": [_finding(finding) for finding in report.findings],
        "stack": {member: report.stack.known().get(member) for member in _STACK},
        "not_judged": [{"rules": list(i.rules), "why": i.why} for i in report.not_judged],
        **compared,
    }


def as_comparison(comparison: Comparison) -> dict[str, Any]:
    """What is new, known, fixed and not judged, each in short."""
    return {
        "new": [_counted(item) for item in comparison.new],
        "known": [_recurring(item) for item in comparison.known],
        "fixed": [_counted(item) for item in comparison.fixed],
        "not_judged": [_counted(item) for item in comparison.not_judged],
    }


def _counted(item: Counted) -> dict[str, Any]:
    return {
        "rule": item.rule,
        "name": item.name,
        "severity": item.severity.value,
        "count": item.count,
    }


def _recurring(item: Recurring) -> dict[str, Any]:
    return {**_counted(item), "count_before": item.count_before}


def _page_seconds(seconds: PageSeconds) -> dict[str, float]:
    return {
        "p50": round(seconds.p50, 6),
        "p95": round(seconds.p95, 6),
        "p99": round(seconds.p99, 6),
        "max": round(seconds.max, 6),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "name": finding.name,
        "severity": finding.severity.value,
        "count": finding.count,
        "message": finding.message,
        "cause": finding.cause,
        "evidence": list(finding.evidence),
        "fix": finding.fix,
        "consequence_of": finding.consequence_of,
        "help": finding.help,
        "examples": [_example(example) for example in finding.examples],
    }


def _example(example: Example) -> dict[str, Any]:
    return {
        "page": example.page,
        "token": example.token,
        "pointer": example.pointer,
        "value": example.value,
        "curl": example.curl,
    }


FORMAT = ReportFormat.without_style(
    render_json,
    render_summary_json,
    label="JSON",
    extension="json",
    media_type="application/json",
)
