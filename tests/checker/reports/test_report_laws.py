"""Whatever stands in a report: its JSON is valid and safe, and its text fools no terminal."""

import json
import re

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.core.report import (
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
from checker.reports.format import Style
from checker.reports.json_report import as_document, render_json
from checker.reports.text_report import render_text, verdict_line
from checker.rules import all_rules
from checker.text.display import UNSEEN
from schemas import read

KEPT = set("\u200c\u200d\ufe0f")
SCHEMA = jsonschema.Draft202012Validator(read("report"))

hostile = st.one_of(
    st.text(st.characters(exclude_categories=[]), max_size=30),
    st.lists(
        st.sampled_from(
            [
                "\x1b[2J",
                "\x1b]0;x\x07",
                "\x9b31m",
                "\r",
                "\n",
                "\t",
                "\u202e",
                "\u2066",
                "\u200b",
                "\ufeff",
                "\ud83d",
                "\U000e0041",
                "\u2028",
                "word ",
                "x" * 50,
                "日本" * 30,
                "👩\u200d🚀",
                '"',
                "\\",
                "</b>",
            ]
        ),
        max_size=6,
    ).map("".join),
)
shown = hostile.filter(bool)
counts = st.integers(0, 10**12)
seconds = st.floats(0, 1e6)
rule_ids = st.sampled_from(list(all_rules()))
examples = st.builds(
    Example,
    page=st.none() | st.integers(1, 10**6),
    token=st.none() | hostile,
    pointer=st.none() | hostile,
    value=st.none() | hostile,
    curl=st.none() | hostile,
)


def finding_of(rule_id: str, count: int, message: str, fix: str, places: list[Example]) -> Finding:
    rule = all_rules()[rule_id]
    return Finding(
        rule=rule_id,
        name=rule.name,
        severity=rule.severity,
        count=count,
        message=message,
        fix=fix,
        help=f"docs/rules/{rule_id}.md",
        examples=tuple(places),
    )


findings = st.builds(
    finding_of, rule_ids, st.integers(1, 10**9), shown, shown, st.lists(examples, max_size=5)
)
reports = st.builds(
    Report,
    tool=st.just(Tool(name="broadcast-check", version="0.1.0")),
    run=st.from_regex(r"[0-9a-f]{12}", fullmatch=True),
    endpoint=shown,
    started=st.just("2026-01-01T00:00:00Z"),
    seconds=seconds,
    verdict=st.sampled_from(Verdict),
    complete=st.booleans(),
    crawl=st.builds(
        CrawlSummary,
        pages=counts,
        rows=counts,
        requests=counts,
        bytes=counts,
        ended_by=st.sampled_from(["empty-next", "empty-response", "interrupted", "token-loop"]),
        page_seconds=st.builds(PageSeconds, p50=seconds, p95=seconds, p99=seconds, max=seconds),
    ),
    findings=st.lists(findings, max_size=4).map(tuple),
    not_judged=st.lists(
        st.builds(
            NotJudged,
            rules=st.lists(rule_ids, min_size=1, unique=True).map(tuple),
            why=shown,
        ),
        max_size=3,
    ).map(tuple),
    crashes=st.sampled_from([(), ("ROW001 (KeyError)",)]),
    interrupted=st.booleans(),
)


@given(reports)
def test_the_json_report_is_valid_and_says_the_same(report: Report) -> None:
    text = render_json(report)
    document = json.loads(text)
    SCHEMA.validate(document)
    assert document == as_document(report)
    assert document["endpoint"] == report.endpoint
    assert [finding["message"] for finding in document["findings"]] == [
        finding.message for finding in report.findings
    ]


@given(reports)
def test_the_json_report_holds_nothing_unseen(report: Report) -> None:
    text = render_json(report)
    assert set(UNSEEN.findall(text)) <= {"\n"}
    assert text.endswith("}\n")
    text.encode("utf-8")


@given(reports, st.integers(0, 300))
def test_the_terminal_report_holds_nothing_unseen(report: Report, width: int) -> None:
    text = render_text(report, Style(color=False, width=width))
    assert set(UNSEEN.findall(text)) - KEPT <= {"\n"}
    assert "\x1b" not in text
    text.encode("utf-8")


@given(reports)
def test_colors_are_all_that_color_adds(report: Report) -> None:
    colored = render_text(report, Style(color=True, width=80))
    assert re.sub(r"\x1b\[\d+(?:;\d+)*m", "", colored) == render_text(
        report, Style(color=False, width=80)
    )


@given(reports, st.integers(0, 300))
def test_the_terminal_report_keeps_to_its_width(report: Report, width: int) -> None:
    style = Style(color=False, width=width)
    first, *lines = render_text(report, style).splitlines()
    assert 40 <= style.width <= 100
    assert first == verdict_line(report, style)
    whole = ("  Repeat:", "ERROR  ", "WARNING  ", "INFO  ")  # a command must stay one line
    assert [line for line in lines if len(line) > style.width and not line.startswith(whole)] == []


@given(reports)
def test_the_terminal_report_names_every_finding(report: Report) -> None:
    text = render_text(report, Style(color=False, width=100, verbose=True))
    assert text.startswith(report.verdict.value.upper())
    for finding in report.findings:
        assert f"{finding.severity.value.upper()}  {finding.rule}  {finding.name}" in text
    assert text.count("broadcast-check explain ") == bool(report.findings)
    assert ("Not judged" in text.splitlines()) is bool(report.not_judged)


@pytest.mark.parametrize(
    ("severities", "words"),
    [
        ([], "nothing to report"),
        ([Severity.ERROR], "1 error"),
        ([Severity.INFO, Severity.ERROR, Severity.ERROR], "2 errors, 1 info"),
        ([Severity.WARNING] * 3, "3 warnings"),
    ],
)
def test_the_verdict_line_counts(severities: list[Severity], words: str) -> None:
    ids = {"error": "PAGE004", "warning": "PAGE006", "info": "PAGE008"}
    zero = PageSeconds(p50=0, p95=0, p99=0, max=0)
    report = Report(
        tool=Tool(name="t", version="1"),
        run="r",
        endpoint="http://h/",
        started="2026-01-01T00:00:00Z",
        seconds=0,
        verdict=Verdict.PASS,
        complete=True,
        crawl=CrawlSummary(
            pages=1, rows=1, requests=1, bytes=1, ended_by="empty-next", page_seconds=zero
        ),
        findings=tuple(finding_of(ids[severity], 1, "m.", "f.", []) for severity in severities),
        not_judged=(),
    )
    assert verdict_line(report, Style(color=False, width=80)) == f"PASS  http://h/: {words}"
