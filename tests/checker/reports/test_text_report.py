"""What the report at a terminal says, what it leaves out, and the command that it gives."""

import json
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from answering import Answer, Asked, Server

import checker
from checker.core.report import Report, Severity, Stack, Verdict
from checker.reports.format import Style
from checker.reports.html_report import forwarded_text
from checker.reports.markdown_report import render_markdown
from checker.reports.text_report import render_text

FaultReport = Callable[[str], Report]


def text_of(report: Report, *, verbose: bool = False) -> str:
    return render_text(report, Style(color=False, width=100, verbose=verbose))


def page_of(uid: str, following: str) -> Answer:
    document = {"list": [{"uid": uid, "msg": "Hi"}], "next": following}
    return Answer(json.dumps(document).encode())


def repeats(report: Report) -> list[str]:
    return re.findall(r"(?m)^  Repeat:  (.*)$", text_of(report))


@pytest.fixture
def following(fault_report: FaultReport) -> Report:
    """A warning whose consequence is an error, and advice on speed."""
    report = fault_report("PAGE004")
    [found] = report.findings
    cause = replace(
        found, rule="HTTP009", name="redirected", severity=Severity.WARNING, message="It redirects."
    )
    effect = replace(found, consequence_of="HTTP009", message="It follows.", count=7)
    advice = replace(found, rule="PERF004", name="uncompressed", severity=Severity.INFO)
    return replace(report, findings=(cause, effect, advice))


def test_the_verdict_the_figures_and_the_date_come_first(fault_report: FaultReport) -> None:
    report = fault_report("PAGE004")
    verdict, figures, origin = text_of(report).splitlines()[:3]
    assert verdict.startswith(f"FAIL  {report.endpoint}: 1 error")
    assert figures.startswith("Read 3 pages with 510 rows, to the end of the data; ")
    assert re.fullmatch(
        rf"\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d UTC, broadcast-check \S+, run {report.run}\.", origin
    )


@pytest.mark.parametrize(
    ("fault", "figures"),
    [
        ("HTTP006", "No page could be read (auth-rejected); "),
        ("NET001", "No page could be read (dns-failure); "),
        ("JSON001", "Read 1 page with 5 rows, not to the end of the data (not-json); "),
    ],
)
def test_a_page_that_was_not_read_is_not_counted(
    fault: str, figures: str, fault_report: FaultReport
) -> None:
    assert text_of(fault_report(fault)).splitlines()[1].startswith(figures)


def test_what_follows_is_named_below_its_cause(following: Report) -> None:
    lines = text_of(following).splitlines()
    start = lines.index("WARNING  HTTP009  redirected")
    block = lines[start : lines.index("", start)]
    assert "  ERROR  PAGE004  too-many-rows (follows from HTTP009)" in block
    assert block[-2:] == ["    It follows.", "    … 7 in all"]
    assert not any("follows" in line for line in lines[:start])


def test_every_form_to_forward_names_what_follows(following: Report) -> None:
    assert "ERROR PAGE004 too-many-rows follows from it:\n" in forwarded_text(following)
    markdown = render_markdown(following)
    assert "**What follows from it:**\n\n- Error PAGE004 too-many-rows: It follows." in markdown


def test_advice_on_speed_is_left_out_of_a_failing_report(following: Report) -> None:
    short = text_of(following)
    assert "INFO  PERF004" not in short
    assert "--verbose also shows 1 info: PERF004." in short
    whole = text_of(following, verbose=True)
    assert "INFO  PERF004" in whole
    assert "also shows" not in whole
    assert "INFO  PERF004" in text_of(replace(following, verdict=Verdict.PASS))


def test_what_was_not_judged_is_one_line(fault_report: FaultReport) -> None:
    report = fault_report("HTTP006")
    [line] = [line for line in text_of(report).split("\n\n") if "not judged" in line]
    words = " ".join(line.split())
    assert re.match(r"\d+ rules were not judged: no page could be read\. \d+ more for other", words)
    assert "1 rule needs an option: --load. --verbose lists them." in words
    whole = text_of(report, verbose=True).splitlines()
    assert "  PERF006: judged only with --load" in whole[whole.index("Not judged") :]


def test_explain_is_named_once_and_the_last_word_fits_the_number(
    fault_report: FaultReport, following: Report
) -> None:
    alone = text_of(fault_report("PAGE004"))
    assert alone.endswith("\nFix it, and check again.\n" + explained("PAGE004"))
    error = replace(following.findings[1], consequence_of=None)
    two = replace(following, findings=(error, replace(error, rule="PAGE005", name="next-missing")))
    assert "Fix the findings in this order, and check again" in text_of(two)
    assert text_of(two).count("broadcast-check explain") == 1


def explained(rule: str) -> str:
    return f"More about a rule: broadcast-check explain {rule}\n"


def test_a_place_that_the_sentence_names_is_not_repeated(fault_report: FaultReport) -> None:
    assert "Where:" not in text_of(fault_report("PAGE004"))
    assert "/list/2/uid" in text_of(fault_report("ROW003"))


@pytest.mark.parametrize(
    ("fault", "options"),
    [("PAGE004", ""), ("HTTP006", " -i"), ("HTTP009", " -i -L"), ("HTTP003", " -i -X POST")],
)
def test_the_command_shows_the_fault_again(
    fault: str, options: str, fault_report: FaultReport
) -> None:
    report = fault_report(fault)
    [command] = repeats(report)
    assert command == f"curl -sS --compressed{options} {report.endpoint}"


def test_no_command_asks_a_server_that_does_not_exist() -> None:
    def app(environ: object, start_response: Callable[..., object]) -> list[bytes]:
        start_response("404 Not Found", [])
        return [b"nothing here"]

    report = checker.check("/recipients", app=app)
    assert [finding.rule for finding in report.findings][:1] == ["HTTP005"]
    assert repeats(report) == []


@pytest.mark.parametrize("accepts_all", [True, False])
def test_a_probe_is_named(accepts_all: bool) -> None:
    def answer(asked: Asked) -> Answer:
        if asked.token is None:
            return page_of("a", following="t")
        return (
            page_of("b", following="") if accepts_all or asked.token == "t" else Answer(status=500)
        )

    server = Server()
    server.answer = answer
    try:
        text = text_of(checker.check(server.url, retries=0))
    finally:
        server.close()
    assert ("requested with a made-up token" in text) is not accepts_all


def test_markdown_has_the_fix_in_the_language_that_was_recognized(
    fault_report: FaultReport,
) -> None:
    report = fault_report("PAGE004")
    general = render_markdown(report)
    assert "**How to fix it:**\n\nLimit the rows in the query" in general
    assert "```php" not in general
    for language, fence in (("PHP 8.2", "php"), ("Node.js", "js"), ("Python", "python")):
        text = render_markdown(replace(report, stack=Stack(language=language)))
        assert re.findall(r"```(\w+)", text).count(fence) >= 1, language
