"""`broadcast` as processes, against the mock and the stand-in for LINE."""

import csv
import io
import json
import re
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
from answering import Answer, Asked, Server
from broadcast_kit import Broadcast, contacts, some_rows, wait_for

from broadcaster import exits
from broadcaster.cli import main
from mockserver import MockConfig, MockServer
from mockserver.line_api import LineConfig, LineServer
from mockserver.recipients.data import GeneratedRows
from schemas import read

READY = "All of your data is done and ready to be processed."
SECRET = "Sesame-4711-opens"
STATUS = jsonschema.Draft202012Validator(
    read("status"), format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
)


@pytest.fixture(scope="module")
def mock() -> Iterator[MockServer]:
    with MockServer(MockConfig(rows=GeneratedRows(1200))) as server:
        yield server


@pytest.fixture
def line() -> Iterator[LineServer]:
    with LineServer() as server:
        yield server


def test_on_windows_it_says_where_it_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    assert main(["list"]) == exits.USAGE
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert "WSL" in said.err


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


@pytest.fixture
def broadcast(tmp_path: Path, line: LineServer) -> Broadcast:
    return Broadcast(tmp_path, line)


def rows_of(mock: MockServer) -> dict[str, list[str]]:
    """What each person is to get."""
    found: dict[str, list[str]] = {}
    for row in GeneratedRows(1200).read(None, 1200).rows:
        found.setdefault(row["uid"], []).append(row["msg"])
    return found


# Loading


def test_a_right_endpoint_is_done_and_ready(broadcast: Broadcast, mock: MockServer) -> None:
    done = broadcast("load", mock.endpoint, "--no-config", code=0)
    assert done.stdout.startswith(READY)
    assert "1,200 rows on 12 pages for " in done.stdout
    assert re.search(r"longest message: \d+ UTF-16 code units", done.stdout)
    one = broadcast.only()
    assert (one["state"], one["rows"], one["counts"]["ready"]) == ("ready", 1200, 1200)
    assert f"Next: broadcast send {one['id']} --via CHANNEL" in done.stdout


def test_with_the_channel_duration_and_quota_are_told(
    broadcast: Broadcast, mock: MockServer
) -> None:
    done = broadcast("load", mock.endpoint, "--no-config", "--via", "line", code=0)
    assert re.search(r"longest message: \d+ of 5,000 UTF-16 code units", done.stdout)
    assert "expected duration: about 3 s, at up to 2,000 messages a second" in done.stdout
    assert "quota: no limit" in done.stdout
    assert broadcast.only()["channel"] == "line"


def test_a_wrong_endpoint_blocks_and_says_what_to_change(
    broadcast: Broadcast, mock: MockServer
) -> None:
    done = broadcast("load", mock.fault_endpoint("PAGE005"), "--no-config", code=1)
    assert done.stdout.startswith("FAIL")
    assert "PAGE005" in done.stdout
    assert "Fix:" in done.stdout
    one = broadcast.only()
    assert one["state"] == "blocked"
    assert f"Broadcast {one['id']} is blocked: PAGE005" in done.stdout
    refused = broadcast("send", one["id"], "--via", "console", "--yes", code=1)
    assert refused.stdout == ""
    assert "It cannot be sent." in refused.stderr


def test_what_the_settings_file_ignores_still_blocks(
    broadcast: Broadcast, mock: MockServer
) -> None:
    (broadcast.folder / "broadcast-check.toml").write_text(
        f'ignore = ["NEXT006"]\n[endpoints.orders]\nurl = "{mock.fault_endpoint("NEXT006")}"\n'
    )
    done = broadcast("load", "orders", code=1)
    assert "NEXT006" in done.stdout


def test_warnings_are_shown_and_recorded(broadcast: Broadcast, mock: MockServer) -> None:
    done = broadcast("load", mock.fault_endpoint("ROW015"), "--no-config", code=0)
    assert "WARNING  ROW015  mojibake" in done.stdout
    assert [one["rule"] for one in broadcast.only()["warnings"]] == ["ROW015"]


def test_an_interrupted_load_goes_on_where_it_was(broadcast: Broadcast, server: Server) -> None:
    stuck = True

    def answer(asked: Asked) -> Answer:
        page = int(asked.token or "1")
        if page == 4 and stuck:
            process.send_signal(signal.SIGINT)
            process.wait(30)
        rows = [{"uid": f"U{page}", "msg": f"Hello {page}"}]
        body = json.dumps({"list": rows, "next": "" if page == 6 else str(page + 1)})
        return Answer(body.encode())

    server.answer = answer
    process = broadcast.start("load", server.url, "--no-config", "--no-probes")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    pages = broadcast.only()["pages"]
    assert f"interrupted after {pages} pages; run the same command again to resume." in err
    stuck = False
    server.asked.clear()
    done = broadcast("load", server.url, "--no-config", "--no-probes", code=0)
    assert f"Resuming after page {pages}" in done.stderr
    asked = {int(asked.token or "1") for asked in server.asked}
    assert asked == set(range(pages, 7)), "the last page is compared, the others are asked for"
    one = broadcast.only()
    assert (one["state"], one["rows"], one["pages"]) == ("ready", 6, 6)


def test_a_killed_load_goes_on_where_it_was(broadcast: Broadcast, server: Server) -> None:
    stuck = True

    def answer(asked: Asked) -> Answer:
        page = int(asked.token or "1")
        if page == 3 and stuck:
            process.kill()
            process.wait(30)
        rows = [{"uid": f"U{page}", "msg": f"Hello {page}"}]
        body = json.dumps({"list": rows, "next": "" if page == 5 else str(page + 1)})
        return Answer(body.encode())

    server.answer = answer
    process = broadcast.start("load", server.url, "--no-config", "--no-probes")
    process.communicate(timeout=60)
    assert broadcast.only()["state"] == "loading"
    stuck = False
    done = broadcast("load", server.url, "--no-config", "--no-probes", code=0)
    assert "Resuming after page " in done.stderr
    assert broadcast.only()["rows"] == 5


def test_a_second_loader_is_refused_and_says_nothing_else(
    broadcast: Broadcast, server: Server
) -> None:
    stuck, goes_on = threading.Event(), threading.Event()

    def answer(asked: Asked) -> Answer:
        page = int(asked.token or "1")
        if page == 3:
            stuck.set()
            goes_on.wait(60)
        rows = [{"uid": f"U{page}", "msg": f"Hello {page}"}]
        body = json.dumps({"list": rows, "next": "" if page == 4 else str(page + 1)})
        return Answer(body.encode())

    server.answer = answer
    command = ("load", server.url, "--no-config", "--no-probes")
    process = broadcast.start(*command)
    assert stuck.wait(60)
    wait_for(lambda: broadcast.only()["pages"] > 0, process=process)
    second = broadcast(*command, code=1)
    goes_on.set()
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert second.stdout == ""
    assert second.stderr.count("\n") == 1
    assert "is being loaded by another process" in second.stderr
    assert broadcast.only()["rows"] == 4


def test_a_file_is_loaded_as_an_endpoint_is(broadcast: Broadcast) -> None:
    file = contacts(broadcast.folder / "people.csv", some_rows(1100))
    done = broadcast("load", "people.csv", "--channel", "line", code=0)
    assert f"from {file}" in done.stdout
    assert broadcast.only()["source"] == "file"
    wrong = contacts(broadcast.folder / "wrong.csv", [("not an id", "Hello")])
    assert "ROW008" in broadcast("load", wrong, "--channel", "line", code=1).stdout


def test_another_file_of_the_same_name_is_another_load(broadcast: Broadcast) -> None:
    for folder in ("one", "two"):
        (broadcast.folder / folder).mkdir()
        contacts(broadcast.folder / folder / "people.csv", some_rows(3))
        broadcast("load", f"{folder}/people.csv", code=0)
    assert len(broadcast.status()) == 2


def test_an_empty_endpoint_is_ready_and_has_nothing_to_send(broadcast: Broadcast) -> None:
    file = contacts(broadcast.folder / "nobody.csv", [])
    done = broadcast("load", file, code=0)
    assert "It has no rows to send." in done.stdout
    one = broadcast.only()
    sent = broadcast("send", one["id"], "--via", "file:out.jsonl", code=0)
    assert "Done: of 0 rows 0 accepted." in sent.stdout


# Sending


def test_a_run_reaches_everybody_once(
    broadcast: Broadcast, mock: MockServer, line: LineServer
) -> None:
    done = broadcast("run", mock.endpoint, "--no-config", "--via", "line", "--yes", code=0)
    assert "Done: of 1,200 rows 1,200 accepted." in done.stdout
    assert line.effects() == rows_of(mock)
    assert line.summary()["violations"] == 0
    one = broadcast.only()
    assert (one["state"], one["counts"]["accepted"]) == ("done", 1200)
    again = broadcast("send", one["id"], code=0)
    assert "Done: of 1,200 rows 1,200 accepted." in again.stdout
    assert line.effects() == rows_of(mock), "a second run sends nothing"


def test_a_canary_then_the_others(broadcast: Broadcast, line: LineServer) -> None:
    name = broadcast.load(contacts(broadcast.folder / "people.csv", some_rows(700)))
    done = broadcast("send", name, "--via", "line", "--first", "10", "--yes", code=1)
    assert "Paused: of 700 rows 10 accepted, 690 ready." in done.stdout
    assert len(line.effects()) == 10
    assert set(line.effects()) == {uid for uid, _ in some_rows(10)}
    broadcast("resume", name, "--yes", code=0)
    assert line.counts() == {uid: 1 for uid, _ in some_rows(700)}


def test_rows_of_one_text_go_as_multicast(broadcast: Broadcast, line: LineServer) -> None:
    rows = [(uid, "Hello") for uid, _ in some_rows(600)]
    name = broadcast.load(contacts(broadcast.folder / "people.csv", rows))
    broadcast("send", name, "--via", "line", "--multicast", "--first", "5", "--yes", code=1)
    broadcast("resume", name, "--yes", code=0)
    assert line.counts() == {uid: 1 for uid, _ in rows}
    assert broadcast.only()["via"].endswith("as multicast")


def test_a_malformed_uid_takes_nobody_else_with_it(broadcast: Broadcast, line: LineServer) -> None:
    rows = [(uid, "Hello") for uid, _ in some_rows(20)]
    wrong = ["somebody", "u" + rows[0][0][1:], rows[0][0] + "0", rows[3][0].replace("3", "G")]
    mixed = [*rows[:7], *((uid, "Hello") for uid in wrong), *rows[7:]]
    name = broadcast.load(contacts(broadcast.folder / "people.csv", mixed))
    told = broadcast("send", name, "--via", "line", "--multicast", "--dry-run", code=0)
    assert "5 requests prepared for 24 rows" in told.stdout
    done = broadcast("send", name, "--via", "line", "--multicast", "--yes", code=1)
    assert "20 accepted, 4 refused" in done.stdout
    assert line.counts() == {uid: 1 for uid, _ in rows}
    report = csv.DictReader(io.StringIO(broadcast("report", name, code=0).stdout))
    assert {row["uid"] for row in report} == set(wrong)


def test_a_dry_run_changes_nothing(broadcast: Broadcast, line: LineServer) -> None:
    name = broadcast.load(contacts(broadcast.folder / "people.csv", some_rows(700)))
    before = broadcast.only()
    done = broadcast("send", name, "--via", "line", "--dry-run", code=0)
    assert "700 requests prepared for 700 rows" in done.stdout
    assert "nothing was sent" in done.stdout
    assert line.effects() == {}
    assert broadcast.only() == before


def test_only_sending_makes_or_mends_the_file_of_a_channel(broadcast: Broadcast) -> None:
    via, file = ("--via", "file:out.jsonl"), broadcast.folder / "out.jsonl"
    people = contacts(broadcast.folder / "people.csv", some_rows(3))
    name = broadcast.load(people, *via)
    broadcast("send", name, *via, "--dry-run", code=0)
    broadcast("run", people, *via, "--dry-run", code=0)
    broadcast("send", name, *via, code=2)  # there is no terminal to ask at
    assert broadcast.on_terminal("n\n", "send", name, *via)[0] == 1
    assert not file.exists()
    assert list(broadcast.folder.glob("out*")) == []
    torn = b'{"key":"torn'
    file.write_bytes(torn)
    broadcast("send", name, *via, "--dry-run", code=0)
    assert file.read_bytes() == torn
    for wrong in ("file:no/such/folder.jsonl", "file:people.csv", "file:/"):
        refused = broadcast("send", name, "--via", wrong, "--dry-run", code=2)
        assert refused.stderr.count("\n") == 1, "it is told before anything is sent"
    broadcast("send", name, *via, "--yes", code=0)
    assert file.read_bytes().count(b"\n") == 3


def test_a_second_channel_is_refused(broadcast: Broadcast, line: LineServer) -> None:
    name = broadcast.load(contacts(broadcast.folder / "people.csv", some_rows(20)))
    broadcast("send", name, "--via", "line", "--first", "5", "--yes", code=1)
    done = broadcast("send", name, "--via", "console", "--yes", code=1)
    assert "It was begun with line" in done.stderr


def test_too_little_quota_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    from mockserver.line_api import Limits

    with LineServer(LineConfig(limits=Limits(monthly=10))) as line:
        broadcast = Broadcast(tmp_path, line)
        name = broadcast.load(contacts(tmp_path / "people.csv", some_rows(20)))
        done = broadcast("send", name, "--via", "line", "--yes", code=1)
        assert "has 10 left, and 20 messages are to be sent" in done.stderr
        assert line.effects() == {}
        assert broadcast.only()["state"] == "ready"
        over = broadcast("send", name, "--via", "line", "--yes", "--over-quota", code=1)
        assert len(line.effects()) == 10
        assert broadcast.only()["state"] == "paused"
        assert "10 accepted" in over.stdout


def test_a_store_on_postgresql_does_the_same(
    broadcast: Broadcast, line: LineServer, postgresql_url: str
) -> None:
    broadcast.environment["BROADCAST_STORE"] = postgresql_url
    name = broadcast.load(contacts(broadcast.folder / "people.csv", some_rows(1100)))
    broadcast("send", name, "--via", "line", "--first", "10", "--yes", code=1)
    done = broadcast("resume", name, "--yes", code=0)
    assert "Done: of 1,100 rows 1,100 accepted." in done.stdout
    assert line.counts() == {uid: 1 for uid, _ in some_rows(1100)}
    broadcast("forget", name, "--yes", code=0)
    assert broadcast.only()["counts"]["accepted"] == 1100


# Asking


def test_without_a_terminal_it_needs_a_yes(broadcast: Broadcast, line: LineServer) -> None:
    name = broadcast.load(contacts(broadcast.folder / "people.csv", some_rows(3)))
    done = broadcast("send", name, "--via", "line", code=2)
    assert done.stderr.splitlines()[-1] == (
        "broadcast: There is no terminal to ask on: give --yes to continue without a question."
    )
    assert line.effects() == {}


@pytest.mark.parametrize(
    ("answer", "code", "reached"), [("y\n", 0, 3), ("n\n", 1, 0), ("\n", 1, 0)]
)
def test_at_a_terminal_it_asks(
    broadcast: Broadcast, line: LineServer, answer: str, code: int, reached: int
) -> None:
    name = broadcast.load(contacts(broadcast.folder / "people.csv", some_rows(3)))
    status, shown = broadcast.on_terminal(answer, "send", name, "--via", "line")
    assert "Send 3 messages by line" in shown
    assert "[y/N]" in shown
    assert (status, len(line.effects())) == (code, reached)
    if reached:
        assert "3 of 3 accepted" in shown, "the progress line"


# Looking


def test_the_status_keeps_its_schema(broadcast: Broadcast, mock: MockServer) -> None:
    assert broadcast.status() == []
    done = broadcast("load", mock.endpoint, "--no-config", "--json", code=0)
    loaded = json.loads(done.stdout)
    STATUS.validate(loaded)
    assert loaded["check"]["verdict"] == "pass"
    STATUS.validate(broadcast.status(loaded["id"]))
    sent = broadcast("send", loaded["id"][:5], "--via", "file:o.jsonl", "--yes", "--json", code=0)
    STATUS.validate(json.loads(sent.stdout))
    broadcast("load", mock.fault_endpoint("JSON001"), "--no-config", code=1)
    STATUS.validate(broadcast.status())
    assert [one["state"] for one in broadcast.status()] == ["blocked", "done"]


def test_the_list_has_a_line_each(broadcast: Broadcast, mock: MockServer) -> None:
    empty = broadcast("list", code=0).stdout
    assert empty == "There are no broadcasts yet. Start with: broadcast load URL\n"
    name = broadcast.load(mock.endpoint)
    heads, line = broadcast("list", code=0).stdout.splitlines()
    assert heads.split() == [
        "ID",
        "STATE",
        "ROWS",
        "ACCEPTED",
        "REFUSED",
        "HELD",
        "CREATED",
        "FROM",
    ]
    assert line.split()[:6] == [name, "ready", "1,200", "0", "0", "0"]
    assert line.endswith(mock.endpoint)
    assert broadcast("status", code=0).stdout == broadcast("list", code=0).stdout


# Wrong commands


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "Give a command"),
        (("laod",), "Did you mean: broadcast load?"),
        (("https://example.com/recipients",), "broadcast load URL"),
        (("load",), "see broadcast load --help"),
        (("load", "http://user:word@localhost/"), "contains credentials"),
        (("load", "nothing.csv"), "cannot be read"),
        (("load", "no-such-name", "--no-config"), "no-such-name"),
        (("load", "http://127.0.0.1:1/", "--via", "pigeon"), "Unknown channel"),
        (("load", "http://127.0.0.1:1/", "--multicast"), "--multicast needs --via line"),
        (("send", "abc"), "There is no broadcast 'abc'"),
        (("send", ""), "There is no broadcast"),
        (("send", "abc", "--frist", "3"), "Unknown option --frist"),
        (("send", "abc", "--first", "x"), "invalid int value"),
        (("run", "http://127.0.0.1:1/"), "--via"),
        (("run", "http://127.0.0.1:1/", "--via", "line", "--rate", "5000"), "at most 2,000"),
        (
            ("run", "http://127.0.0.1:1/", "--via", "line", "--rate", "nan"),
            "at least 1 call an hour",
        ),
        (
            ("run", "http://127.0.0.1:1/", "--via", "line", "--first", "0"),
            "--first must be 1 or more",
        ),
        (("status", "--store", "mysql://x/y"), "The store cannot be a 'mysql'"),
    ],
)
def test_a_wrong_command_is_one_sentence(
    broadcast: Broadcast, arguments: tuple[str, ...], sentence: str
) -> None:
    done = broadcast(*arguments, code=2)
    assert sentence in done.stderr
    assert done.stderr.startswith("broadcast: ")
    assert done.stderr.count("\n") == 1


def test_without_a_token_nothing_is_loaded(broadcast: Broadcast, mock: MockServer) -> None:
    done = broadcast(
        "run",
        mock.endpoint,
        "--no-config",
        "--via",
        "line",
        "--yes",
        code=2,
        BROADCAST_LINE_TOKEN="",
    )
    assert "BROADCAST_LINE_TOKEN" in done.stderr
    assert broadcast.status() == []


def test_a_store_of_no_use_is_one_sentence(broadcast: Broadcast) -> None:
    broadcast.store.write_bytes(b"this is no database, and it is long enough to be looked at" * 50)
    done = broadcast("list", code=3)
    assert "is damaged" in done.stderr
    assert done.stderr.count("\n") == 1


# Secrets


def test_secrets_are_in_no_output_and_not_in_the_store(tmp_path: Path) -> None:
    config = MockConfig(rows=GeneratedRows(300), required_headers={"X-Api-Key": SECRET})
    with MockServer(config) as mock, LineServer(LineConfig(token=f"line-{SECRET}")) as line:
        broadcast = Broadcast(tmp_path, line)
        header = ("--no-config", "-H", f"X-Api-Key: {SECRET}")
        outputs = [
            broadcast("run", mock.endpoint, *header, "--via", "line", "--yes", code=0),
            broadcast("load", mock.fault_endpoint("PAGE004"), *header, code=1),
            broadcast("load", mock.endpoint + f"?api_key={SECRET}", *header, code=0),
            broadcast("status"),
            broadcast("status", "--json"),
        ]
        assert all(SECRET not in done.stdout + done.stderr for done in outputs)
        assert b"Sesame" not in broadcast.stored_bytes()


def test_a_wrong_command_repeats_no_secret(broadcast: Broadcast) -> None:
    for arguments in (
        (SECRET,),
        ("load", "http://localhost/", SECRET),
        ("send", "abc", "--via", SECRET),
        ("load", "http://localhost/", "-H", f"X Api: {SECRET}"),
        ("list", SECRET),
        ("load", "http://localhost/", "--via", f"webhook:ftp://{SECRET}@x"),
    ):
        done = broadcast(*arguments, code=2)
        assert SECRET not in done.stdout + done.stderr


# Terminals and pipes


def test_a_terminal_without_unicode_is_survived(broadcast: Broadcast) -> None:
    file = contacts(broadcast.folder / "people.csv", [("Uä", "Grüße 🙏")])
    environment = {"PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    done = broadcast("run", file, "--via", "console", "--yes", code=0, **environment)
    assert "U\\xe4" in done.stdout
    assert "Done: of 1 row 1 accepted." in done.stderr


def test_a_reader_that_goes_away_is_no_crash(broadcast: Broadcast) -> None:
    name = broadcast.load(contacts(broadcast.folder / "people.csv", some_rows(2000)))
    process = broadcast.start("send", name, "--via", "console", "--yes")
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr is not None
    err = process.stderr.read()
    assert process.wait(60) == 1
    process.stderr.close()
    assert "Traceback" not in err
    assert broadcast.only()["state"] == "paused"


def test_version_help_and_completion(broadcast: Broadcast) -> None:
    assert re.fullmatch(r"broadcast \d+\.\d+\.\d+\n", broadcast("--version", code=0).stdout)
    assert "channels (--via):" in broadcast("send", "--help", code=0).stdout
    assert "retry" in broadcast("--print-completion", "bash", code=0).stdout


def test_the_window_serves_until_it_is_interrupted(broadcast: Broadcast) -> None:
    process = broadcast.start("serve", "--port", "0")
    assert process.stderr is not None
    assert process.stdout is not None
    assert "http://127.0.0.1:" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 0


def test_words_and_messages_do_not_share_the_standard_output(broadcast: Broadcast) -> None:
    file = contacts(broadcast.folder / "people.csv", some_rows(3))
    done = broadcast("run", file, "--via", "console", "--yes", code=0)
    assert done.stdout == "".join(f"{uid}  {msg}\n" for uid, msg in some_rows(3))
    assert READY in done.stderr
    both = broadcast("run", file, "--via", "console", "--yes", "--json", code=2)
    assert "both write to standard output" in both.stderr
    plain = broadcast("run", file, "--via", "file:o.jsonl", "--yes", "--json", code=0)
    STATUS.validate(json.loads(plain.stdout))


def test_a_file_that_is_no_utf8_is_a_wrong_command(broadcast: Broadcast) -> None:
    good = "".join(f"U{number},Hello\n" for number in range(2000))
    (broadcast.folder / "people.csv").write_bytes(b"uid,msg\n" + good.encode() + b"U9,\xff\n")
    done = broadcast("load", "people.csv", code=2)
    assert "is not UTF-8" in done.stderr
    assert broadcast.status() == []


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["50"], 0, "at most 50 requests a second from now on"),
        (["none"], 0, "at the limit of the channel from now on"),
        (["0"], 2, "at least 1 call an hour"),
        (["fast"], 2, "must be a number of requests a second, or none"),
    ],
)
def test_the_rate_is_changed_by_a_command(
    broadcast: Broadcast, arguments: list[str], code: int, sentence: str
) -> None:
    name = broadcast.load(contacts(broadcast.folder / "people.csv", some_rows(5)))
    broadcast("send", name, "--via", "console", "--first", "2", "--yes", code=1)
    done = broadcast("rate", name, *arguments, code=code)
    assert sentence in done.stdout + done.stderr
    if not code:
        expected = None if arguments == ["none"] else 50.0
        assert broadcast.only()["rate"] == expected
