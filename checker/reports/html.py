"""One HTML file that can be mailed: it loads nothing, runs nothing, and holds all that is known.

Every text goes through the template's escaping; the help alone is HTML by itself, made from our own
Markdown. The policy in the head lets the one style sheet in, by its hash, and nothing else.
"""

import base64
import hashlib
import re
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape

from checker.explain import help_body
from checker.model import Example, Finding, Report, TimelinePoint, Transcript
from checker.reports.wording import (
    Outcome,
    baseline_sentence,
    closing_sentence,
    counts_sentence,
    crawl_sentence,
    known,
    outcomes,
    place_of,
    ranges,
)
from checker.rules import all_rules
from checker.text import plural, visible

__all__ = ["forwarded_text", "render_html"]

_NONCHARACTERS = "".join(chr(plane << 16 | low) for plane in range(17) for low in (0xFFFE, 0xFFFF))
_NOT_IN_HTML = re.compile(f"[\ufdd0-\ufdef{_NONCHARACTERS}]")
_HELP_LINK = re.compile(r"([A-Z]+\d{3})\.md\Z")
_CHART_WIDTH, _CHART_HEIGHT = 1000.0, 100.0


def render_html(report: Report) -> str:
    """The whole file."""
    style = _asset("report.css")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return _environment().from_string(_asset("report.html.jinja")).render(
        report=report,
        style=Markup(style),  # noqa: S704  our own file
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'",
        counts=counts_sentence(report),
        crawl=crawl_sentence(report),
        baseline=baseline_sentence(report),
        closing=closing_sentence(report),
        findings=[_finding(report, finding) for finding in report.findings],
        charts=_charts(report.timeline),
        not_judged=[(ranges(item.rules), item.why) for item in report.not_judged],
        passed=[item.rule for item in outcomes(report) if item.outcome is Outcome.PASSED],
        forwarded=forwarded_text(report),
    )  # fmt: skip


def forwarded_text(report: Report) -> str:
    """A few plain lines for whoever develops the endpoint."""
    word = "passed" if report.verdict == "pass" else "failed"
    lines = [
        f"{report.endpoint} {word} a check of the broadcast API: {counts_sentence(report)}.",
        crawl_sentence(report),
        f"Started {report.started}; the User-Agent of the requests ends in run/{report.run}.",
    ]
    for number, finding in enumerate(report.findings, 1):
        lines += ["", f"{number}. {finding.severity.value.upper()} {finding.rule} {finding.name}"]
        lines.append(f"   {finding.message}")
        lines.append(f"   Fix: {finding.fix}")
        curl = next((example.curl for example in finding.examples if example.curl), None)
        if curl:
            lines.append(f"   Repeat: {curl}")
    return "\n".join(map(visible, lines))


@cache
def _asset(name: str) -> str:
    return resources.files(__name__.rpartition(".")[0]).joinpath(name).read_text("utf-8")


@cache
def _environment() -> Environment:
    environment = Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    environment.filters["shown"] = _shown
    environment.filters["lines"] = _lines
    environment.filters["with_code"] = _with_code
    environment.filters["count"] = plural
    return environment


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


def _finding(report: Report, finding: Finding) -> dict[str, Any]:
    rule = all_rules()[finding.rule]
    reported = frozenset(item.rule for item in report.findings)
    return {
        "finding": finding,
        "known": known(report, finding),
        "clause": rule.clause,
        "examples": list(_examples(finding)),
        "help": Markup(_help_html(help_body(rule), reported)),  # noqa: S704  our own text
        "curl": next((example.curl for example in finding.examples if example.curl), None),
    }


def _examples(finding: Finding) -> Iterator[tuple[Example, str, Transcript | None]]:
    """Each example with its place, and its transcript unless the exchange was shown already."""
    known: set[tuple[str, str]] = set()
    for example in finding.examples:
        transcript = example.transcript
        heads = (transcript.sent, transcript.received) if transcript else None
        new = heads is not None and heads not in known
        if heads is not None:
            known.add(heads)
        yield example, place_of(example), transcript if new else None


def _help_html(markdown: str, reported: frozenset[str]) -> str:
    """Our Markdown below a finding's heading; HTML in it stays text."""
    parser = MarkdownIt("commonmark", {"html": False})
    tokens = parser.parse(markdown)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1:]) + 2)}"
        if token.children:
            token.children = list(_linked(token.children, reported))
    return str(parser.renderer.render(tokens, parser.options, {}))


def _linked(tokens: Sequence[Token], reported: frozenset[str]) -> Iterator[Token]:
    """Links to other rules lead to their place in this file, if they are in it."""
    dropped = False
    for token in tokens:
        if token.type == "link_open":
            href = str(token.attrs.get("href", ""))
            rule = _HELP_LINK.match(href)
            dropped = bool(rule and rule[1] not in reported)
            token.attrs = {"href": f"#{rule[1]}"} if rule else {"href": href, "rel": "noreferrer"}
        if not (dropped and token.type in ("link_open", "link_close")):
            yield token


def _charts(points: tuple[TimelinePoint, ...]) -> list[dict[str, Any]]:
    """What the template draws: bars within 1000 by 100, the scale in words beside them."""
    if not points:
        return []
    slowest = max(point.max_seconds for point in points)
    most = max(point.rows / point.pages for point in points)
    return [
        {
            "id": "times",
            "title": "Time of each page",
            "description": f"The slowest took {slowest:.3f} s.",
            "top": f"{slowest:.3f} s",
            "bars": _bars([point.max_seconds for point in points], points, slowest),
        },
        {
            "id": "rows",
            "title": "Rows of each page",
            "description": f"The fullest held {most:,.0f}.",
            "top": f"{most:,.0f}",
            "bars": _bars([point.rows / point.pages for point in points], points, most),
        },
    ]


def _bars(
    values: list[float], points: tuple[TimelinePoint, ...], highest: float
) -> list[dict[str, str]]:
    step = _CHART_WIDTH / len(values)
    gap = min(2.0, step / 5)
    bars = []
    for index, (value, point) in enumerate(zip(values, points, strict=True)):
        height = _CHART_HEIGHT * value / highest if highest > 0 else 0.0
        bars.append({
            "x": f"{index * step:.2f}",
            "y": f"{_CHART_HEIGHT - height:.2f}",
            "width": f"{step - gap:.2f}",
            "height": f"{height:.2f}",
            "label": _label(point),
        })  # fmt: skip
    return bars


def _label(point: TimelinePoint) -> str:
    last = point.first_page + point.pages - 1
    pages = f"Page {last}" if point.pages == 1 else f"Pages {point.first_page} to {last}"
    return f"{pages}: {plural(point.rows, 'row')}, {point.max_seconds:.3f} s"
