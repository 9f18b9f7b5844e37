"""The HTML report: one file that loads and runs nothing, whatever the server sent."""

import base64
import hashlib
import itertools
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from xml.etree import ElementTree as ET

import html5lib
import pytest
from hostile_text import known_by_baseline
from jinja2 import Environment

from checker import check
from checker.core.report import Report, Summary
from checker.reports.html_report import (
    forwarded_text,
    render_html,
    render_summary_html,
    report_body,
    report_style,
)
from checker.rules import all_rules
from checker.text.display import visible

HTML, SVG = "{http://www.w3.org/1999/xhtml}", "{http://www.w3.org/2000/svg}"
KNOWN_ELEMENTS = """
    html head meta title style body header h1 h2 h3 h4 h5 h6 p span bdi main nav ol ul li a section
    article div details summary pre code strong em figure figcaption table thead tbody tr th td dl
    dt dd footer br hr blockquote
"""
KNOWN_ATTRIBUTES = """
    lang charset http-equiv content name id class href rel dir tabindex scope role viewBox
    preserveAspectRatio x y width height data-rule data-count data-standing data-gone data-endpoint
    start aria-label aria-labelledby aria-hidden colspan open
"""
DRAWN = {"svg", "title", "desc", "rect"}


def parsed(page: str) -> ET.Element:
    """As browsers parse it; any parse error is an exception."""
    root = html5lib.HTMLParser(strict=True).parse(page)
    assert isinstance(root, ET.Element)
    return root


def assert_harmless(root: ET.Element) -> None:
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        known = DRAWN if element.tag.startswith(SVG) else set(KNOWN_ELEMENTS.split())
        assert element.tag.rpartition("}")[2] in known, element.tag
        assert set(element.attrib) <= set(KNOWN_ATTRIBUTES.split()), element.attrib
        assert re.match(r"#([\w-]+\.)?([A-Z]+\d{3})?\Z|https://", element.get("href", "#PAGE001"))


def text_of(element: ET.Element) -> str:
    return "".join(element.itertext())


def shown(text: str) -> str:
    """What HTML cannot hold is an escape, too."""
    return re.sub("[\ufdd0-\ufdef\ufffe\uffff\U0001fffe]", escape, visible(text))


def escape(match: re.Match[str]) -> str:
    return f"\\u{{{ord(match[0]):x}}}"


@pytest.fixture(scope="module")
def hostile_page(full_report: Report) -> ET.Element:
    return parsed(render_html(full_report))


def test_hostile_text_stays_text(hostile_page: ET.Element) -> None:
    assert_harmless(hostile_page)


def test_a_real_attack_stays_text(attacked_report: Report) -> None:
    root = parsed(render_html(attacked_report))
    assert_harmless(root)
    assert len(attacked_report.findings) > 8
    assert "<script>alert(1)</script>" in text_of(root)


def test_every_text_is_shown_and_nothing_unseen(
    hostile_page: ET.Element, full_report: Report
) -> None:
    articles = {item.get("id"): item for item in hostile_page.iter(f"{HTML}article")}
    for finding in full_report.findings:
        text = text_of(articles[finding.rule])
        assert shown(finding.message) in text
        for example in finding.examples:
            assert example.transcript is not None
            for part in (example.value, example.token, example.transcript.sent.split("\n")[-1]):
                assert shown(part or "") in text
    unseen = "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]"
    assert not re.search(unseen, text_of(hostile_page))


def test_the_policy_lets_only_our_style_in(fault_report: Callable[[str], Report]) -> None:
    root = parsed(render_html(fault_report("PAGE004")))
    [policy] = [m.get("content", "") for m in root.iter(f"{HTML}meta") if m.get("http-equiv")]
    [style] = list(root.iter(f"{HTML}style"))
    digest = base64.b64encode(hashlib.sha256(text_of(style).encode()).digest()).decode()
    assert policy.startswith("default-src 'none'; ")
    assert f"style-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"url\(|@import", text_of(style))


@pytest.mark.parametrize("name", ["PAGE004", "NEXT004", "NET005", "JSON001", "PERF003"])
def test_a_page_has_landmarks_and_headings_in_order(
    name: str, fault_report: Callable[[str], Report]
) -> None:
    root = parsed(render_html(fault_report(name)))
    assert root.get("lang") == "en"
    for landmark in ("header", "main", "footer"):
        assert len(list(root.iter(HTML + landmark))) == 1
    tags = [e.tag.removeprefix(HTML) for e in root.iter() if isinstance(e.tag, str)]
    levels = [int(tag[1]) for tag in tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in itertools.pairwise(levels))
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    for drawing in root.iter(f"{SVG}svg"):
        assert drawing[0].tag == f"{SVG}title"
        assert drawing[1].tag == f"{SVG}desc"


def test_the_help_is_inside(fault_report: Callable[[str], Report]) -> None:
    [article] = parsed(render_html(fault_report("PAGE004"))).iter(f"{HTML}article")
    text = " ".join(text_of(article).split())
    assert "Why it matters" in text
    assert "PAGE_SIZE = 250 # must stay under 500" in text
    links = [link.get("href") for link in article.iter(f"{HTML}a")]
    assert links == ["https://www.postgresql.org/docs/current/queries-limit.html"]


def test_the_help_of_every_rule_is_harmless_html(fault_report: Callable[[str], Report]) -> None:
    finding = fault_report("PAGE004").findings[0]
    every = tuple(
        replace(finding, rule=rule.id, name=rule.name, examples=()) for rule in all_rules().values()
    )
    root = parsed(render_html(replace(fault_report("PAGE004"), findings=every)))
    assert_harmless(root)
    ids = {element.get("id") for element in root.iter()}
    links = [link.get("href", "") for link in root.iter(f"{HTML}a")]
    assert {link[1:] for link in links if link.startswith("#")} <= ids


def test_pages_are_drawn_and_listed(fault_report: Callable[[str], Report]) -> None:
    report = fault_report("PERF003")
    root = parsed(render_html(report))
    times, rows = root.iter(f"{SVG}svg")
    assert len(list(times.iter(f"{SVG}rect"))) == len(report.timeline)
    assert len(list(rows.iter(f"{SVG}rect"))) == len(report.timeline)
    [table] = root.iter(f"{HTML}tbody")
    assert sum(int(text_of(row[1])) for row in table) == report.crawl.rows


def test_what_was_not_judged_is_told(fault_report: Callable[[str], Report]) -> None:
    report = fault_report("NEXT004")
    text = text_of(parsed(render_html(report)))
    assert all(item.why in text for item in report.not_judged)


def test_what_the_baseline_knows_is_told(fault_report: Callable[[str], Report]) -> None:
    root = parsed(render_html(known_by_baseline(fault_report("PAGE004"))))
    text = " ".join(text_of(root).split())
    assert "Compared with the baseline: known: PAGE004." in text
    assert ", known" in text


def test_each_finding_is_marked_beside_the_baseline(compared: Report) -> None:
    root = parsed(render_html(compared))
    assert_harmless(root)
    articles = {item.get("data-rule"): item for item in root.iter(f"{HTML}article")}
    assert {rule: item.get("data-standing") for rule, item in articles.items()} == {
        "PAGE004": "new",
        "ROW013": "known",
        "ROW012": "known",
    }
    headings = {rule: " ".join(text_of(item[0]).split()) for rule, item in articles.items()}
    assert headings["ROW012"].endswith("ROW012 duplicate-row known, 2 before")
    gone = {i.get("data-gone"): " ".join(text_of(i).split()) for i in root.iter(f"{HTML}li")}
    assert gone["PAGE002"] == "fixed PAGE002 list-missing error, 3 places before"
    assert gone["NEXT006"].startswith("not judged this time NEXT006 overlapping-pages")
    assert "1. ERROR PAGE004 too-many-rows (new)\n" in forwarded_text(compared)


def test_without_a_baseline_nothing_is_marked(fault_report: Callable[[str], Report]) -> None:
    assert not re.search('standing"|data-gone', render_html(fault_report("PAGE004")))


@pytest.mark.parametrize("prefix", ["", "r1-", '"><script>alert(1)</script>'])
@pytest.mark.parametrize("fixture", ["full_report", "attacked_report", "compared"])
def test_the_body_alone_stays_text_in_another_page(
    fixture: str, prefix: str, request: pytest.FixtureRequest
) -> None:
    body = report_body(request.getfixturevalue(fixture), id_prefix=prefix, level=2)
    page = Environment(autoescape=True).from_string(
        "<!doctype html><html><head><title>t</title></head><body>{{ body }}</body></html>"
    )
    root = parsed(page.render(body=body))
    used = {e.tag for e in root.iter() if isinstance(e.tag, str)}
    assert not used & {HTML + name for name in ("style", "script", "h1", "main", "link")}
    assert not {name for e in root.iter() for name in e.attrib if name.startswith("on")}
    [whole] = root.findall(f"{HTML}body/*")
    assert (whole.tag, whole.get("class")) == (f"{HTML}div", "report")
    ids = [element.get("id", "") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    assert all(name.startswith(prefix) for name in ids)
    inside = [e.get("href", "")[1:] for e in root.iter() if e.get("href", "").startswith("#")]
    assert set(inside) <= set(ids)


def test_the_style_reaches_only_the_report() -> None:
    style = re.sub(r"/\*.*?\*/", "", report_style(), flags=re.DOTALL)
    inner = re.sub(r"@media [^{]+\{((?:[^{}]*\{[^{}]*\})*)\s*\}", r"\1", style)
    selectors = [s.strip() for rule in re.findall(r"([^{}]+)\{", inner) for s in rule.split(", ")]
    assert len(selectors) > 50
    assert [
        s for s in selectors if not re.match(r"\.report\b", s) and not s.startswith("th)")
    ] == []
    assert not re.search(r"url\(|@import|expression|</", style)


def test_a_summary_shows_every_endpoint(summary: Summary) -> None:
    root = parsed(render_summary_html(summary))
    assert_harmless(root)
    rows = {r.get("data-endpoint"): text_of(r) for r in root.iter(f"{HTML}tr") if r.attrib}
    assert list(rows) == ["right", "warned", "too-many", "hostile", "crashed"]
    assert "PASS" in rows["right"]
    assert "1 warning" in rows["warned"]
    assert "FAIL" in rows["too-many"]
    assert "<script>alert(1)</script>" in rows["crashed"]
    folds = [d for d in root.iter(f"{HTML}details") if d.get("class") == "endpoint"]
    assert {d.get("id"): "open" in d.attrib for d in folds} == {
        "right.": False,
        "warned.": False,
        "too-many.": True,
        "hostile.": True,
    }
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    links = {link.get("href", "") for link in root.iter(f"{HTML}a")}
    assert {link[1:] for link in links if link.startswith("#")} <= set(ids)
    tags = [e.tag.removeprefix(HTML) for e in root.iter() if isinstance(e.tag, str)]
    levels = [int(tag[1]) for tag in tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in itertools.pairwise(levels))


def test_the_text_to_forward_is_plain(attacked_report: Report) -> None:
    text = forwarded_text(attacked_report)
    assert attacked_report.run in text
    assert all(finding.fix in text for finding in attacked_report.findings)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text)


def test_a_check_that_read_nothing_has_no_pictures() -> None:
    report = check("http://127.0.0.1:1/recipients", retries=0)
    assert report.timeline == ()
    assert "<svg" not in render_html(report)


def test_who_only_checks_loads_no_html() -> None:
    code = (
        "import sys, checker; assert 'jinja2' not in sys.modules; "
        "assert checker.report_style().startswith('.report'); assert 'jinja2' in sys.modules; "
        "assert not hasattr(checker, 'report_nothing')"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
