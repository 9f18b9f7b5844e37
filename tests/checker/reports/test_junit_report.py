"""The JUnit report: a case for each rule, by the schema, and as a consumer reads it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import junitparser
import pytest
import xmlschema
from hostile_text import known_by_baseline

from checker.core.report import Report, Summary
from checker.reports.junit_report import render_junit, render_summary_junit
from checker.rules import all_rules

SCHEMA = xmlschema.XMLSchema(Path(__file__).with_name("junit.xsd"))


@pytest.fixture
def suite_of(tmp_path: Path) -> Callable[[Report], junitparser.TestSuite]:
    """Writes the report, holds it against the schema, and reads it back."""

    def read(report: Report) -> junitparser.TestSuite:
        path = tmp_path / "report.xml"
        path.write_text(render_junit(report), "utf-8")
        SCHEMA.validate(path)
        [suite] = junitparser.JUnitXml.fromfile(str(path))
        return suite

    return read


def results(suite: junitparser.TestSuite) -> dict[str, list[str]]:
    return {case.name.split()[0]: [type(r).__name__ for r in case.result] for case in suite}


Suite = Callable[[Report], junitparser.TestSuite]


@pytest.mark.parametrize("name", ["PAGE004", "NEXT004", "NET005", "JSON001", "SEC006"])
def test_every_rule_is_a_case(
    name: str, suite_of: Suite, fault_report: Callable[[str], Report]
) -> None:
    report = fault_report(name)
    suite = suite_of(report)
    found = results(suite)
    assert list(found) == list(all_rules())
    assert all(case.classname == case.name.split()[0][:-3] for case in suite)
    skipped = {rule for item in report.not_judged for rule in item.rules}
    assert {rule for rule, result in found.items() if result == ["Skipped"]} == skipped
    errors = {f.rule for f in report.findings if f.severity == "error"}
    assert {rule for rule, result in found.items() if result == ["Failure"]} == errors
    assert (suite.tests, suite.failures, suite.errors, suite.skipped) == (
        len(all_rules()),
        len(errors),
        0,
        len(skipped),
    )


def test_a_failure_says_what_to_change(
    suite_of: Suite, fault_report: Callable[[str], Report]
) -> None:
    report = fault_report("ROW003")
    [case] = [case for case in suite_of(report) if case.name.startswith("ROW003")]
    [failure] = case.result
    assert failure.message == report.findings[0].message
    assert failure.type == "error"
    for part in ("where: page ", f"fix: {report.findings[0].fix}", "repeat: curl "):
        assert part in failure.text


def test_a_skipped_case_has_its_reason(
    suite_of: Suite, fault_report: Callable[[str], Report]
) -> None:
    cases = {case.name.split()[0]: case for case in suite_of(fault_report("NEXT004"))}
    assert cases["NEXT006"].result[0].message == "the token is ignored (NEXT004)"


def test_a_warning_fails_only_when_strict(
    suite_of: Suite, fault_report: Callable[[str], Report]
) -> None:
    report = fault_report("SEC006")
    assert results(suite_of(report))["SEC006"] == []
    [case] = [case for case in suite_of(report) if case.name.startswith("SEC006")]
    assert "warning: " in case.system_out
    assert results(suite_of(replace(report, strict=True)))["SEC006"] == ["Failure"]


@pytest.mark.parametrize("fixture", ["full_report", "attacked_report"])
def test_hostile_text_stays_text(
    fixture: str, suite_of: Suite, request: pytest.FixtureRequest
) -> None:
    report = request.getfixturevalue(fixture)
    suite = suite_of(report)
    root = ET.fromstring(render_junit(report))
    assert len(list(root.iter("testcase"))) == len(all_rules()) == suite.tests
    used = {element.tag for element in root.iter()}
    assert used <= {
        "testsuites",
        "testsuite",
        "properties",
        "property",
        "testcase",
        "failure",
        "skipped",
        "system-out",
    }


def test_our_own_failure_is_an_error(
    suite_of: Suite, fault_report: Callable[[str], Report]
) -> None:
    suite = suite_of(replace(fault_report("SEC006"), crashes=("ROW001 (KeyError)",)))
    assert results(suite)["ROW001"] == ["Error"]
    assert suite.errors == 1


def test_a_failure_without_a_finding_is_no_green_suite(
    suite_of: Suite, fault_report: Callable[[str], Report]
) -> None:
    suite = suite_of(replace(fault_report("JSON001"), findings=()))
    assert results(suite)["complete"] == ["Error"]
    assert suite.errors == 1


def test_what_the_baseline_knows_does_not_fail(
    suite_of: Suite, fault_report: Callable[[str], Report]
) -> None:
    suite = suite_of(known_by_baseline(fault_report("PAGE004")))
    assert suite.failures == 0
    [case] = [case for case in suite if case.name.startswith("PAGE004")]
    assert "error: " in case.system_out


def test_each_case_is_marked_beside_the_baseline(suite_of: Suite, compared: Report) -> None:
    cases = {case.name.split()[0]: case for case in suite_of(compared)}
    assert "\nbaseline: new\n" in cases["PAGE004"].result[0].text
    assert "\nbaseline: known\n" in cases["ROW013"].system_out
    assert "\nbaseline: known, 2 before\n" in cases["ROW012"].system_out
    assert cases["PAGE002"].system_out == "baseline: fixed (error, 3 places before)"
    assert cases["NEXT006"].system_out.startswith("baseline: not judged this time (error, 3 ")
    assert [case for case in cases.values() if "baseline" in (case.system_out or "")] == [
        cases[rule] for rule in ("PAGE002", "ROW012", "ROW013", "NEXT006")
    ]


def test_a_summary_is_a_suite_for_each_endpoint(tmp_path: Path, summary: Summary) -> None:
    path = tmp_path / "report.xml"
    path.write_text(render_summary_junit(summary), "utf-8")
    SCHEMA.validate(path)
    whole = junitparser.JUnitXml.fromfile(str(path))
    suites = {suite.name: suite for suite in whole}
    assert list(suites) == ["right", "warned", "too-many", "hostile", "crashed"]
    assert (suites["right"].failures, suites["right"].errors) == (0, 0)
    assert (suites["too-many"].failures, suites["crashed"].errors) == (1, 1)
    assert [case.classname for case in suites["crashed"]] == ["crashed.CRAWL"]
    assert {case.classname.partition(".")[0] for case in suites["too-many"]} == {"too-many"}
    for count in ("tests", "failures", "errors"):
        assert getattr(whole, count) == sum(getattr(suite, count) for suite in suites.values())
    cases = [(case.classname, case.name) for suite in whole for case in suite]
    assert len(cases) == len(set(cases))
