"""--all: side by side, one at a time for each host, one summary, the worst status."""

import dataclasses
import json
import signal
import subprocess
import sys
import threading
from pathlib import Path

import jsonschema
import pytest
import referencing
from answering import Answer, Asked, Server
from settings_kit import Command

import checker.engine.batch
from checker.core.config import Config
from checker.core.endpoint import Endpoint
from checker.core.errors import UsageError
from checker.core.report import Summary
from checker.engine.batch import check_several, refuse_wrong
from checker.reports import FORMATS
from checker.reports.format import Style
from checker.reports.json_report import render_summary_json
from checker.reports.text_report import render_summary_text
from mockserver import MockServer
from schemas import read

PAGE = json.dumps({"list": [{"uid": "u1", "msg": "hello"}], "next": ""}).encode()


def config(url: str, **settings: object) -> Config:
    return dataclasses.replace(Config(endpoint=Endpoint.parse(url)), **settings)


def is_a_summary(text: str) -> dict[str, object]:
    document = json.loads(text)
    schemas = [read("report"), read("summary")]
    registry = referencing.Registry().with_resources(
        (schema["$id"], referencing.Resource.from_contents(schema)) for schema in schemas
    )
    jsonschema.Draft202012Validator(read("summary"), registry=registry).validate(document)
    return document


def settings_of(folder: Path, **endpoints: str) -> None:
    lines = [f"[endpoints.{name}]\nurl = '{url}'\n" for name, url in endpoints.items()]
    (folder / "broadcast-check.toml").write_text("".join(lines))


def test_a_line_each_then_the_failing_reports(
    tmp_path: Path, process: Command, mock: MockServer
) -> None:
    settings_of(tmp_path, good=mock.endpoint, bad=mock.fault_endpoint("PAGE004"))
    done = process("--all")
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[0].startswith("PASS  good  nothing to report; 3 pages, 300 rows, ")
    assert lines[1].startswith("FAIL  bad   1 error; ")
    assert lines[3] == "2 endpoints: 1 passed, 1 failed."
    assert "== bad ==" in lines
    assert "== good ==" not in lines
    assert "ERROR  PAGE004  too-many-rows" in lines
    assert done.stderr == ""


def test_the_json_summary_matches_its_schema(
    tmp_path: Path, command: Command, mock: MockServer
) -> None:
    settings_of(tmp_path, good=mock.endpoint, bad=mock.fault_endpoint("PAGE004"))
    done = command("--all", "--format", "json", "-o", "summary.json")
    assert (done.returncode, done.stdout) == (1, "")
    document = is_a_summary((tmp_path / "summary.json").read_text("utf-8"))
    assert document["verdict"] == "fail"
    assert list(document["reports"]) == ["good", "bad"]
    assert document["not_checked"] == {}


@pytest.mark.parametrize(
    ("form", "beginning"),
    [
        ("html", "<!doctype html>\n"),
        ("markdown", "# FAIL: 2 endpoints: 1 passed, 1 failed\n"),
        ("junit", "<?xml "),
        ("github", "::error title=bad%3A PAGE004 too-many-rows::"),
        ("sarif", "{\n"),
    ],
)
def test_every_format_goes_to_standard_output(
    form: str, beginning: str, tmp_path: Path, command: Command, mock: MockServer
) -> None:
    settings_of(tmp_path, good=mock.endpoint, bad=mock.fault_endpoint("PAGE004"))
    done = command("--all", "--no-probes", "--format", form)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith(beginning)


def test_several_reports_of_one_run(tmp_path: Path, process: Command, mock: MockServer) -> None:
    settings_of(tmp_path, good=mock.endpoint, bad=mock.fault_endpoint("PAGE004"))
    wanted = [part for form in FORMATS for part in ("--report", f"{form}=summary.{form}")]
    done = process("--all", "-q", *wanted)
    assert done.returncode == 1
    texts = {form: (tmp_path / f"summary.{form}").read_text("utf-8") for form in FORMATS}
    assert texts["text"] == done.stdout
    reports = is_a_summary(texts["json"])["reports"]
    for name in ("good", "bad"):
        run = reports[name]["run"]
        told = {form for form, text in texts.items() if run in text}
        # text when quiet, and annotations, hold no run; Markdown tells of those that failed
        assert told == {"json", "html", "junit", "sarif"} | (
            {"markdown"} if name == "bad" else set()
        )
    assert len(list(tmp_path.iterdir())) == len(FORMATS) + 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--report", "html"), "FORMAT=FILE"),
        (("--report", "pdf=out.pdf"), "the formats are github, html, json"),
        (("--report", "html=/nonexistent/out.html"), "cannot be written"),
        (("--report", "html=out", "-o", "out"), "name the same file"),
    ],
)
def test_a_wrong_report_is_told_before_anything_is_sent(
    arguments: tuple[str, ...], sentence: str, tmp_path: Path, command: Command, server: Server
) -> None:
    settings_of(tmp_path, one=server.url)
    done = command("--all", *arguments)
    assert (done.returncode, done.stdout, server.asked) == (2, "", [])
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1
    assert len(list(tmp_path.iterdir())) == 1


def test_all_pass_is_zero(tmp_path: Path, command: Command, mock: MockServer) -> None:
    settings_of(tmp_path, one=mock.endpoint, two=mock.endpoint)
    done = command("--all", "-q")
    assert done.returncode == 0
    assert [line[:9] for line in done.stdout.splitlines()] == ["PASS  one", "PASS  two"]


@pytest.mark.parametrize(
    "wrong",
    ["ca-bundle = '/nonexistent'", "select = ['PAGE999']", "token-param = ''", "url = 'x'"],
)
def test_nothing_is_sent_when_one_endpoint_is_set_up_wrongly(
    tmp_path: Path, command: Command, server: Server, wrong: str
) -> None:
    url = "" if wrong.startswith("url") else f"url = '{server.url}'\n"
    (tmp_path / "broadcast-check.toml").write_text(
        f"[endpoints.a]\nurl = '{server.url}'\n[endpoints.b]\n{url}{wrong}\n"
    )
    done = command("--all")
    assert (done.returncode, done.stdout, server.asked) == (2, "", [])
    assert done.stderr.count("\n") == 1


def test_one_crawl_at_a_time_for_a_host(server: Server) -> None:
    lock, most = threading.Lock(), []
    busy = 0

    def answer(asked: Asked) -> Answer:
        nonlocal busy
        with lock:
            busy += 1
            most.append(busy)
        threading.Event().wait(0.01)
        with lock:
            busy -= 1
        return Answer(PAGE)

    server.answer = answer
    configs = {f"e{number}": config(server.url, probes=False) for number in range(4)}
    summary = check_several(configs)
    assert list(summary.reports) == list(configs)
    assert max(most) == 1


def test_hosts_are_checked_side_by_side(server: Server) -> None:
    both = threading.Barrier(2, timeout=60)

    def answer(asked: Asked) -> Answer:
        both.wait()
        return Answer(PAGE)

    server.answer = answer
    other = server.url.replace("127.0.0.1", "localhost")
    configs = {"a": config(server.url, probes=False), "b": config(other, probes=False)}
    assert [r.crawl.pages for r in check_several(configs).reports.values()] == [1, 1]


def test_a_crash_of_ours_is_told_and_the_others_go_on(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.answer = lambda asked: Answer(PAGE)
    right = checker.engine.batch.run

    def sometimes(config: Config, listener: object) -> object:
        if config.strict:
            raise ValueError("s3cr3t")
        return right(config, listener)

    monkeypatch.setattr(checker.engine.batch, "run", sometimes)
    configs = {"a": config(server.url, strict=True), "b": config(server.url, probes=False)}
    summary = check_several(configs, describe=lambda error: type(error).__name__)
    assert (summary.crashed, summary.not_checked) == (True, {"a": "ValueError"})
    assert list(summary.reports) == ["b"]
    assert summary.verdict == "fail"
    is_a_summary(render_summary_json(summary))
    text = render_summary_text(summary, Style(color=False, width=80))
    assert "----  a  not checked: ValueError" in text
    assert "2 endpoints: 1 passed, 0 failed, 1 not checked." in text


def test_what_would_come_to_light_later_is_refused_first() -> None:
    with pytest.raises(UsageError, match="endpoint 'b': There is no rule 'x'"):
        refuse_wrong({"a": config("http://a.example/"), "b": config("http://b/", ignore=("x",))})


def test_no_endpoint_at_all_is_a_pass() -> None:
    assert Summary(reports={}, not_checked={}).verdict == "pass"


def test_an_interrupt_gives_what_was_found_so_far(tmp_path: Path, server: Server) -> None:
    under_way = threading.Event()

    def answer(asked: Asked) -> Answer:
        number = len(server.asked)
        if asked.path == "/quick":
            return Answer(PAGE)
        if number > 8:
            under_way.set()
        page = {"list": [{"uid": f"u{number}", "msg": "hello"}], "next": f"t{number}"}
        return Answer(json.dumps(page).encode())

    server.answer = answer
    quick, endless = (server.url.replace("recipients", name) for name in ("quick", "endless"))
    settings_of(tmp_path, quick=quick, endless=endless, later=quick)
    with subprocess.Popen(
        [sys.executable, "-m", "checker", "--all", "--format", "json", "--no-probes"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        encoding="utf-8",
    ) as process:
        assert under_way.wait(30)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, "")
    document = is_a_summary(out)
    reports = document["reports"]
    assert reports["quick"]["verdict"] == "pass"
    assert reports["endless"]["crawl"]["ended_by"] == "interrupted"
    assert document["not_checked"] == {"later": "the run was interrupted"}
    assert document["verdict"] == "fail"


def test_an_interrupt_ends_each_check_at_its_next_event(server: Server) -> None:
    asked_twice = threading.Event()

    def answer(asked: Asked) -> Answer:
        number = len(server.asked)
        if number > 1:
            asked_twice.set()
        page = {"list": [{"uid": f"u{number}", "msg": "hello"}], "next": f"t{number}"}
        return Answer(json.dumps(page).encode())

    def interrupt(done: int) -> None:
        assert asked_twice.wait(30)
        raise KeyboardInterrupt

    server.answer = answer
    configs = {name: config(server.url, probes=False) for name in ("endless", "later")}
    summary = check_several(configs, done=interrupt)
    assert summary.interrupted
    assert summary.reports["endless"].crawl.ended_by == "interrupted"
    assert list(summary.not_checked) == ["later"]
