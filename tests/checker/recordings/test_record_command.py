"""--record, --replay and --page as a user gives them, and what is told of a wrong file."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from answering import Answer, Asked, Server
from haralyzer import HarParser

from checker.cli.main import main
from checker.core.config import Config
from checker.core.endpoint import Endpoint
from checker.core.events import CheckStarted, Exchanged
from checker.core.model import Exchange, Failure, Purpose
from checker.recordings.har import exchange_of
from checker.recordings.recorder import BODY_RECORDED_BYTES, Recorder
from mockserver import MockServer

OF_OURS = (
    '{"log": {"_broadcast": {"recording_version": 1, "endpoint": "http://a.test/"},'
    ' "entries": [%s]}}'
)
HEADER = ("-H", "Authorization: Bearer s3cret-credential")


@pytest.fixture(scope="module")
def mock() -> Iterator[MockServer]:
    with MockServer() as server:
        yield server


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_recording_is_replayed_by_its_name_alone(
    mock: MockServer, capsys: pytest.CaptureFixture[str]
) -> None:
    url = mock.fault_endpoint("ROW016")
    assert main([url, *HEADER, "--record", "run.har", "--format", "json"]) == 0
    live = json.loads(capsys.readouterr().out)
    assert main(["--replay", "run.har", "--format", "json"]) == 0
    again = json.loads(capsys.readouterr().out)
    assert again["endpoint"] == url
    assert [f["rule"] for f in again["findings"]] == ["ROW016", "SEC001"]
    assert [f["message"] for f in again["findings"]] == [f["message"] for f in live["findings"]]
    assert again["crawl"] == live["crawl"]
    assert main(["--replay", "run.har", "--strict", "-q"]) == 1
    assert main(["--replay", "run.har", "--strict", "--ignore", "ROW,SEC", "-q"]) == 0


def test_a_public_reader_of_har_reads_it(mock: MockServer) -> None:
    main([mock.endpoint, "--record", "run.har", "-q"])
    parser = HarParser.from_file("run.har")
    assert parser.creator["name"] == "broadcast-check"
    entries = parser.har_data["entries"]
    assert len(entries) == 14
    assert {entry["request"]["method"] for entry in entries} == {"GET", "POST"}


def test_nothing_secret_is_written_wherever_the_server_echoes_it(server: Server) -> None:
    def echo(asked: Asked) -> Answer:
        given = asked.headers.get("Authorization", "")
        row = {"uid": "U1", "msg": given, "n": 1}
        headers = {
            "Content-Type": "application/json",
            "X-Echo": given,
            "Set-Cookie": "session=c00kie-value; Path=/",
        }
        return Answer(json.dumps({"list": [row], "next": ""}).encode(), 200, headers)

    server.answer = echo
    main([server.url + "?api_key=url-s3cret", *HEADER, "--show-data", "--record", "run.har", "-q"])
    text = Path("run.har").read_text("utf-8")
    altered = "v3fuhw-fuhghqwldo"
    for secret in ("s3cret-credential", "url-s3cret", "c00kie-value", altered):
        assert secret not in text
    assert "session=•••; Path=/" in text


def test_with_show_data_the_data_is_there(mock: MockServer) -> None:
    main([mock.endpoint, "--record", "run.har", "--show-data", "-q"])
    assert "your order has left our warehouse" in Path("run.har").read_text("utf-8")


def test_an_interrupted_recording_is_whole(
    server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pages = iter(range(100))

    def answer(asked: Asked) -> Answer:
        number = next(pages)
        row = {"uid": f"u{number}", "msg": f"m{number}"}
        return Answer(json.dumps({"list": [row], "next": f"t{number}"}).encode())

    server.answer = answer
    original = Recorder.__call__

    def interrupting(self: Recorder, event: object) -> None:
        original(self, event)  # type: ignore[arg-type]
        if isinstance(event, Exchanged) and event.exchange.page == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(Recorder, "__call__", interrupting)
    assert main([server.url, "--no-probes", "--record", "run.har", "-q"]) == 130
    assert len(json.loads(Path("run.har").read_text("utf-8"))["log"]["entries"]) == 3
    assert main(["--replay", "run.har", "--format", "markdown"]) == 1
    assert "the recording holds no answer to the request of page 4" in capsys.readouterr().out


def test_a_file_that_cannot_be_written_fails_before_the_crawl(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([server.url, "--record", "nowhere/run.har"]) == 2
    assert server.asked == []
    assert "nowhere/run.har" in capsys.readouterr().err


def test_a_failed_command_leaves_the_file_as_it_was(server: Server) -> None:
    Path("run.har").write_text("kept")
    assert main([server.url, "--ca-bundle", "missing.pem", "--record", "run.har"]) == 2
    assert Path("run.har").read_text() == "kept"
    assert [path.name for path in Path.cwd().iterdir()] == ["run.har"]


def test_a_replay_sends_nothing(server: Server, tmp_path: Path) -> None:
    server.answer = lambda asked: Answer(b'{"list": [{"uid": "a", "msg": "b"}], "next": ""}')
    status = main([server.url, "--record", "run.har", "-q"])
    asked = len(server.asked)
    assert main(["--replay", "run.har", "-q"]) == status
    assert len(server.asked) == asked


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, "cannot be read"),
        ("", "line 1, column 1, is not JSON: a HAR 1.2 file was expected"),
        ('{"log": {"entries": [\n{"a": 1},\n}]}}', "line 3, column 1, is not JSON"),
        ('{"log": {}}', "holds no recorded request"),
        ("[]", "holds no recorded request"),
        (
            '{"log": {"_broadcast": 7, "entries": []}}',
            "should be an object that names the endpoint",
        ),
        (
            '{"log": {"_broadcast": {"recording_version": 9, "endpoint": "http://a.test/"}}}',
            "a recording of another version",
        ),
        (OF_OURS % "7.5", "entry 1 of log.entries should be an object"),
        (OF_OURS % '{"request": 7}', "entry 1 of log.entries is not an entry of HAR 1.2"),
        (OF_OURS % ("[" * 200_000), "is nested over 100 levels deep"),
        (OF_OURS % ('{"a":' + "[" * 200 + "]" * 200 + "}"), "is nested over 100 levels deep"),
    ],
)
def test_a_broken_recording_is_told_in_one_sentence(
    text: str | None, expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if text is not None:
        Path("run.har").write_text(text, "utf-8")
    assert main(["--replay", "run.har"]) == 2
    error = capsys.readouterr().err
    assert expected in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("--replay", "run.har", "--page", "page.json"),
        ("--replay", "run.har", "--record", "other.har"),
        ("--page", "page.json", "--load", "2"),
        ("--page", "page.json", "--all"),
        ("--all", "--record", "run.har"),
    ],
)
def test_options_that_exclude_each_other_are_refused(arguments: tuple[str, ...]) -> None:
    assert main([*arguments]) == 2


def test_another_url_than_the_recorded_one_is_refused(mock: MockServer) -> None:
    main([mock.endpoint, "--record", "run.har", "-q"])
    assert main(["https://other.example/", "--replay", "run.har"]) == 2


def recorded(exchange: Exchange) -> dict[str, object]:
    parts: list[str] = []
    config = Config(endpoint=Endpoint.parse("http://127.0.0.1/recipients"))
    recorder = Recorder(parts.append, config, now=lambda: datetime(2026, 1, 1, tzinfo=UTC))
    recorder(CheckStarted(endpoint="", run="0123"))
    recorder(Exchanged(exchange=exchange))
    recorder.finish()
    [entry] = json.loads("".join(parts))["log"]["entries"]
    found: dict[str, object] = entry
    return found


def test_an_exchange_comes_back_as_it_was() -> None:
    exchange = Exchange(
        purpose=Purpose.REPLAY,
        method="GET",
        url="http://127.0.0.1/recipients?next=%C3%A9",
        token="é",
        page=3,
        request_headers=(("Accept", "application/json"),),
        status=503,
        reason="Slöw",
        headers=(("Expires", "0"), ("Date", "x"), ("A", "1"), ("A", "2")),
        body=b"\xb6\x00",
        wire_bytes=2,
        seconds=0.123456789,
        attempts=2,
        retry_reasons=("reset",),
        redirects=("http://127.0.0.1/a",),
        final_url="http://127.0.0.1/b",
        local_peer=True,
        closes_connection=True,
        failure=Failure(rule="NET004", detail="too slow"),
    )
    assert exchange_of(recorded(exchange)) == exchange


def test_an_expiry_is_compared_with_the_time_of_the_request() -> None:
    exchange = Exchange(
        purpose=Purpose.PAGE,
        method="GET",
        url="http://127.0.0.1/recipients",
        status=200,
        headers=(("Expires", "Thu, 01 Jan 2026 01:00:00 GMT"),),
    )
    assert exchange_of(recorded(exchange)).header("Date") == "Thu, 01 Jan 2026 00:00:00 +0000"


def test_a_body_that_is_too_large_is_left_out() -> None:
    exchange = Exchange(
        purpose=Purpose.PAGE,
        method="GET",
        url="http://127.0.0.1/recipients",
        status=200,
        page=1,
        body=b" " * (BODY_RECORDED_BYTES + 1),
    )
    entry = recorded(exchange)
    content = entry["response"]["content"]  # type: ignore[index]
    assert "text" not in content
    assert content["size"] == BODY_RECORDED_BYTES + 1
    assert entry["_broadcast"]["body_left_out"] is True  # type: ignore[index]
