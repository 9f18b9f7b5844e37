"""The Markdown report: remote text is code or plain words, never markup, mention or link."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hostile_text import report_full_of
from markdown_it import MarkdownIt
from markdown_it.token import Token

from checker.core.report import Finding, Report, Severity, Summary
from checker.reports.markdown_report import render_markdown, render_summary_markdown
from checker.reports.wording import counts_sentence
from checker.rules import all_rules

ALLOWED = {
    "heading_open",
    "heading_close",
    "inline",
    "paragraph_open",
    "paragraph_close",
    "table_open",
    "table_close",
    "thead_open",
    "thead_close",
    "tbody_open",
    "tbody_close",
    "tr_open",
    "tr_close",
    "th_open",
    "th_close",
    "td_open",
    "td_close",
    "bullet_list_open",
    "bullet_list_close",
    "list_item_open",
    "list_item_close",
    "fence",
    "text",
    "code_inline",
    "strong_open",
    "strong_close",
}
NOTICED = re.compile(r"@\w|#\d|https?:/|www\.|GH-\d|:\w+:|\w+/\w+#", re.IGNORECASE)


def parsed(text: str) -> list[Token]:
    """As GitHub and GitLab read it: CommonMark with tables, strikethrough and HTML."""
    return MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(text)


def every(tokens: list[Token]) -> list[Token]:
    return [inner for token in tokens for inner in (token, *(token.children or ()))]


def assert_harmless(report: Report) -> None:
    tokens = parsed(render_markdown(report))
    assert {token.type for token in every(tokens)} <= ALLOWED
    headings = [token.tag for token in tokens if token.type == "heading_open"]
    assert headings == ["h1", *["h2"] * (len(report.findings) + bool(report.not_judged))]
    assert sum(token.type == "tr_open" for token in tokens) == len(report.findings) + 1
    assert sum(token.type == "td_open" for token in tokens) == 4 * len(report.findings)
    for token in every(tokens):
        if token.type == "text":
            assert not NOTICED.search(token.content), token.content
            assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", token.content)
        if token.type == "strong_open":
            assert token.markup == "**"
    strong = [token for token in every(tokens) if token.type == "strong_open"]
    assert len(strong) <= 4 * len(report.findings)


def test_hostile_text_is_not_read_as_markup(full_report: Report) -> None:
    assert_harmless(full_report)


def test_a_real_attack_is_not_read_as_markup(attacked_report: Report) -> None:
    assert_harmless(attacked_report)


def test_the_fix_of_every_rule_is_harmless(full_report: Report) -> None:
    findings = tuple(
        replace(full_report.findings[0], rule=rule.id, name=rule.name, fix=rule.fix)
        for rule in all_rules().values()
    )
    assert_harmless(replace(full_report, findings=findings))


@pytest.mark.parametrize("name", ["PAGE004", "NEXT004", "JSON001"])
def test_findings_are_told_with_their_fix(name: str, fault_report: Callable[[str], Report]) -> None:
    report = fault_report(name)
    text = render_markdown(report)
    assert text.startswith("# FAIL: 1 error\n")
    assert f"## Error: {name} " in text
    assert report.findings[0].examples[0].curl in text
    assert "## Not judged" in text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 row (page 2, /list/3/uid) of 1,200.", "1 row (page `2`, `/list/3/uid`) of 1,200."),
        ("It's 'quoted', isn't it?", "It's 'quoted', isn't it?"),
        ("see www.example.com and @me", "see `www.example.com` and `@me`"),
        ("a ` tick", "a `` ` `` tick"),
    ],
)
def test_only_words_that_could_be_more_become_code(text: str, expected: str) -> None:
    finding = Finding(
        rule="PAGE004",
        name="too-many-rows",
        severity=Severity.ERROR,
        count=1,
        message=text,
        fix="Fix it.",
        help="docs/rules/PAGE004.md",
        examples=(),
    )
    report = replace(report_full_of(["x"]), findings=(finding,))
    assert f"\n\n{expected}\n\n" in render_markdown(report)


def test_each_finding_is_marked_beside_the_baseline(compared: Report) -> None:
    text = render_markdown(compared)
    assert {token.type for token in every(parsed(text))} <= ALLOWED
    assert "| severity | rule | places | baseline | what is wrong |" in text
    assert "| error | PAGE004 too-many-rows | 1 | new | " in text
    assert "| warning | ROW012 duplicate-row | 40 | known, 2 before | " in text
    assert "## Error: PAGE004 too-many-rows (new)\n" in text
    assert "## Warning: ROW013 looks-unpersonalized (known)\n" in text
    assert (
        "## In the baseline, but not in this report\n\n- PAGE002 list-missing: fixed (error, 3 "
        in text
    )
    assert "- NEXT006 overlapping-pages: not judged this time (error, 3 places before)\n" in text


def test_a_summary_is_a_table_and_what_failed(summary: Summary) -> None:
    text = render_summary_markdown(summary)
    tokens = parsed(text)
    assert {token.type for token in every(tokens)} <= ALLOWED
    assert text.startswith("# FAIL: 5 endpoints: 2 passed, 2 failed, 1 not checked\n")
    assert "| `right` | PASS | nothing to report | 10 | 1,000 |\n" in text
    assert "| `warned` | PASS | 1 warning | " in text
    rows = [line for line in text.splitlines() if line.startswith(("| `", "| endpoint"))]
    assert [row.count("|") - row.count("\\|") for row in rows] == [6] * 6
    titles = [inner.content for inner in tokens if inner.type == "inline" and inner.level == 1]
    assert [t for t in titles if t.startswith("`")] == [
        "`too-many` FAIL: 1 error",
        f"`hostile` FAIL: {counts_sentence(summary.reports['hostile'])}",
    ]
    for token in every(tokens):
        if token.type == "text":
            assert not NOTICED.search(token.content), token.content
