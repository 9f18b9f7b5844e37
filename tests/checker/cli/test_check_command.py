"""broadcast-check as a process: exit statuses, options, files, interrupts; one sentence for a
wrong command, and nothing sent.
"""

import json
import os
import pty
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
from answering import Answer, Asked, Server

from checker.rules import all_rules
from mockserver import MockConfig, MockServer
from schemas import __version__, read

COMMAND = [sys.executable, "-m", "checker"]
SECRET = "Zq8-demo-secret-71"


@pytest.fixture(scope="module")
def mock() -> Iterator[MockServer]:
    with MockServer() as running:
        yield running


@pytest.fixture(scope="module")
def guarded() -> Iterator[MockServer]:
    config = MockConfig(required_headers={"Authorization": f"Bearer {SECRET}"})
    with MockServer(config) as running:
        yield running


def run_command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "COLUMNS": "80", **environment},
        encoding="utf-8",
    )


def test_a_right_endpoint_passes(mock: MockServer) -> None:
    done = run_command(mock.endpoint)
    assert done.returncode == 0
    assert done.stdout.startswith(f"PASS  {mock.endpoint}: nothing to report")
    assert "can go live" in done.stdout
    assert done.stderr == ""


def test_a_wrong_endpoint_fails_and_says_what_to_change(mock: MockServer) -> None:
    done = run_command(mock.fault_endpoint("PAGE004"))
    assert done.returncode == 1
    assert done.stdout.startswith("FAIL  ")
    for part in ("ERROR  PAGE004  too-many-rows", "Fix:", "Repeat:  curl ", "explain PAGE004"):
        assert part in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80 or "curl" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "URL"),
        (("example.com/recipients",), "http:// or https://"),
        (("ftp://example.com/",), "http:// or https://"),
        (("https://user:pass@example.com/",), "as a header"),
        (("https://example.com/#top",), "fragment"),
        (("http://[::1/",), "cannot be read"),
        (("http://example.com:99999/",), "cannot be read"),
        (("http://example.com/a b",), "Percent-encode it"),
        (("http://" + "a" * 70 + ".com/",), "too long"),
        (("http://127.0.0.1:1/", "-H", "no-colon"), "Name: value"),
        (("http://127.0.0.1:1/", "-H", "bad name: x"), "not a header name"),
        (("http://127.0.0.1:1/", "-H", "Host: x"), "the checker sets it"),
        (("http://127.0.0.1:1/", "-H", "X-Key: a", "-H", "x-key: b"), "twice"),
        (("http://127.0.0.1:1/", "-H", "X-Key: caf\u00e9"), "visible ASCII"),
        (("http://127.0.0.1:1/", "--header-file", "/nonexistent"), "cannot be read"),
        (("http://127.0.0.1:1/", "--header-env", "X-Key=NOT_SET_HERE"), "not set"),
        (("http://127.0.0.1:1/", "--header-env", "X-Key"), "NAME=VAR"),
        (("http://127.0.0.1:1/", "--timeout", "0"), "more than 0"),
        (("http://127.0.0.1:1/", "--timeout", "nan"), "more than 0"),
        (("http://127.0.0.1:1/", "--timeout", "soon"), "--timeout"),
        (("http://127.0.0.1:1/", "--retries", "-1"), "--retries"),
        (("http://127.0.0.1:1/", "--max-pages", "0"), "--max-pages"),
        (("http://127.0.0.1:1/", "--load", "1000"), "--load"),
        (("http://127.0.0.1:1/", "--channel", "pigeon"), "Known: line"),
        (("http://127.0.0.1:1/", "--select", "PAGE04"), "Did you mean PAGE00"),
        (("http://127.0.0.1:1/", "--ignore", "nonsense"), "no rule 'nonsense'"),
        (("http://127.0.0.1:1/", "--probe-method", "GET"), "is not allowed"),
        (("http://127.0.0.1:1/", "--ca-bundle", "/nonexistent"), "PEM"),
        (("http://127.0.0.1:1/", "-o", "/nonexistent/report"), "cannot be written"),
        (("http://127.0.0.1:1/", "-o", "/"), "cannot be written"),
        (("http://127.0.0.1:1/", "--frmat", "json"), "--frmat"),
        (("http://127.0.0.1:1/", "--token-param", ""), "--token-param"),
        (("explain",), "Give one rule"),
        (("explain", "PAGE999"), "no rule"),
        (("rules", "PAGE"), "no arguments"),
    ],
)
def test_a_wrong_command_is_one_sentence(arguments: tuple[str, ...], sentence: str) -> None:
    done = run_command(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith("broadcast-check: ")


@pytest.mark.parametrize(
    "arguments",
    [
        ("-H", f"Authorization {SECRET}"),
        ("-H", "Authorization:", "Bearer", SECRET),
        ("--header-env", f"Authorization={SECRET}"),
        (f"--authorization={SECRET}",),
        (f"-{SECRET}",),
    ],
)
def test_a_wrong_command_does_not_repeat_the_secret(arguments: tuple[str, ...]) -> None:
    done = run_command("http://127.0.0.1:1/", *arguments)
    assert done.returncode == 2
    assert SECRET not in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_json_report_matches_its_schema(mock: MockServer, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    done = run_command(mock.fault_endpoint("NEXT004"), "--format", "json", "-o", str(path))
    assert done.returncode == 1
    assert done.stdout == ""
    report = json.loads(path.read_text("utf-8"))
    jsonschema.Draft202012Validator(read("report")).validate(report)
    assert [finding["rule"] for finding in report["findings"]] == ["NEXT004"]
    assert report["crawl"]["ended_by"] == "token-ignored"
    assert {"rules", "why"} == set(report["not_judged"][0])
    assert any("NEXT006" in item["rules"] for item in report["not_judged"])
    assert list(tmp_path.iterdir()) == [path], "no temporary file stays"


def test_a_report_replaces_an_older_one(mock: MockServer, tmp_path: Path) -> None:
    path = tmp_path / "report.txt"
    path.write_text("older")
    assert run_command(mock.endpoint, "-o", str(path)).returncode == 0
    assert path.read_text("utf-8").startswith("PASS")


def test_an_unreachable_server_fails(tmp_path: Path) -> None:
    done = run_command("http://127.0.0.1:1/recipients", "--retries", "0", "--format", "json")
    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert (report["verdict"], report["complete"]) == ("fail", False)
    assert [finding["rule"] for finding in report["findings"]] == ["NET002"]
    assert report["crawl"]["pages"] == 0


@pytest.mark.parametrize("how", ["header", "file", "environment"])
def test_headers_come_from_anywhere(guarded: MockServer, tmp_path: Path, how: str) -> None:
    path = tmp_path / "headers"
    path.write_text(f"# for the API\n\nAuthorization: Bearer {SECRET}\n")
    ways = {
        "header": ("-H", f"Authorization: Bearer {SECRET}"),
        "file": ("--header-file", str(path)),
        "environment": ("--header-env", "Authorization=API_AUTH"),
    }
    done = run_command(guarded.endpoint, *ways[how], API_AUTH=f"Bearer {SECRET}")
    assert done.returncode == 0, done.stdout
    assert SECRET not in done.stdout + done.stderr


def test_without_the_header_it_says_so(guarded: MockServer) -> None:
    done = run_command(guarded.endpoint, "--format", "json")
    report = json.loads(done.stdout)
    assert [finding["rule"] for finding in report["findings"]] == ["HTTP006"]
    assert "You gave no header" in report["findings"][0]["message"]


def test_the_repeat_command_names_a_variable_and_runs(guarded: MockServer) -> None:
    done = run_command(
        guarded.endpoint, "-H", "Authorization: Bearer wrong-one-123", "--format", "json"
    )
    curl = json.loads(done.stdout)["findings"][0]["examples"][0]["curl"]
    assert "wrong-one-123" not in done.stdout
    assert '-H "Authorization: $AUTHORIZATION"' in curl
    answer = subprocess.run(
        ["sh", "-c", curl.replace("curl ", "curl -o /dev/null -w '%{http_code}' ", 1)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "AUTHORIZATION": f"Bearer {SECRET}"},
    )
    assert answer.stdout == "200"


def test_strict_select_and_ignore(mock: MockServer) -> None:
    url = mock.fault_endpoint("SEC006")
    assert run_command(url).returncode == 0
    assert run_command(url, "--strict").returncode == 1
    assert run_command(url, "--strict", "--ignore", "any-origin").returncode == 0
    chosen = json.loads(run_command(url, "--select", "PAGE,ROW001", "--format", "json").stdout)
    assert chosen["findings"] == []
    left_out = [i["rules"] for i in chosen["not_judged"] if "left out" in i["why"]]
    assert "SEC006" in left_out[0]


def test_ignoring_what_ended_the_crawl_is_no_pass(mock: MockServer) -> None:
    done = run_command(mock.fault_endpoint("JSON001"), "--ignore", "JSON001", "--format", "json")
    report = json.loads(done.stdout)
    assert done.returncode == 1
    assert (report["verdict"], report["complete"], report["findings"]) == ("fail", False, [])


def test_customers_data_is_masked_unless_asked_for(mock: MockServer) -> None:
    url = mock.fault_endpoint("ROW011")
    masked = json.loads(run_command(url, "--format", "json").stdout)
    shown = json.loads(run_command(url, "--format", "json", "--show-data").stdout)
    masked_value = masked["findings"][0]["examples"][0]["value"]
    shown_value = shown["findings"][0]["examples"][0]["value"]
    assert "…" in masked_value
    assert shown_value.strip() not in masked_value
    assert len(shown_value.strip()) > 10


def test_quiet_prints_the_verdict_only(mock: MockServer) -> None:
    done = run_command(mock.fault_endpoint("PAGE004"), "--quiet")
    assert done.stdout.count("\n") == 1
    assert done.stdout.startswith("FAIL")


def test_explain_and_rules() -> None:
    page = run_command("explain", "page004")
    assert page.returncode == 0
    assert page.stdout.startswith("# PAGE004 too-many-rows")
    assert "## How to fix it" in page.stdout
    assert run_command("explain", "too-many-rows").stdout == page.stdout
    listed = run_command("rules")
    assert listed.returncode == 0
    assert [line.split()[0] for line in listed.stdout.splitlines()] == list(all_rules())


def test_version_and_help() -> None:
    assert run_command("--version").stdout == f"broadcast-check {__version__}\n"
    assert "--header-env" in run_command("--help").stdout


def test_no_probes_sends_nothing_but_pages(mock: MockServer) -> None:
    report = json.loads(run_command(mock.endpoint, "--no-probes", "--format", "json").stdout)
    assert report["crawl"]["requests"] == report["crawl"]["pages"]
    assert any("turned off" in item["why"] for item in report["not_judged"])


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_still_reports(sent: signal.Signals, server: Server, tmp_path: Path) -> None:
    under_way = threading.Event()

    def never_ending(asked: Asked) -> Answer:
        if len(server.asked) == 5:
            under_way.set()
        number = len(server.asked)
        page = {"list": [{"uid": f"u{number}", "msg": "hello"}], "next": f"t{number}"}
        return Answer(json.dumps(page).encode())

    server.answer = never_ending
    with subprocess.Popen(
        [*COMMAND, server.url, "--format", "json", "--no-probes", "--report", "html=out.html"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    ) as process:
        assert under_way.wait(30)
        process.send_signal(sent)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    report = json.loads(out)
    assert (report["verdict"], report["complete"]) == ("fail", False)
    assert report["crawl"]["ended_by"] == "interrupted"
    assert report["crawl"]["rows"] >= 3, "the fifth request goes out before the fourth page is read"
    assert err == ""
    assert [path.name for path in tmp_path.iterdir()] == ["out.html"]


def test_a_terminal_gets_progress_and_colors(mock: MockServer) -> None:
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, mock.fault_endpoint("NET009")],
        stdout=follower,
        stderr=follower,
        env={key: value for key, value in os.environ.items() if key != "NO_COLOR"},
    )
    os.close(follower)
    shown = read_all(leader)
    assert process.wait(timeout=30) == 0
    assert re.search(r"page \d+ +\d+ rows", shown)
    assert "waiting" in shown, "why it waits is told"
    assert "\x1b[32;1mPASS" in shown


def test_no_color_is_obeyed(mock: MockServer) -> None:
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, mock.endpoint, "--quiet"],
        stdout=follower,
        stderr=follower,
        env={**os.environ, "NO_COLOR": "1"},
    )
    os.close(follower)
    assert "\x1b" not in read_all(leader)
    assert process.wait(timeout=30) == 0


def read_all(leader: int) -> str:
    data = b""
    while True:
        try:
            part = os.read(leader, 4096)
        except OSError:  # how Linux tells that the other end has gone
            break
        if not part:
            break
        data += part
    os.close(leader)
    return data.decode("utf-8")


def test_a_terminal_without_unicode_is_survived(mock: MockServer) -> None:
    done = run_command(mock.fault_endpoint("ROW015"), PYTHONIOENCODING="ascii", LC_ALL="C")
    assert done.returncode == 0
    assert "ROW015" in done.stdout


def test_a_reader_that_goes_away_is_no_crash(mock: MockServer) -> None:
    done = subprocess.run(
        ["sh", "-c", f"{sys.executable} -m checker explain PAGE004 | head -1"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "# PAGE004 too-many-rows\n"
    assert done.stderr == ""
