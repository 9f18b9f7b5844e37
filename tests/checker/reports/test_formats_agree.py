"""All formats of one check give the same findings with the same counts."""

import json
import re
from collections.abc import Callable
from xml.etree import ElementTree as ET

import html5lib
import pytest

from checker.model import Report
from checker.reports import FORMATS, Style, render

FAULTS = [
    "NET005", "NET009", "HTTP003", "HTTP006", "HTTP012", "JSON001", "JSON005", "PAGE004", "PAGE005",
    "PAGE007", "ROW002", "ROW006", "ROW011", "ROW013", "ROW014", "NEXT002", "NEXT003", "NEXT004",
    "NEXT006", "PERF003", "SEC004", "SEC006",
]  # fmt: skip
XHTML = "{http://www.w3.org/1999/xhtml}"
Counts = list[tuple[str, int]]


def in_text(text: str) -> Counts:
    shown = re.findall(r"^(?:ERROR|WARNING|INFO)  (\w+)", text, re.MULTILINE)
    return [(rule, 0) for rule in shown]


def in_json(text: str) -> Counts:
    return [(item["rule"], item["count"]) for item in json.loads(text)["findings"]]


def in_html(text: str) -> Counts:
    root = html5lib.parse(text)
    articles = root.iter(f"{XHTML}article")
    return [(item.get("data-rule", ""), int(item.get("data-count", ""))) for item in articles]


def in_markdown(text: str) -> Counts:
    rows = re.findall(r"^\| (?:error|warning|info) \| (\w+) \S+ \| ([\d,]+) \|", text, re.MULTILINE)
    return [(rule, int(count.replace(",", ""))) for rule, count in rows]


def in_junit(text: str) -> Counts:
    cases = [case for case in ET.fromstring(text).iter("testcase") if len(case)]
    return [(case.get("name", "").split()[0], 0) for case in cases if case[0].tag != "skipped"]


def in_github(text: str) -> Counts:
    return [(rule, 0) for rule in re.findall(r"^::\w+ title=(\w+)", text, re.MULTILINE)]


def in_sarif(text: str) -> Counts:
    [run] = json.loads(text)["runs"]
    return [(item["ruleId"], item["occurrenceCount"]) for item in run["results"]]


READERS = {
    "text": in_text, "json": in_json, "html": in_html, "markdown": in_markdown, "junit": in_junit,
    "github": in_github, "sarif": in_sarif,
}  # fmt: skip


def assert_agreed(report: Report) -> None:
    style = Style(color=False, width=80)
    expected = [(finding.rule, finding.count) for finding in report.findings]
    for form in FORMATS:
        found = READERS[form](render(report, form, style))
        if form == "junit":  # there the rules keep the contract's order
            assert sorted(found) == sorted((rule, 0) for rule, _ in expected)
        else:
            told = [(rule, count if found and found[0][1] else 0) for rule, count in expected]
            assert found == told, form


def test_every_format_is_read_here() -> None:
    assert set(READERS) == set(FORMATS)


@pytest.mark.parametrize("name", FAULTS)
def test_formats_agree(name: str, fault_report: Callable[[str], Report]) -> None:
    report = fault_report(name)
    assert report.findings
    assert_agreed(report)


def test_formats_agree_about_an_attack(attacked_report: Report) -> None:
    assert_agreed(attacked_report)


@pytest.mark.parametrize("form", FORMATS)
def test_no_format_lets_a_secret_out(form: str, attacked_report: Report) -> None:
    text = render(attacked_report, form, Style(color=False, width=80))
    altered = "Ct1-ghpr-vhfuhw-04"  # the probe's, from which the right one can be told
    assert "Zq8-demo-secret-71" not in text
    assert altered not in text
