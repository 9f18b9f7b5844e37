"""A report as the store holds it: all that any format shows, masked as it already is. Pure.

It has the members of the JSON report, and what only the HTML report shows: the times of the pages
and the examples of requests and responses.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from checker import (
    CrawlSummary,
    Example,
    Finding,
    NotJudged,
    PageSeconds,
    Report,
    Severity,
    Tool,
    Verdict,
)
from checker.api import Stack, TimelinePoint, Transcript

__all__ = ["report_of", "stored_report"]


def stored_report(report: Report) -> dict[str, Any]:
    """The report as a mapping that JSON can hold."""
    return asdict(report)


def report_of(document: Mapping[str, Any]) -> Report | None:
    """The report again, also of a JSON report; None for one that another version stored."""
    try:
        return _report(document)
    except (KeyError, TypeError, ValueError):
        return None


def _report(document: Mapping[str, Any]) -> Report:
    crawl = document["crawl"]
    return Report(
        **{
            **document,
            "tool": Tool(**document["tool"]),
            "verdict": Verdict(document["verdict"]),
            "crawl": CrawlSummary(
                **{**crawl, "page_seconds": PageSeconds(**crawl["page_seconds"])}
            ),
            "findings": tuple(map(_finding, document["findings"])),
            "not_judged": tuple(
                NotJudged(rules=tuple(item["rules"]), why=item["why"], option=item.get("option"))
                for item in document["not_judged"]
            ),
            "crashes": tuple(document.get("crashes", ())),
            "timeline": tuple(TimelinePoint(**point) for point in document.get("timeline", ())),
            "stack": Stack(**document.get("stack", {})),
            "baseline": None,
        }
    )


def _finding(document: Mapping[str, Any]) -> Finding:
    examples = tuple(map(_example, document["examples"]))
    severity = Severity(document["severity"])
    evidence = tuple(document.get("evidence", ()))
    return Finding(**{**document, "severity": severity, "examples": examples, "evidence": evidence})


def _example(document: Mapping[str, Any]) -> Example:
    transcript = document.get("transcript")
    return Example(
        **{
            **document,
            "transcript": None if transcript is None else Transcript(**transcript),
        }
    )
