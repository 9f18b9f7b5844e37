"""What follows on `broadcast send`: interrupts, kills, and what is done about the rest."""

import csv
import io
import json
import os
import re
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from broadcast_kit import COMMAND, Broadcast, Sink, contacts, some_rows, wait_for

from mockserver.line_api import Faults, LineConfig, LineServer

SECRET = "Sesame-4711-opens"
UNKNOWN = "U" + "0" * 31 + "5"  # the sixth of some_rows


@pytest.fixture
def line() -> Iterator[LineServer]:
    with LineServer() as server:
        yield server


@pytest.fixture
def broadcast(tmp_path: Path, line: LineServer) -> Broadcast:
    return Broadcast(tmp_path, line)


@pytest.fixture
def sink() -> Iterator[Sink]:
    """A webhook's other side."""
    server = Sink()
    yield server
    server.close()


def loaded(broadcast: Broadcast, count: int) -> str:
    return broadcast.load(contacts(broadcast.folder / "people.csv", some_rows(count)))


# Interrupts


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_one_interrupt_finishes_what_is_under_way(
    broadcast: Broadcast, sent: signal.Signals
) -> None:
    name = loaded(broadcast, 400)
    before = signal.signal(sent, signal.SIG_DFL)  # as where these tests do not run under nohup
    process = broadcast.start("send", name, "--via", "console", "--rate", "50", "--yes")
    signal.signal(sent, before)
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(3)]
    process.send_signal(sent)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Stopping after the running requests" in err
    assert f"broadcast resume {name}" in err
    one = broadcast.only()
    printed = len(lines) + out.count("\n")
    assert (one["state"], one["reason"]) == ("paused", "interrupted")
    assert one["counts"]["accepted"] == printed
    assert one["counts"]["ready"] == 400 - printed, "nothing is in doubt"
    rest = broadcast("resume", name, "--yes", code=0)
    assert rest.stdout.count("\n") == 400 - printed


def test_a_second_interrupt_stops_at_once(tmp_path: Path) -> None:
    with LineServer(LineConfig(faults=Faults(hang_before=1.0))) as line:
        broadcast = Broadcast(tmp_path, line)
        name = loaded(broadcast, 5)
        process = broadcast.start("send", name, "--via", "line", "--yes")
        wait_for(lambda: line.summary()["in_flight"] > 0, process=process)
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        assert "interrupt again to stop now" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)  # a call would hang for 30
        assert process.returncode == 130
        one = broadcast.only()
        assert one["state"] == "paused"
        assert one["counts"]["unknown"] > 0
        line.set_faults(Faults())
        broadcast("resume", name, "--yes", code=0)
        assert line.counts() == {uid: 1 for uid, _ in some_rows(5)}


def test_an_interrupt_at_the_question_sends_nothing(broadcast: Broadcast, line: LineServer) -> None:
    name = loaded(broadcast, 5)
    status, shown = broadcast.interrupted_at("[y/N]", "send", name, "--via", "line")
    assert status == 130
    assert "broadcast: interrupted." in shown
    assert line.effects() == {}
    assert broadcast.only()["state"] == "ready"


# Two processes, and kills


def test_a_second_process_is_refused_while_the_first_lives(broadcast: Broadcast) -> None:
    name = loaded(broadcast, 2000)
    process = broadcast.start("send", name, "--via", "console", "--rate", "20", "--yes")
    assert process.stdout is not None
    process.stdout.readline()
    second = broadcast("send", name, "--via", "console", "--yes", code=1)
    assert f"process {process.pid} on" in second.stderr
    assert f"broadcast pause {name}" in second.stderr
    paused = broadcast("pause", name, code=0)
    assert f"broadcast resume {name}" in paused.stdout
    process.communicate(timeout=60)
    assert process.returncode == 1
    assert broadcast.only()["state"] == "paused"


def test_a_killed_sender_is_followed_at_once_by_the_next(tmp_path: Path) -> None:
    with LineServer(LineConfig(faults=Faults(answer_lost=0.2, seed=3))) as line:
        broadcast = Broadcast(tmp_path, line)
        name = loaded(broadcast, 1500)
        process = broadcast.start("send", name, "--via", "line", "--rate", "500", "--yes")
        wait_for(lambda: line.summary()["effects"] > 50, process=process)
        process.kill()
        process.communicate()
        assert broadcast.only()["state"] == "sending"
        line.set_faults(Faults())
        broadcast("send", name, "--yes", code=0)
        assert line.counts() == {uid: 1 for uid, _ in some_rows(1500)}
        assert line.summary()["violations"] == 0


# What became of the rows


def test_the_refused_are_told_and_sent_once_more(tmp_path: Path) -> None:
    with LineServer(LineConfig(unknown=(UNKNOWN,))) as line:
        broadcast = Broadcast(tmp_path, line)
        name = loaded(broadcast, 20)
        done = broadcast("send", name, "--via", "line", "--yes", code=1)
        assert "Done: of 20 rows 19 accepted, 1 refused." in done.stdout
        assert f"broadcast report {name}" in done.stdout
        [row] = csv.DictReader(io.StringIO(broadcast("report", name, code=0).stdout))
        assert (row["uid"], row["row"], row["state"], row["attempts"]) == (
            UNKNOWN,
            "6",
            "refused",
            "1",
        )
        assert row["reason"]
        assert "msg" not in row
        assert row["reason"] in broadcast("status", name, code=0).stdout
        assert broadcast("retry", name, code=2).stderr.count("\n") == 1, "it asks"
        again = broadcast("retry", name, "--yes", code=1)
        assert "1 refused" in again.stdout
        assert line.counts() == {uid: 1 for uid, _ in some_rows(20) if uid != UNKNOWN}
    with LineServer() as healed:
        broadcast.environment |= {"BROADCAST_LINE_BASE_URL": healed.url}
        again = broadcast("retry", name, "--via", "line", "--yes", code=1)
        assert "It was begun with line at" in again.stderr


def test_retry_reaches_only_the_failed(broadcast: Broadcast, sink: Sink) -> None:
    sink.status = lambda number: 400 if number % 5 == 0 else 200
    name = loaded(broadcast, 10)
    broadcast("send", name, "--via", f"webhook:{sink.url}", "--yes", code=1)
    assert broadcast.only()["counts"]["refused"] == 2
    sink.status = lambda number: 200
    done = broadcast("retry", name, "--yes", code=0)
    assert "Done: of 10 rows 10 accepted." in done.stdout
    assert len(sink.received) == 12
    assert len({row["key"] for row in sink.received}) == 12, "a retry has a key of its own"
    nothing = broadcast("retry", name, "--yes", code=0)
    assert "No message was refused" in nothing.stdout


def test_the_held_are_sent_again_only_when_asked(broadcast: Broadcast, sink: Sink) -> None:
    sink.status = lambda number: 500
    name = loaded(broadcast, 3)
    done = broadcast("send", name, "--via", f"webhook:{sink.url}", "--yes", code=1)
    assert "3 held" in done.stdout
    assert f"broadcast retry {name} --held" in done.stdout
    sink.status = lambda number: 200
    refused = broadcast("retry", name, "--yes", code=1)
    assert "which may reach people twice" in refused.stdout
    assert len(sink.received) == 3
    status, shown = broadcast.on_terminal("y\n", "retry", name, "--held")
    assert "may get it twice" in shown
    assert (status, len(sink.received)) == (0, 6)


def test_a_channel_whose_address_is_a_secret_is_named_again(
    broadcast: Broadcast, sink: Sink
) -> None:
    via = f"webhook:{sink.url}?key=Sesame-4711-opens"
    name = loaded(broadcast, 10)
    broadcast("send", name, "--via", via, "--first", "2", "--yes", code=1)
    assert "give the channel again with --via" in broadcast("resume", name, "--yes", code=2).stderr
    broadcast("resume", name, "--via", via, "--yes", code=0)
    assert b"Sesame" not in broadcast.stored_bytes()


def test_headers_of_ones_own_go_with_each_request_and_nowhere_else(
    broadcast: Broadcast, sink: Sink
) -> None:
    name = loaded(broadcast, 6)
    broadcast.environment |= {"BROADCAST_WEBHOOK_HEADERS": "X-Tenant: seven", "HOOK": f"B {SECRET}"}
    header = ["--webhook-header", f"X-Api-Key: {SECRET}"]
    header += ["--webhook-header-env", "Authorization=HOOK"]
    via = ("--via", f"webhook:{sink.url}", "--yes")
    sink.status = lambda number: 400 if number == 2 else 200
    outputs = [
        broadcast("send", name, *via, *header, "--first", "2", code=1),
        broadcast("resume", name, "--yes", *header, code=1),
        broadcast("retry", name, "--yes", *header, code=0),
        broadcast("run", broadcast.folder / "people.csv", *via, *header, "--again", code=0),
        broadcast("status", "--json", code=0),
    ]
    assert len(sink.headers) == 13
    for sent in sink.headers:
        low = {key.lower(): value for key, value in sent.items()}
        assert (low["x-api-key"], low["authorization"]) == (SECRET, f"B {SECRET}")
        assert low["x-tenant"] == "seven"
    assert all(SECRET not in done.stdout + done.stderr for done in outputs)
    assert SECRET.encode() not in broadcast.stored_bytes()


@pytest.mark.parametrize(
    ("via", "more", "sentence"),
    [
        ("console", ("--webhook-header", "X-Api-Key: Sesame"), "Headers can be given with"),
        ("webhook:http://a.example", ("--webhook-header", "Sesame"), "has no colon"),
        ("webhook:http://a.example", ("--webhook-header", "X Y: Sesame"), "not a header name"),
        ("webhook:http://a.example", ("--webhook-header", "Idempotency-Key: Sesame"), "is set by"),
        ("webhook:http://a.example", ("--webhook-header-env", "Sesame"), "given as NAME=VAR"),
        ("webhook:http://a.example", ("--webhook-header-env", "X-Key=NOT_THERE"), "is not set"),
        (
            "webhook:http://a.example",
            ("--queue", "--webhook-header", "X-Key: Sesame"),
            "not passed on to workers",
        ),
    ],
)
def test_a_wrong_header_for_a_webhook_is_one_sentence(
    broadcast: Broadcast, via: str, more: tuple[str, ...], sentence: str
) -> None:
    name = loaded(broadcast, 1)
    refused = broadcast("send", name, "--via", via, "--yes", *more, code=2)
    assert sentence in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert "Sesame" not in refused.stderr


# Progress without a terminal


def test_without_a_terminal_changes_are_told_line_by_line(broadcast: Broadcast, sink: Sink) -> None:
    name = loaded(broadcast, 150)
    sink.status = lambda number: 429 if number >= 15 else 200  # so that it goes on until the pause
    via = f"webhook+idempotent:{sink.url}"
    process = broadcast.start("send", name, "--via", via, "--rate", "50", "--yes")
    assert process.stderr is not None
    lines = []
    while not (lines and lines[-1].startswith("broadcast: slowed down to ")):
        lines.append(process.stderr.readline())
        assert "of 150 accepted" in lines[-1]
    broadcast("pause", name, code=0)
    out, err = process.communicate(timeout=60)
    lines += err.splitlines()
    assert any(line.startswith("broadcast: paused: ") for line in lines)
    assert "\r" not in err
    assert "Paused: of 150 rows" in out
    assert not any(uid in line or msg in line for line in lines for uid, msg in some_rows(150))
    before = len(sink.received)
    sink.status = lambda number: 429 if before + 15 <= number <= before + 18 else 200
    quiet = broadcast("resume", name, "--yes", "--quiet", code=0)
    assert quiet.stderr == ""


# The report


def test_a_report_escapes_what_a_spreadsheet_or_browser_would_run(
    broadcast: Broadcast, sink: Sink
) -> None:
    sink.status = lambda number: 400
    rows = [("=1+1", "=cmd()"), ("@sum", "<script>alert(1)</script>"), ("+49", "-1")]
    name = broadcast.load(contacts(broadcast.folder / "people.csv", rows))
    broadcast("send", name, "--via", f"webhook:{sink.url}", "--yes", code=1)
    text = broadcast("report", name, "--show-data", code=0).stdout
    found = [(row["uid"], row["msg"]) for row in csv.DictReader(io.StringIO(text))]
    assert found == [("'=1+1", "'=cmd()"), ("'@sum", rows[1][1]), ("'+49", "'-1")]
    broadcast("report", name, "--format", "html", "--show-data", "-o", "out.html", code=0)
    page = (broadcast.folder / "out.html").read_text("utf-8")
    assert "&lt;script&gt;" in page
    assert "<script" not in page
    assert not re.search(r"""(?:src|href)\s*=""", page), "it needs nothing else"
    masked = broadcast("report", name, "--format", "html", code=0).stdout
    assert "cmd()" not in masked


def test_a_report_of_success_has_only_its_head(broadcast: Broadcast) -> None:
    name = loaded(broadcast, 3)
    broadcast("send", name, "--via", "console", "--yes", code=0)
    assert broadcast("report", name, code=0).stdout.count("\n") == 1
    page = broadcast("report", name, "--format", "html", code=0).stdout
    assert "Every row was accepted." in page


def test_a_report_that_cannot_be_written_is_a_wrong_command(broadcast: Broadcast) -> None:
    name = loaded(broadcast, 3)
    done = broadcast("report", name, "-o", "no/such/folder.csv", code=2)
    assert done.stderr.count("\n") == 1
    assert "cannot be written" in done.stderr
    assert "invalid choice" in broadcast("report", name, "--format", "pdf", code=2).stderr


# The end


def test_a_cancelled_broadcast_is_never_sent(broadcast: Broadcast, line: LineServer) -> None:
    name = loaded(broadcast, 10)
    broadcast("send", name, "--via", "line", "--first", "2", "--yes", code=1)
    assert "is cancelled" in broadcast("cancel", name, code=0).stdout
    for command in (["send", "--via", "line", "--yes"], ["resume", "--yes"], ["retry", "--yes"]):
        assert "was cancelled" in broadcast(command[0], name, *command[1:], code=1).stderr
    assert "cancelled" in broadcast("cancel", name, code=1).stderr
    assert len(line.effects()) == 2
    rows = list(csv.DictReader(io.StringIO(broadcast("report", name, code=0).stdout)))
    assert [row["state"] for row in rows] == ["ready"] * 8


def test_what_a_cancelled_broadcast_left_can_be_sent_from_its_report(
    broadcast: Broadcast, line: LineServer
) -> None:
    name = loaded(broadcast, 10)
    broadcast("send", name, "--via", "line", "--first", "2", "--yes", code=1)
    broadcast("cancel", name, code=0)
    told = broadcast("retry", name, "--held", "--yes", code=1).stderr
    assert "some of the 8 rows that were not accepted" in told
    (command,) = re.findall(r"broadcast (report \S+ --show-data -o \S+),", told)
    broadcast(*command.split(), code=0)
    broadcast("run", "people.csv", "--via", "line", "--yes", "--no-config", code=0)
    assert line.counts() == {uid: 1 for uid, _ in some_rows(10)}


@pytest.fixture(params=["sqlite", "postgresql"])
def anywhere(broadcast: Broadcast, request: pytest.FixtureRequest) -> Iterator[Broadcast]:
    """The command with each kind of store."""
    if request.param == "sqlite":
        yield broadcast
        return
    url: str = request.getfixturevalue("postgresql_url")
    plain = url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute("CREATE DATABASE anywhere")
        broadcast.environment["BROADCAST_STORE"] = url.replace("/postgres?", "/anywhere?")
        yield broadcast
        connection.execute("DROP DATABASE anywhere WITH (FORCE)")


@pytest.mark.parametrize(("idempotent", "killed"), [(True, "before"), (False, "after")])
def test_what_a_killed_sender_left_of_a_cancelled_broadcast_is_held(
    anywhere: Broadcast, sink: Sink, idempotent: bool, killed: str
) -> None:
    answered = threading.Event()
    sink.status = lambda number: 200 if number <= 20 or answered.wait(100) else 500
    via = f"webhook{'+idempotent' if idempotent else ''}:{sink.url}"
    name = loaded(anywhere, 100)
    patient = ("--timeout", "110")  # on a busy machine, too, the calls are under way until the kill
    process = anywhere.start("send", name, "--via", via, "--rate", "500", "--yes", *patient)
    wait_for(lambda: len(sink.received) > 30, process=process)
    wait_for(lambda: anywhere.only()["counts"]["accepted"] == 20, process=process)
    if killed == "before":
        process.kill()
        process.communicate()
    told = anywhere("cancel", name, code=0)
    if killed == "after":
        process.kill()
        process.communicate()
    answered.set()
    one = anywhere.only()
    assert (one["state"], one["counts"]["sending"], one["counts"]["unknown"]) == ("cancelled", 0, 0)
    assert one["counts"]["accepted"] == 20
    assert one["counts"]["held"] >= 11, "all that was called, at least"
    assert sum(one["counts"].values()) == one["rows"] == 100
    if killed == "before":
        assert f"{one['counts']['held']} held" in told.stdout
    reported = csv.DictReader(io.StringIO(anywhere("report", name, code=0).stdout))
    held = [row for row in reported if row["state"] == "held"]
    assert len(held) == one["counts"]["held"]
    assert all("it may or may not have arrived" in row["reason"] for row in held)
    assert "was cancelled" in anywhere("retry", name, "--held", "--yes", code=1).stderr


def test_what_is_forgotten_is_gone_and_its_sums_stay(broadcast: Broadcast) -> None:
    name = loaded(broadcast, 50)
    broadcast("send", name, "--via", "file:out.jsonl", "--yes", code=0)
    assert b"Hello, number 49" in broadcast.stored_bytes()
    assert broadcast("forget", name, code=2).stderr.count("\n") == 1
    broadcast("forget", name, "--yes", code=0)
    assert b"Hello, number" not in broadcast.stored_bytes()
    one = broadcast.only()
    assert (one["rows"], one["counts"]["accepted"]) == (50, 50)
    assert one["forgotten_at"] is not None
    assert "erased with broadcast forget" in broadcast("report", name, code=1).stderr
    assert "(forgotten)" in broadcast("list", code=0).stdout
    again = broadcast("send", name, code=0)
    assert "50 accepted" in again.stdout


@pytest.mark.parametrize("command", ["pause", "resume", "retry"])
def test_what_is_not_possible_now_is_one_sentence(broadcast: Broadcast, command: str) -> None:
    name = loaded(broadcast, 5)
    more = ["--via", "console", "--yes"] if command == "resume" else []
    done = broadcast(command, name, *more)
    if command == "resume":
        assert done.returncode == 0, "what is ready may be begun so, too"
    else:
        assert (done.returncode, done.stderr.count("\n")) == (1, 1)


def test_at_least_once_is_remembered(broadcast: Broadcast, sink: Sink) -> None:
    sink.status = lambda number: 500 if number == 1 else 200
    name = loaded(broadcast, 10)
    broadcast(
        "send",
        name,
        "--via",
        f"webhook:{sink.url}",
        "--at-least-once",
        "--first",
        "1",
        "--yes",
        code=1,
    )
    assert broadcast.only()["counts"]["accepted"] == 1, "it was repeated"
    done = broadcast("resume", name, "--yes", "--json", code=0)
    assert json.loads(done.stdout)["at_least_once"] is True


def test_a_store_in_a_read_only_place_is_one_sentence(broadcast: Broadcast) -> None:
    done = broadcast("list", "--store", "sqlite:////proc/no/store.sqlite", code=3)
    assert done.stderr.count("\n") == 1
    assert os.fspath(broadcast.store) not in done.stderr


def test_an_interrupted_run_goes_on_with_the_same_command(broadcast: Broadcast) -> None:
    file = contacts(broadcast.folder / "people.csv", some_rows(300))
    command = ("run", file, "--via", "console", "--rate", "50", "--yes")
    process = broadcast.start(*command)
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(3)]
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    printed = "".join(lines) + out
    done = broadcast("run", file, "--via", "console", "--yes", code=0)
    assert f"Continuing broadcast {broadcast.only()['id']}" in done.stderr
    assert (printed + done.stdout).splitlines() == [f"{uid}  {msg}" for uid, msg in some_rows(300)]


def test_what_a_person_paused_is_not_run_past(broadcast: Broadcast, line: LineServer) -> None:
    file = contacts(broadcast.folder / "people.csv", some_rows(20))
    command = ("run", file, "--via", "line", "--yes")
    broadcast(*command, "--first", "5", code=1)
    refused = broadcast(*command, code=1)
    name = broadcast.only()["id"]
    assert f"broadcast resume {name}" in refused.stderr
    assert len(line.effects()) == 5
    broadcast("resume", name, "--yes", code=0)
    broadcast(*command, "--again", code=0)
    assert len(broadcast.status()) == 2, "what is done is loaded and sent anew"
    assert set(line.counts().values()) == {2}


def test_a_canarys_failures_are_retried_alone(tmp_path: Path) -> None:
    with LineServer(LineConfig(unknown=(UNKNOWN,))) as line:
        broadcast = Broadcast(tmp_path, line)
        name = loaded(broadcast, 20)
        broadcast("send", name, "--via", "line", "--first", "10", "--yes", code=1)
        broadcast("retry", name, "--yes", code=1)
        assert len(line.effects()) == 9
        one = broadcast.only()
        assert (one["state"], one["counts"]["ready"], one["counts"]["refused"]) == ("paused", 10, 1)


def test_retry_waits_for_what_was_never_sent(broadcast: Broadcast, sink: Sink) -> None:
    sink.status = lambda number: 400 if number == 1 else 401  # refused, then a pause
    name = loaded(broadcast, 300)
    broadcast("send", name, "--via", f"webhook:{sink.url}", "--rate", "5", "--yes", code=1)
    assert broadcast.only()["counts"]["refused"] == 1
    done = broadcast("retry", name, "--yes", code=1)
    assert f"broadcast resume {name}" in done.stderr
    assert broadcast.only()["counts"]["refused"] == 1


def test_closed_streams_are_survived(broadcast: Broadcast) -> None:
    name = loaded(broadcast, 3)
    done = subprocess.run(
        ["sh", "-c", f"'{COMMAND}' send {name} --via file:out.jsonl --yes >&- 2>&-"],
        cwd=broadcast.folder,
        env=broadcast.environment,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0
    assert (broadcast.folder / "out.jsonl").read_text().count("\n") == 3


def test_a_secret_of_the_settings_file_is_not_stored(broadcast: Broadcast, sink: Sink) -> None:
    address = sink.url + "?cid=${CUSTOMER_WORD}"
    (broadcast.folder / "broadcast-check.toml").write_text(
        f'[endpoints.orders]\nurl = "{address}"\n'
    )
    word = "Sesame-4711-opens"
    done = broadcast("load", "orders", CUSTOMER_WORD=word, code=1)
    assert word not in done.stdout + done.stderr + broadcast("status", "--json", code=0).stdout
    assert word.encode() not in broadcast.stored_bytes()
