"""Living with known findings: what is new, known, fixed between two reports. Pure.

A finding is known by its rule: a rule that the older report has is known, however often it was
found. That the count changed is told, and is not new.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from checker.core.report import Comparison, Counted, Recurring, Report, Severity, Verdict
from checker.reports.json_report import as_document

__all__ = ["EMPTY", "Snapshot", "against", "compare", "snapshot_of", "worst_is_failing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What comparing needs of a report."""

    findings: Mapping[str, Counted]
    not_judged: frozenset[str]
    complete: bool
    ended_by: str


def snapshot_of(document: Mapping[str, Any]) -> Snapshot:
    """From a JSON report that is right by its schema."""
    return Snapshot(
        findings={
            item["rule"]: Counted(
                rule=item["rule"],
                name=item["name"],
                severity=Severity(item["severity"]),
                count=item["count"],
            )
            for item in document["findings"]
        },
        not_judged=frozenset(rule for item in document["not_judged"] for rule in item["rules"]),
        complete=document["complete"],
        ended_by=document["crawl"]["ended_by"],
    )


EMPTY = Snapshot(findings={}, not_judged=frozenset(), complete=True, ended_by="empty-next")
"""Of a report that found nothing."""


def compare(old: Snapshot, new: Snapshot) -> Comparison:
    """Nothing counts as fixed that was not judged again, to the end of the data."""
    gone = [found for rule, found in old.findings.items() if rule not in new.findings]
    fixed = [f for f in gone if new.complete and f.rule not in new.not_judged]
    return Comparison(
        new=tuple(found for rule, found in new.findings.items() if rule not in old.findings),
        known=tuple(
            Recurring(**_fields(found), count_before=old.findings[rule].count)
            for rule, found in new.findings.items()
            if rule in old.findings
        ),
        fixed=tuple(fixed),
        not_judged=tuple(found for found in gone if found not in fixed),
    )


def worst_is_failing(findings: tuple[Counted, ...], *, strict: bool) -> bool:
    """Whether one of them makes a run fail: an error, or, when strict, a warning."""
    failing = {Severity.ERROR, Severity.WARNING} if strict else {Severity.ERROR}
    return any(finding.severity in failing for finding in findings)


def against(report: Report, baseline: Snapshot) -> Report:
    """The report with its verdict on what is new only.

    A crawl that ended early passes only where the older one ended early for the same reason, and
    never without a single page: a server that was down once would be so for good.
    """
    comparison = compare(baseline, snapshot_of(as_document(report)))
    same_end = not baseline.complete and baseline.ended_by == report.crawl.ended_by
    same_end = same_end and report.crawl.pages > 0
    unsure = report.interrupted or bool(report.crashes) or not (report.complete or same_end)
    failed = worst_is_failing(comparison.new, strict=report.strict)
    verdict = Verdict.FAIL if failed or unsure else Verdict.PASS
    return replace(report, verdict=verdict, baseline=comparison)


def _fields(found: Counted) -> dict[str, Any]:
    return {
        "rule": found.rule,
        "name": found.name,
        "severity": found.severity,
        "count": found.count,
    }
