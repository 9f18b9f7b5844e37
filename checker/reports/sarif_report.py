"""SARIF 2.1.0, for services that collect results of many tools.

A result's location is the endpoint's URL, for there is no source file; the place in a page is its
logical location. GitHub's code scanning wants files of the repository and shows no place for these.
"""

import json
from typing import Any

from checker.core.report import Example, Finding, Report, Severity, Summary
from checker.reports.format import ReportFormat
from checker.reports.json_report import escaped
from checker.reports.wording import (
    Outcome,
    RuleOutcome,
    fails,
    gone,
    known,
    outcomes,
    place_of,
    unexplained_failure,
)
from checker.rules.help import help_body

__all__ = ["FORMAT", "render_sarif", "render_summary_sarif"]

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def render_sarif(report: Report) -> str:
    """One run with every rule, the findings as its results, and what was not judged."""
    return _document([_run(report)])


def render_summary_sarif(summary: Summary) -> str:
    """A run for each endpoint; its name is the run's category."""
    runs = [
        {"automationDetails": {"id": f"{name}/"}, **_run(report)}
        for name, report in summary.reports.items()
    ]
    runs += [
        {
            "automationDetails": {"id": f"{name}/"},
            "tool": {"driver": {"name": "broadcast-check"}},
            "invocations": [
                {
                    "executionSuccessful": False,
                    "toolExecutionNotifications": [_notification(f"Not checked: {why}.")],
                }
            ],
            "results": [],
        }
        for name, why in summary.not_checked.items()
    ]
    return _document(runs)


def _document(runs: list[dict[str, Any]]) -> str:
    document = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": runs,
    }
    return escaped(json.dumps(document, indent=2, ensure_ascii=False)) + "\n"


def _run(report: Report) -> dict[str, Any]:
    items = list(outcomes(report))
    order = {item.rule.id: index for index, item in enumerate(items)}
    lost = {item.rule: word for item, word in gone(report)}
    return {
        "tool": {
            "driver": {
                "name": report.tool.name,
                "version": report.tool.version,
                "rules": [_rule(item) for item in items],
            }
        },
        "invocations": [_invocation(report)],
        "results": [_result(report, f, order[f.rule]) for f in report.findings],
        "properties": {
            "run": report.run,
            "verdict": report.verdict.value,
            "complete": report.complete,
            "passed": [i.rule.id for i in items if i.outcome is Outcome.PASSED],
            "notJudged": {
                item.rule.id: item.why
                for item in items
                if item.outcome in (Outcome.NOT_JUDGED, Outcome.CRASHED)
            },
            **({"inBaselineOnly": lost} if report.baseline is not None else {}),
        },
    }


def _rule(item: RuleOutcome) -> dict[str, Any]:
    """The rule; its whole help only where it is needed, for it is long."""
    rule = item.rule
    shown = {"text": f"broadcast-check explain {rule.id}"}
    if item.finding is not None:
        shown["markdown"] = help_body(rule)
    return {
        "id": rule.id,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.fix},
        "help": shown,
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"clause": rule.clause, "tags": [rule.id.rstrip("0123456789")]},
    }


def _invocation(report: Report) -> dict[str, Any]:
    invocation: dict[str, Any] = {
        "executionSuccessful": not report.crashes and not report.interrupted,
        "startTimeUtc": report.started,
    }
    notes = [f"The checker itself failed in {crash}." for crash in report.crashes]
    why = unexplained_failure(report)
    if why is not None and not report.crashes:
        notes.append(why)
    if notes:
        invocation["toolExecutionNotifications"] = [_notification(note) for note in notes]
    return invocation


def _notification(text: str) -> dict[str, Any]:
    return {"level": "error", "message": {"text": text}}


def _result(report: Report, finding: Finding, index: int) -> dict[str, Any]:
    examples = finding.examples or (
        Example(page=None, token=None, pointer=None, value=None, curl=None),
    )
    compared = {"baselineState": "unchanged" if known(report, finding) else "new"}
    return {
        **(compared if report.baseline is not None else {}),
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {"text": _account(finding)},
        "occurrenceCount": finding.count,
        "locations": [_location(report, examples[0])],
        "relatedLocations": [
            *(_location(report, example) for example in examples[1:]),
            *(_seen(report, line) for line in finding.evidence),
        ],
        "partialFingerprints": {"rule/v1": finding.rule},
        "properties": {
            "severity": finding.severity.value,
            "fails": fails(report, finding),
            **({"cause": finding.cause} if finding.cause else {}),
            **({"consequenceOf": finding.consequence_of} if finding.consequence_of else {}),
        },
    }


def _account(finding: Finding) -> str:
    cause = f" Cause: {finding.cause}" if finding.cause else ""
    return f"{finding.message}{cause} Fix: {finding.fix}"


def _seen(report: Report, line: str) -> dict[str, Any]:
    """A line of evidence as a location, whose message SARIF viewers list beside the result."""
    return {
        "physicalLocation": {"artifactLocation": {"uri": report.endpoint.replace("•", "*")}},
        "message": {"text": line},
    }


def _location(report: Report, example: Example) -> dict[str, Any]:
    location: dict[str, Any] = {
        "physicalLocation": {"artifactLocation": {"uri": report.endpoint.replace("•", "*")}},
    }
    place = place_of(example)
    if place:
        location["logicalLocations"] = [{"fullyQualifiedName": place, "kind": "value"}]
    properties = {"value": example.value, "curl": example.curl}
    shown = {name: value for name, value in properties.items() if value is not None}
    if shown:
        location["properties"] = shown
    return location


FORMAT = ReportFormat.without_style(
    render_sarif,
    render_summary_sarif,
    label="SARIF",
    extension="sarif",
    media_type="application/sarif+json",
)
