"""All formats of one check give the same findings with the same counts."""

import json
import re
from xml.etree import ElementTree as ET

import html5lib
import pytest

from checker.cli.options import config_of, parse_options
from checker.core.report import Report, Summary
from checker.engine.run import run
from checker.reports import FORMATS, Style, render, render_summary
from checker.reports.wording import counts_sentence
from mockserver import MockServer, catalogue

XHTML = "{http://www.w3.org/1999/xhtml}"
Counts = list[tuple[str, int]]


def whole(digits: str | None) -> int:
    return int((digits or "0").replace(",", ""))


def in_text(text: str) -> Counts:
    """Up to three places are shown and not counted: those have the count 0 here."""
    parts = re.split(r"^(?:  )?(?:ERROR|WARNING|INFO)  ", text, flags=re.MULTILINE)[1:]
    in_all = [re.search(r"^ +… ([\d,]+) in all$", part, re.MULTILINE) for part in parts]
    return [
        (part.split()[0], whole(found and found[1]))
        for part, found in zip(parts, in_all, strict=True)
    ]


def in_json(text: str) -> Counts:
    return [(item["rule"], item["count"]) for item in json.loads(text)["findings"]]


def in_html(text: str) -> Counts:
    articles = html5lib.parse(text).iter(f"{XHTML}article")
    return [(item.get("data-rule", ""), int(item.get("data-count", ""))) for item in articles]


def in_html_list(text: str) -> Counts:
    """As people read it, in the list at the top."""
    lists = [navigation[0] for navigation in html5lib.parse(text).iter(f"{XHTML}nav")]
    assert len(lists) == text.count("<nav") <= 1
    found = [" ".join("".join(item.itertext()).split()) for each in lists for item in each]
    return [(line.split()[0], whole(re.findall(r"([\d,]+) places?", line)[0])) for line in found]


def in_markdown(text: str) -> Counts:
    rows = re.findall(r"^\| (?:error|warning|info) \| (\w+) \S+ \| ([\d,]+) \|", text, re.MULTILINE)
    return [(rule, whole(count)) for rule, count in rows]


def in_junit(text: str) -> Counts:
    found = []
    for case in ET.fromstring(text).iter("testcase"):
        told = re.search(r"^places: ([\d,]+)$", "".join(case.itertext()), re.MULTILINE)
        if told:
            found.append((case.get("name", "").split()[0], whole(told[1])))
    return found


def in_github(text: str) -> Counts:
    lines = re.findall(
        r"^::\w+ title=([A-Z]+\d{3}) .*?::.* ([\d,]+) places?[.,]", text, re.MULTILINE
    )
    return [(rule, whole(count)) for rule, count in lines]


def in_sarif(text: str) -> Counts:
    [run] = json.loads(text)["runs"]
    return [(item["ruleId"], item["occurrenceCount"]) for item in run["results"]]


@pytest.fixture
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("checker.crawling.retries._FIRST_PAUSE_SECONDS", 0.01)


READERS = {
    "text": in_text,
    "json": in_json,
    "html": in_html,
    "markdown": in_markdown,
    "junit": in_junit,
    "github": in_github,
    "sarif": in_sarif,
}


def assert_agreed(report: Report) -> None:
    style = Style(color=False, width=80, verbose=True)
    expected = [(finding.rule, finding.count) for finding in report.findings]
    texts = {form: render(report, form, style) for form in FORMATS}
    found = {form: READERS[form](texts[form]) for form in FORMATS}
    assert found.pop("text") == [(rule, count if count > 3 else 0) for rule, count in expected]
    assert sorted(found.pop("junit")) == sorted(expected)  # there the rules keep their order
    assert found == dict.fromkeys(found, expected)
    assert in_html_list(texts["html"]) == expected
    counts = counts_sentence(report)
    assert all(counts in texts[form] for form in ("text", "html", "markdown"))


def test_every_format_is_read_here() -> None:
    assert set(READERS) == set(FORMATS)


@pytest.mark.parametrize("name", sorted(catalogue()))
def test_formats_agree(name: str, mock: MockServer, short_pauses: None) -> None:
    options = parse_options(
        [
            mock.fault_endpoint(name),
            "--timeout",
            "1",
            "--no-config",
            *catalogue()[name].options,
        ]
    )
    assert_agreed(run(config_of(options)))


@pytest.mark.parametrize("fixture", ["full_report", "attacked_report", "compared"])
def test_formats_agree_about_an_attack_and_beside_a_baseline(
    fixture: str, request: pytest.FixtureRequest
) -> None:
    assert_agreed(request.getfixturevalue(fixture))


def test_the_formats_of_a_summary_agree(summary: Summary) -> None:
    style = Style(color=False, width=80)
    texts = {form: render_summary(summary, form, style) for form in FORMATS}
    for name, report in summary.reports.items():
        expected = [(finding.rule, finding.count) for finding in report.findings]
        [suite] = [s for s in ET.fromstring(texts["junit"]) if s.get("name") == name]
        runs = {run["automationDetails"]["id"]: run for run in json.loads(texts["sarif"])["runs"]}
        title = f"title={name}%3A "
        parts = {
            "json": json.dumps(json.loads(texts["json"])["reports"][name]),
            "html": texts["html"].partition(f'id="{name}."')[2].partition('class="endpoint"')[0],
            "github": "\n".join(
                line.replace(title, "title=")
                for line in texts["github"].split("\n")
                if title in line
            ),
            "sarif": json.dumps({"runs": [runs[f"{name}/"]]}),
        }
        found = {form: READERS[form](part) for form, part in parts.items()}
        assert found == dict.fromkeys(found, expected)
        assert sorted(in_junit(ET.tostring(suite, encoding="unicode"))) == sorted(expected)
        in_tables = [texts["text"], texts["html"], texts["markdown"]]
        assert all(counts_sentence(report) in text for text in in_tables)


@pytest.mark.parametrize("form", FORMATS)
def test_no_format_lets_a_secret_out(form: str, attacked_report: Report) -> None:
    text = render(attacked_report, form, Style(color=False, width=80))
    altered = "Ct1-ghpr-vhfuhw-04"  # the probe's, from which the right one can be told
    assert "Zq8-demo-secret-71" not in text
    assert altered not in text
