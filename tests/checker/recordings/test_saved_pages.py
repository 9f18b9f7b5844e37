"""Saved bodies are judged in the order in which they are given."""

import json
from pathlib import Path

import pytest

from checker.cli.main import main
from checker.cli.options import config_of, parse_options
from checker.core.errors import UsageError
from checker.core.report import Report
from checker.engine.run import run
from checker.recordings.offline import offline_check
from checker.rules import all_rules


def page(first: int, next_token: object, rows: int = 3) -> dict[str, object]:
    listed = [{"uid": f"u{first + i}", "msg": f"Hello {first + i}"} for i in range(rows)]
    return {"list": listed, "next": next_token}


def judge(tmp_path: Path, *bodies: object, options: tuple[str, ...] = ()) -> Report:
    arguments = [*options, "--no-config"]
    for number, body in enumerate(bodies, 1):
        file = tmp_path / f"page{number}.json"
        file.write_bytes(body if isinstance(body, bytes) else json.dumps(body).encode())
        arguments += ["--page", str(file)]
    offline = offline_check(parse_options(arguments), config_of)
    assert offline is not None
    report = run(offline.config, client=offline.client)
    assert report.crashes == ()
    return report


def rules_of(report: Report) -> list[str]:
    return [finding.rule for finding in report.findings]


def reasons(report: Report) -> dict[str, str]:
    return {rule: item.why for item in report.not_judged for rule in item.rules}


def test_right_pages_pass(tmp_path: Path) -> None:
    report = judge(tmp_path, page(0, "a"), page(3, "b"), page(6, ""))
    assert (report.verdict, report.complete, report.findings) == ("pass", True, ())
    assert (report.crawl.pages, report.crawl.rows) == (3, 9)
    assert report.endpoint.startswith("file:///")


def test_what_needs_a_server_is_not_judged(tmp_path: Path) -> None:
    why = reasons(judge(tmp_path, page(0, "", rows=400) | {"big": "x" * 20_000}))
    needs = {r for r in all_rules() if r.startswith(("NET", "HTTP", "PERF", "SEC"))}
    assert needs <= set(why)
    assert {why[rule] for rule in needs} == {"files were judged: this needs the server"}
    assert {"NEXT007", "NEXT008", "NEXT009", "NEXT010", "NEXT011", "NEXT015"} <= set(why)


@pytest.mark.parametrize(
    ("bodies", "rules"),
    [
        ([page(0, "a"), page(0, "b")], ["NEXT004"]),
        ([page(0, "a"), page(3, "b"), page(0, "c")], ["NEXT005"]),
        ([page(0, "a"), page(2, "")], ["NEXT006"]),
        ([page(0, "a"), page(3, "b"), page(6, "a")], ["NEXT003"]),
        ([b'{"list": [], "next": ""} trailing'], ["JSON001"]),
        ([b"\xef\xbb\xbf" + json.dumps(page(0, "")).encode()], ["JSON003"]),
        ([page(0, "", rows=500)], ["PAGE004"]),
        ([{"list": [{"uid": "", "msg": "Hi null,"}], "next": ""}], ["ROW004", "ROW016"]),
        ([{"list": []}], ["PAGE005"]),
    ],
)
def test_the_rules_work_across_files(
    tmp_path: Path, bodies: list[object], rules: list[str]
) -> None:
    assert rules_of(judge(tmp_path, *bodies)) == rules


def test_a_token_without_a_further_file_is_no_fault_and_not_complete(tmp_path: Path) -> None:
    report = judge(tmp_path, page(0, "a"), page(3, "b"))
    assert report.findings == ()
    assert (report.complete, report.crawl.ended_by) == (False, "not-recorded")
    assert reasons(report)["NEXT005"] == (
        "page 2 has a token, and no file of the page that it leads to was given"
    )


def test_no_command_is_given_to_repeat_a_request(tmp_path: Path) -> None:
    report = judge(tmp_path, page(0, 7), page(3, ""))
    assert rules_of(report) == ["NEXT002"]
    assert report.findings[0].examples[0].curl is None


def test_a_url_makes_the_commands(tmp_path: Path) -> None:
    url = "https://api.example.com/recipients"
    report = judge(tmp_path, page(0, 7), page(3, ""), options=(url,))
    assert report.endpoint == url
    curl = report.findings[0].examples[0].curl
    assert curl is not None
    assert url in curl


@pytest.mark.parametrize("name", ["missing.json", ".", "nul\0.json"])
def test_a_file_that_cannot_be_read_is_told(name: str) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        offline_check(parse_options(["--page", name, "--no-config"]), config_of)


def test_a_file_that_is_too_large_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="over the size limit of 10 bytes"):
        judge(tmp_path, page(0, ""), options=("--body-limit", "10"))


def test_files_behind_the_end_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, body in (("one.json", page(0, "")), ("two.json", page(3, ""))):
        Path(name).write_text(json.dumps(body))
    assert main(["--page", "one.json", "--page", "two.json", "-q"]) == 0
    assert "does not lead there: two.json." in capsys.readouterr().err
