"""The pages of a check, as a browser without a script sees them."""

import json
import re
import socket
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from answering import Server

from broadcaster.store import open_store
from broadcaster.web.jobs.stored_report import report_of, stored_report
from checker import check
from mockserver import MockServer

SECRET = "Bearer Zq8-window-secret-71"
FAULTS = ["NET002", "HTTP001", "JSON001", "PAGE004", "ROW002", "NEXT004", "PERF003", "SEC004"]
FORMATS = ["html", "text", "markdown", "json", "junit", "sarif", "github"]


class Fields(HTMLParser):
    """What a form would send."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self.feed(page.partition("<footer")[0])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "input" and given.get("name"):
            self.found.append((str(given["name"]), given.get("value") or ""))

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.found if key == name]


def test_a_right_endpoint_passes(visitor: Any, mock: MockServer) -> None:
    page = visitor.check(mock.endpoint)
    assert '<span class="pass">PASS</span>' in page
    assert "with 1,000 rows" in page
    assert "Time of each page" in page


@pytest.mark.parametrize("rule", FAULTS)
def test_a_fault_is_told_with_its_fix(visitor: Any, mock: MockServer, rule: str) -> None:
    page = visitor.check(mock.fault_endpoint(rule), timeout="3", retries="0")
    assert f'id="{rule}"' in page
    assert "Fix:" in page
    assert "Not judged" in page


def test_the_form_takes_the_endpoint_of_a_link(visitor: Any) -> None:
    fields = Fields(visitor.get("/?url=https://api.example.com/x%3Fa=1").text)
    assert fields.all("url") == ["https://api.example.com/x?a=1"]


def test_check_again_carries_the_endpoint_and_never_a_header(
    visitor: Any, mock: MockServer
) -> None:
    fields = {"header-name": ["Authorization"], "header-value": [SECRET]}
    page = visitor.check(mock.endpoint, **fields)
    [link] = re.findall(r'href="(/\?url=[^"]*)"', page)
    form = Fields(visitor.get(link).text)
    assert form.all("url") == [mock.endpoint]
    assert form.all("header-value") == [""]


def test_a_header_is_sent_and_kept_nowhere(visitor: Any, mock: MockServer, tmp_path: Path) -> None:
    name = visitor.start(
        mock.endpoint + "?token=Zq8-window-secret-72",
        **{"header-name": ["Authorization", ""], "header-value": [SECRET, ""]},
    )
    running = visitor.get(f"/checks/{name}").text
    page = visitor.wait(name)
    files = [path.read_bytes() for path in tmp_path.iterdir()]
    texts = [visitor.get(f"/checks/{name}/report.{form}").text for form in FORMATS]
    history = visitor.get("/checks").text
    for text in (running, page, history, *texts, *(file.decode("latin-1") for file in files)):
        assert "Zq8-window" not in text
    assert "SEC001" in page  # so the header was sent: only with one is it judged


def test_the_credential_in_an_endpoint_is_no_link(visitor: Any, mock: MockServer) -> None:
    page = visitor.check(mock.endpoint + "?api_key=Zq8-window-secret-72")
    assert "Another check" in page
    assert "/?url=" not in page


def test_rows_of_headers_come_and_go_without_a_script(visitor: Any) -> None:
    typed = {"url": "https://x.test/", "header-name": ["A", "B"], "header-value": ["1", "2"]}
    more = Fields(visitor.post("/checks", {**typed, "add-header": "yes"}).text)
    assert more.all("header-name") == ["A", "B", ""]
    fewer = Fields(visitor.post("/checks", {**typed, "remove-header": "0"}).text)
    assert fewer.all("header-name") == ["B"]
    assert fewer.all("header-value") == ["2"]
    assert fewer.all("url") == ["https://x.test/"]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("url", "", "Give the endpoint"),
        ("url", "ftp://x", "must begin with http"),
        ("url", "http://user:pass@host/", "credentials"),
        ("timeout", "soon", "must be a number"),
        ("timeout", "nan", "can be at most"),
        ("timeout", "0", "more than 0"),
        ("max_pages", "1e3", "must be a number"),
        ("max_pages", "0", "1 or more"),
        ("retries", "11", "can be at most"),
        ("channel", "pigeon", "Unknown channel"),
        ("ignore", "NOPE9", "NOPE9"),
    ],
)
def test_what_is_wrong_with_the_form_is_said_on_it(
    visitor: Any, field: str, value: str, words: str
) -> None:
    answer = visitor.post("/checks", {"url": "http://127.0.0.1:9/", field: value})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert words in answer.text


def test_a_wrong_header_is_said_without_its_value(visitor: Any) -> None:
    fields = {"url": "http://127.0.0.1:9/", "header-name": "X-Key", "header-value": "Zq8\u20ac"}
    answer = visitor.post("/checks", fields)
    assert answer.status_code == 422
    alert = answer.text.partition('role="alert"')[2].partition("</div>")[0]
    assert "X-Key" in alert
    assert "Zq8" not in alert


def test_a_stopped_check_shows_what_was_found(visitor: Any, slow_server: Server) -> None:
    name = visitor.start(slow_server.url, timeout="60")
    assert slow_server.arrived.acquire(timeout=60)
    page = visitor.get(f"/checks/{name}").text
    assert "Checking" in page
    assert '<meta http-equiv="refresh"' in page
    slow_server.go_on.set()
    assert all(slow_server.arrived.acquire(timeout=60) for _ in range(5))
    slow_server.go_on.clear()
    visitor.post(f"/checks/{name}/stop")
    result = visitor.wait(name)
    assert "The check was stopped before its end." in result
    assert "<h1>Stopped</h1>" in result
    assert "neither that the endpoint is right nor that it is wrong" in result
    assert "Nothing wrong was found so far." in result
    assert "FAIL" not in result
    assert "Passed" not in result
    assert "stopped" in visitor.get("/checks").text


def test_a_server_that_cannot_be_reached_is_no_verdict_on_the_endpoint(visitor: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    page = visitor.check(f"http://127.0.0.1:{port}/", retries="0")
    assert "<h1>Not reached</h1>" in page
    assert "nothing of the endpoint was checked" in page
    assert "NET002" in page
    listed = visitor.get("/checks").text
    assert "not reached" in listed
    assert "failed" not in listed


def test_a_check_that_waits_in_line_says_so_and_can_be_stopped(
    open_window: Any, slow_server: Server
) -> None:
    visitor = open_window(checks_at_once=1)
    running = visitor.start(slow_server.url, timeout="60")
    assert slow_server.arrived.acquire(timeout=60)
    second, third = (visitor.start(slow_server.url) for _ in range(2))
    assert "this is the next one" in visitor.get(f"/checks/{second}").text
    assert "1 is before this one" in visitor.get(f"/checks/{third}").text
    visitor.post(f"/checks/{second}/stop")
    assert "Nothing was read yet." in visitor.wait(second)
    assert "this is the next one" in visitor.get(f"/checks/{third}").text
    visitor.post(f"/checks/{third}/stop")
    visitor.post(f"/checks/{running}/stop")
    visitor.wait(running)


def test_events_tell_how_far_the_check_is(visitor: Any, slow_server: Server) -> None:
    name = visitor.start(slow_server.url, timeout="60", max_pages="3")
    slow_server.go_on.set()
    answer = visitor.get(f"/checks/{name}/events")
    assert answer.mimetype == "text/event-stream"
    lines = [line for line in answer.text.splitlines() if line.startswith("data: ")]
    events = [json.loads(line.removeprefix("data: ")) for line in lines]
    assert events[-1] == {"ended": True}
    assert {"doing", "pages", "rows", "rate", "time"} <= events[0].keys()
    assert visitor.get(f"/checks/{name}/events").text.count("data: ") == 1


def test_too_many_streams_are_refused_and_given_back(open_window: Any, slow_server: Server) -> None:
    visitor = open_window(streams=1)
    name = visitor.start(slow_server.url, timeout="60")
    first = visitor.client.get(f"/checks/{name}/events", buffered=False)
    assert visitor.client.get(f"/checks/{name}/events", buffered=False).status_code == 503
    first.close()
    again = visitor.client.get(f"/checks/{name}/events", buffered=False)
    assert again.status_code == 200
    again.close()
    visitor.post(f"/checks/{name}/stop")


@pytest.mark.parametrize("form", FORMATS)
def test_the_report_can_be_downloaded(visitor: Any, mock: MockServer, form: str) -> None:
    name = visitor.start(mock.fault_endpoint("PAGE004"))
    visitor.wait(name)
    answer = visitor.get(f"/checks/{name}/report.{form}")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    assert "PAGE004" in answer.text
    assert visitor.get(f"/checks/{name}/report.nope").status_code == 404


def test_a_result_is_the_same_after_the_server_began_anew(
    open_window: Any, mock: MockServer
) -> None:
    before = open_window()
    name = before.start(mock.fault_endpoint("PAGE004"))
    page = before.wait(name)
    before.checks.close()
    report = page.partition('<div lang="en">')[2]
    assert "PAGE004" in report
    assert open_window().get(f"/checks/{name}").text.partition('<div lang="en">')[2] == report


def test_a_check_that_the_server_left_behind_is_not_called_running(
    open_window: Any, tmp_path: Path
) -> None:
    visitor = open_window()
    name = visitor.store.checks.begin("https://x.test/", "", 0.0)
    visitor.store.checks.end_all_running("the server was stopped before the check ended", 1.0)
    page = visitor.get(f"/checks/{name}").text
    assert "the server was stopped before the check ended" in page


def test_a_report_of_another_version_is_said_to_be_unreadable(visitor: Any) -> None:
    name = visitor.store.checks.begin("https://x.test/", "", 0.0)
    visitor.store.checks.end(name, state="done", now=1.0, report={"verdict": "pass"})
    assert "stored by another version of this program" in visitor.get(f"/checks/{name}").text
    assert visitor.get(f"/checks/{name}/report.json").status_code == 404


@pytest.mark.parametrize("path", ["/checks/nothing", "/checks/nothing/events", "/nothing"])
def test_nothing_is_found_where_nothing_is(visitor: Any, path: str) -> None:
    answer = visitor.get(path)
    assert answer.status_code == 404
    assert "There is nothing at this address" in answer.text


def test_a_store_in_trouble_is_one_sentence(visitor: Any, tmp_path: Path) -> None:
    visitor.store.close()
    for beside in ("window.sqlite-wal", "window.sqlite-shm"):
        (tmp_path / beside).unlink(missing_ok=True)
    (tmp_path / "window.sqlite").write_bytes(b"no database" * 1000)
    answer = visitor.get("/checks")
    assert answer.status_code == 503
    assert "damaged" in answer.text


def test_reports_come_out_of_the_store_as_they_went_in(
    visitor: Any, mock: MockServer, tmp_path: Path
) -> None:
    report = check(mock.fault_endpoint("PAGE004"))
    name = visitor.store.checks.begin("https://x.test/", "", 0.0)
    visitor.store.checks.end(name, state="done", now=1.0, report=stored_report(report))
    with open_store(f"sqlite:///{tmp_path / 'window.sqlite'}") as store:
        record = store.checks.get(name)
    assert record is not None
    assert record.report is not None
    assert report_of(record.report) == report
