"""One HTML file that can be mailed: it loads nothing, runs nothing, and holds all that is known.

Every text goes through the templates' escaping; the help alone is HTML by itself, made from our own
Markdown. The policy in the head lets the one style sheet in, by its hash, and nothing else.

A page of another program takes `report_body` and `report_style` instead of the file.
"""

import base64
import hashlib
import re
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, Template
from markupsafe import Markup, escape

from checker.core.report import Example, Finding, Report, Summary, Transcript
from checker.reports.charts import charts_of
from checker.reports.format import ReportFormat
from checker.reports.rule_help import help_html
from checker.reports.summary import counts_of, found_of
from checker.reports.wording import (
    FindingGroup,
    Outcome,
    baseline_sentence,
    closing_sentence,
    counts_sentence,
    crawl_sentence,
    gone,
    groups,
    known,
    origin_sentence,
    outcomes,
    place_of,
    places_told,
    ranges,
    repeat_of,
    stack_sentence,
    standing,
)
from checker.rules import all_rules
from checker.rules.help import help_body
from checker.stacks.examples import example_for
from checker.text.display import plural, visible

__all__ = [
    "FORMAT",
    "forwarded_text",
    "render_html",
    "render_summary_html",
    "report_body",
    "report_style",
]

_NONCHARACTERS = "".join(chr(plane << 16 | low) for plane in range(17) for low in (0xFFFE, 0xFFFF))
_NOT_IN_HTML = re.compile(f"[\ufdd0-\ufdef{_NONCHARACTERS}]")


def render_html(report: Report) -> str:
    """The whole file."""
    return _file(report.verdict.value, report.endpoint, report_body(report))


def render_summary_html(summary: Summary) -> str:
    """The whole file of several checks: a table of all, then the report of each."""
    body = _template("summary.html.jinja").render(
        verdict=summary.verdict.value,
        counts=counts_of(summary),
        endpoints=[
            {
                "name": name,
                "report": report,
                "found": found_of(report),
                "body": report_body(report, id_prefix=f"{name}.", level=2),
            }
            for name, report in summary.reports.items()
        ],
        not_checked=summary.not_checked,
    )
    return _file(summary.verdict.value, counts_of(summary), Markup(body))  # noqa: S704  escaped


def report_body(report: Report, *, id_prefix: str = "", level: int = 1) -> Markup:
    """What the file shows, as one `div` of the class `report` for a page of another program.

    There is no script, style or event handler in it, and every text that came from a server is
    escaped. Its ids begin with `id_prefix`, so that a page may hold several; its headings begin
    at `level`, 1 or 2. It wants `report_style` once in the page.
    """
    body = _template("report.html.jinja").render(
        report=report,
        p=id_prefix,
        level=level,
        counts=counts_sentence(report),
        crawl=crawl_sentence(report),
        origin=origin_sentence(report),
        baseline=baseline_sentence(report),
        closing=closing_sentence(report),
        stack=stack_sentence(report),
        example=example_for(report.stack.known()),
        findings=[_finding(report, finding, id_prefix, level) for finding in report.findings],
        gone=list(gone(report)),
        charts=charts_of(report.timeline),
        not_judged=[(ranges(item.rules), item.why) for item in report.not_judged],
        passed=[item.rule for item in outcomes(report) if item.outcome is Outcome.PASSED],
        forwarded=forwarded_text(report),
    )
    return Markup(body)  # noqa: S704  escaped by the template


def report_style() -> str:
    """The style sheet of `report_body`: each of its rules stays within the class `report`."""
    return _asset("report.css")


def forwarded_text(report: Report) -> str:
    """Plain lines for whoever develops the endpoint, who may not have this tool."""
    word = "passed" if report.verdict == "pass" else "failed"
    lines = [
        f"{report.endpoint} {word} a check of the broadcast API: {counts_sentence(report)}.",
        crawl_sentence(report),
        origin_sentence(report),
        f"The User-Agent of each request ends in run/{report.run}.",
    ]
    if sentence := stack_sentence(report):
        lines.append(sentence)
    for number, group in enumerate(groups(report, everything=False), 1):
        lines += ["", *_forwarded(report, group, number)]
    return "\n".join(map(visible, lines))


def _forwarded(report: Report, group: FindingGroup, number: int) -> Iterator[str]:
    finding = group.finding
    yield f"{number}. {finding.severity.value.upper()} {_title(report, finding)}"
    yield f"   {finding.message}"
    if finding.cause:
        yield f"   Cause: {finding.cause}"
    yield from (f"   Seen: {line}" for line in finding.evidence)
    yield f"   Fix: {finding.fix}"
    if repeat := repeat_of(finding):
        yield f"   Repeat: {repeat}"
    for other in group.consequences:
        yield f"   {other.severity.value.upper()} {_title(report, other)} follows from it:"
        yield f"   {other.message}"


def _title(report: Report, finding: Finding) -> str:
    compared = standing(report, finding)
    return f"{finding.rule} {finding.name}{f' ({compared})' if compared else ''}"


def _file(verdict: str, title: str, content: Markup) -> str:
    style = f"{_asset('page.css')}{report_style()}"
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return _template("page.html.jinja").render(
        verdict=verdict,
        title=title,
        content=content,
        style=Markup(style),  # noqa: S704  our own file
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'",
    )


@cache
def _asset(name: str) -> str:
    return resources.files(__name__.rpartition(".")[0]).joinpath(name).read_text("utf-8")


@cache
def _template(name: str) -> Template:
    environment = Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    environment.filters["shown"] = _shown
    environment.filters["lines"] = _lines
    environment.filters["with_code"] = _with_code
    environment.filters["count"] = plural
    return environment.from_string(_asset(name))


def _shown(text: str) -> str:
    """Remote text on one line, for the template to escape."""
    return _NOT_IN_HTML.sub(lambda match: f"\\u{{{ord(match[0]):x}}}", visible(text))


def _lines(text: str) -> str:
    """The same for a text whose lines we made ourselves."""
    return "\n".join(map(_shown, text.split("\n")))


def _with_code(text: str) -> Markup:
    """Our own sentence, what stands between backticks as code."""
    parts = [escape(_shown(part)) for part in text.split("`")]
    code = Markup("<code>{}</code>")
    marked = (code.format(part) if index % 2 else part for index, part in enumerate(parts))
    return Markup("").join(marked)


def _finding(report: Report, finding: Finding, id_prefix: str, level: int) -> dict[str, Any]:
    rule = all_rules()[finding.rule]
    reported = frozenset(item.rule for item in report.findings)
    return {
        "finding": finding,
        "mark": "known" if known(report, finding) else "new",
        "standing": standing(report, finding),
        "examples": list(_examples(finding)),
        "told": not places_told(finding, len(finding.examples)),
        "help": help_html(help_body(rule), reported, id_prefix=id_prefix, level=level + 3),
        "curl": repeat_of(finding),
    }


def _examples(finding: Finding) -> Iterator[tuple[Example, str, Transcript | None]]:
    """Each example with its place, and its transcript unless the exchange was shown already."""
    told: set[tuple[str, str]] = set()
    for example in finding.examples:
        transcript = example.transcript
        heads = (transcript.sent, transcript.received) if transcript else None
        new = heads is not None and heads not in told
        if heads is not None:
            told.add(heads)
        yield example, place_of(example), transcript if new else None


FORMAT = ReportFormat.without_style(
    render_html,
    render_summary_html,
    label="HTML",
    extension="html",
    media_type="text/html",
)
