"""GitHub annotations: exactly one command for each finding, read as GitHub's runner reads it."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hostile_text import known_by_baseline as known

from checker.core.report import Report, Summary, Verdict
from checker.reports.github_report import render_github, render_summary_github

COMMAND = re.compile(r"::(error|warning|notice) title=([^:,\r\n]*)::(.*)\Z")


def commands(text: str) -> list[tuple[str, str, str]]:
    """Level, title and message, unescaped; a line that is no command is a failure."""
    found = []
    for line in re.split(r"\r\n|\r|\n|\x85|\u2028", text.removesuffix("\n")) if text else []:
        match = COMMAND.match(line)
        assert match, line
        found.append((match[1], unescaped(match[2]), unescaped(match[3])))
    return found


def unescaped(text: str) -> str:
    for code, char in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, char)
    return text


@pytest.mark.parametrize("fixture", ["full_report", "attacked_report"])
def test_every_finding_is_one_line(fixture: str, request: pytest.FixtureRequest) -> None:
    report = request.getfixturevalue(fixture)
    found = commands(render_github(report))
    assert [title.split()[0] for _, title, _ in found] == [f.rule for f in report.findings]
    assert all(
        finding.fix in text for finding, (_, _, text) in zip(report.findings, found, strict=True)
    )


@pytest.mark.parametrize(
    ("name", "strict", "level"),
    [
        ("PAGE004", False, "error"),
        ("SEC006", False, "warning"),
        ("SEC006", True, "error"),
        ("PERF003", True, "notice"),
    ],
)
def test_levels_follow_the_verdict(
    name: str, strict: bool, level: str, fault_report: Callable[[str], Report]
) -> None:
    report = replace(fault_report(name), strict=strict)
    assert [found for found, _, _ in commands(render_github(report))] == [level]


def test_what_the_baseline_knows_is_a_notice(fault_report: Callable[[str], Report]) -> None:
    report = known(fault_report("PAGE004"))
    assert [found for found, _, _ in commands(render_github(report))] == ["notice"]


def test_a_failure_without_a_finding_is_told(fault_report: Callable[[str], Report]) -> None:
    report = replace(fault_report("JSON001"), findings=())
    assert report.verdict is Verdict.FAIL
    [(level, title, text)] = commands(render_github(report))
    assert (level, title) == ("error", "The check failed")
    assert "An incomplete crawl counts as a failure." in text


def test_each_finding_is_marked_beside_the_baseline(compared: Report) -> None:
    assert [(level, title) for level, title, _ in commands(render_github(compared))] == [
        ("error", "PAGE004 too-many-rows (new)"),
        ("notice", "ROW013 looks-unpersonalized (known)"),
        ("notice", "ROW012 duplicate-row (known, 2 before)"),
    ]


def test_a_summary_names_the_endpoint_of_each(summary: Summary) -> None:
    found = commands(render_summary_github(summary))
    names = [title.partition(": ")[0] for _, title, _ in found]
    hostile = len(summary.reports["hostile"].findings)
    assert names == ["warned", "too-many", *["hostile"] * hostile, "crashed"]
    level, title, text = found[-1]
    assert (level, title) == ("error", "crashed: not checked")
    assert text.startswith("Not checked: <script>")
