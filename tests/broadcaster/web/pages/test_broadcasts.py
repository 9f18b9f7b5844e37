"""Broadcasts as a browser without a script sees them, beside the mock and a stand-in for LINE."""

import io
import re
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from answering import Answer, Asked, Server
from window_kit import CSV, LONGEST_SECONDS, UIDS, ended, figures, load_file, loaded, sent

from broadcaster.model import BroadcastState, DeliveryState, StopCause
from mockserver import MockServer
from mockserver.line_api import Faults, Limits, LineConfig, LineServer

SECRET = "Bearer Zq8-broadcast-secret-71"


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Iterator[LineServer]:
    """The stand-in for LINE, to which windows that are opened now send."""
    with LineServer() as running:
        monkeypatch.setenv("BROADCAST_LINE_BASE_URL", running.url)
        monkeypatch.setenv("BROADCAST_LINE_TOKEN", running.token)
        yield running


@pytest.fixture
def sender(line: LineServer, open_window: Any) -> Any:
    """In front of a window that sends to the stand-in."""
    return open_window()


def load(visitor: Any, url: str = "", **fields: Any) -> str:
    """Begin a load; gives the broadcast's id."""
    via = visitor.queues.sends.channels[0]
    answer = visitor.post("/broadcasts", {"source": "api", "url": url, "via": via, **fields})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"].rpartition("/")[2])


def test_an_endpoint_is_broadcast_to_the_end(
    sender: Any, mock: MockServer, line: LineServer
) -> None:
    name = load(sender, mock.endpoint)
    page = loaded(sender, name)
    assert "All of your data is done and ready to be processed." in page
    assert "Send 1,000 messages" in page
    assert page.count("<blockquote") == 3
    page = sent(sender, name)
    assert "The broadcast is done" in page
    assert figures(page)["accepted"] == "1,000"
    assert "<rect" in page
    assert sum(line.counts().values()) == 1000
    assert set(line.counts().values()) == {1}


def test_a_file_is_broadcast_to_the_end(sender: Any, line: LineServer) -> None:
    name = load_file(sender, CSV)
    assert "contacts.csv" in loaded(sender, name)
    sent(sender, name)
    assert line.effects() == {uid: [f"hello {n}"] for n, uid in enumerate(UIDS)}


def test_a_load_that_ends_while_its_page_is_made_is_not_called_interrupted(
    sender: Any, slow_server: Server
) -> None:
    go_on, loads = threading.Event(), sender.queues.loads
    row = b'{"uid": "U1", "msg": "hello"}'

    def answer(asked: Asked) -> Answer:
        assert go_on.wait(LONGEST_SECONDS)
        return Answer(b'{"list": [' + row + b'], "next": ""}')

    def look_late(name: str) -> None:
        del loads.look
        go_on.set()
        ended(loads, name)

    slow_server.answer = answer
    name = load(sender, slow_server.url)
    loads.look = look_late
    page = sender.get(f"/broadcasts/{name}").text
    assert "<h1>Loading</h1>" not in page
    assert "Interrupted" not in page
    assert go_on.is_set()


def test_a_wrong_endpoint_alerts_instead(sender: Any, mock: MockServer, line: LineServer) -> None:
    name = load(sender, mock.fault_endpoint("PAGE004"))
    page = loaded(sender, name)
    assert "The API has errors, so nothing was sent." in page
    assert 'id="PAGE004"' in page
    assert "Fix:" in page
    answer = sender.post(
        f"/broadcasts/{name}/send", {"via": sender.queues.sends.channels[0], "confirmed": "yes"}
    )
    assert answer.status_code == 409
    assert line.counts() == {}


def test_a_wrong_file_alerts_instead(sender: Any) -> None:
    name = load_file(sender, "uid,msg\nnot an id,hello\n")
    page = loaded(sender, name)
    assert "The file has errors" in page
    assert 'id="ROW008"' in page


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"url": ""}, "Give the endpoint"),
        ({"url": "http://x.invalid/", "via": "pigeon"}, "There is no such channel."),
        ({"source": "file"}, "Choose a file first."),
        ({"url": "http://x.invalid/", "max_pages": "many"}, "must be a number"),
    ],
)
def test_what_is_wrong_with_the_form_is_said(sender: Any, fields: Any, words: str) -> None:
    via = sender.queues.sends.channels[0]
    answer = sender.post("/broadcasts", {"source": "api", "via": via, **fields})
    assert answer.status_code == 422
    assert words in answer.text
    assert sender.store.broadcasts.newest(10) == []


def test_a_file_that_is_none_is_said(sender: Any) -> None:
    via = sender.queues.sends.channels[0]
    data = {"source": "file", "via": via, "file": (io.BytesIO(b"a,b\n1,2\n"), "x.csv")}
    answer = sender.post("/broadcasts", data, content_type="multipart/form-data")
    assert answer.status_code == 409
    assert "in its first line" in answer.text


def test_a_header_is_sent_and_kept_nowhere(sender: Any, slow_server: Server, tmp_path: Any) -> None:
    seen: list[str] = []

    def answer(asked: Asked) -> Answer:
        seen.append(asked.headers.get("Authorization", ""))
        return Answer(b'{"list": [], "next": ""}')

    slow_server.answer = answer
    fields = {"header-name": "Authorization", "header-value": SECRET}
    name = load(sender, slow_server.url, **fields)
    page = loaded(sender, name)
    assert SECRET in seen
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    assert b"Zq8-broadcast" not in stored
    assert "Zq8-broadcast" not in page


def test_a_canary_goes_first_and_the_rest_later(sender: Any, line: LineServer) -> None:
    name = load_file(sender, CSV)
    loaded(sender, name)
    page = sent(sender, name, first="5")
    assert "<h1>Paused</h1>" in page
    assert sum(line.counts().values()) == 5
    assert "Resume: 25 messages" in page
    assert "The broadcast is done" in sent(sender, name)
    assert set(line.counts().values()) == {1}


@pytest.mark.parametrize("first", ["0", "-1", "five"])
def test_a_canary_of_no_size_is_refused(sender: Any, first: str) -> None:
    name = load_file(sender, CSV)
    loaded(sender, name)
    via = sender.queues.sends.channels[0]
    answer = sender.post(f"/broadcasts/{name}/send", {"via": via, "first": first})
    assert answer.status_code == 409
    assert "Give a whole number, 1 or more." in answer.text


def test_the_refused_are_told_retried_and_downloaded(
    open_window: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with LineServer(LineConfig(unknown=tuple(UIDS[:4]))) as line:
        monkeypatch.setenv("BROADCAST_LINE_BASE_URL", line.url)
        monkeypatch.setenv("BROADCAST_LINE_TOKEN", line.token)
        sender = open_window()
        name = load_file(sender, CSV)
        loaded(sender, name)
        page = sent(sender, name)
        assert figures(page)["refused"] == "4"
        assert "Not all contacts got the message" in page
        table = sender.get(f"/broadcasts/{name}/people").text
        assert table.count('<td class="remote">') == 4
        csv = sender.get(f"/broadcasts/{name}/people.csv")
        assert csv.headers["Content-Disposition"].startswith("attachment; ")
        assert [row.split(",")[1] for row in csv.text.splitlines()[1:]] == UIDS[:4]
        assert line.summary()["by_status"]["400"] == 4
        assert sender.post(f"/broadcasts/{name}/retry").status_code == 303
        ended(sender.queues.sends, name)
        assert figures(sender.get(f"/broadcasts/{name}").text)["refused"] == "4"
        assert line.summary()["by_status"]["400"] == 8
        assert set(line.counts().values()) == {1}


def test_the_table_is_filtered_and_paged(sender: Any) -> None:
    rows = "".join(f"U{n:032x},hello\n" for n in range(250))
    name = load_file(sender, "uid,msg\n" + rows)
    loaded(sender, name)
    first = sender.get(f"/broadcasts/{name}/people?state=ready").text
    assert first.count("<tr><td>") == 100
    [link] = re.findall(r'href="([^"]*)" rel="next"', first)
    second = sender.get(link.replace("&amp;", "&")).text
    assert "U" + f"{100:032x}" in second
    one = sender.get(f"/broadcasts/{name}/people?uid=U{7:032x}").text
    assert one.count("<tr><td>") == 1
    assert "No matching recipients." in sender.get(f"/broadcasts/{name}/people?state=refused").text
    assert sender.get(f"/broadcasts/{name}/people?state=nonsense&after=x").status_code == 200


def test_what_a_channel_has_no_room_for_is_asked_about(sender: Any, line: LineServer) -> None:
    line.set_limits(Limits(monthly=10))
    name = load_file(sender, CSV)
    page = loaded(sender, name)
    assert "quota is too small" in page
    assert "10 messages left" in page
    via = sender.queues.sends.channels[0]
    assert (
        sender.post(f"/broadcasts/{name}/send", {"via": via, "confirmed": "yes"}).status_code == 409
    )
    page = sent(sender, name, over_quota="yes")
    assert "<h1>Paused</h1>" in page
    assert sum(line.counts().values()) == 10


def test_without_a_token_the_channel_s_trouble_is_said(
    line: LineServer, open_window: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BROADCAST_LINE_TOKEN")
    visitor = open_window()
    name = load_file(visitor, CSV)
    page = loaded(visitor, name)
    assert "LINE needs a channel access token" in page
    assert "Send 30 messages" not in page


def test_it_is_paused_resumed_and_cancelled(sender: Any, line: LineServer) -> None:
    line.set_faults(Faults(latency_seconds=0.2))
    rows = "".join(f"U{n:032x},hello\n" for n in range(3000))
    name = load_file(sender, "uid,msg\n" + rows)
    loaded(sender, name)
    via = sender.queues.sends.channels[0]
    sender.post(f"/broadcasts/{name}/send", {"via": via, "confirmed": "yes"})
    again = sender.post(f"/broadcasts/{name}/send", {"via": via, "confirmed": "yes"})
    assert again.status_code == 303  # a button that was pressed twice
    page = sender.get(f"/broadcasts/{name}").text
    assert "<h1>Sending</h1>" in page
    assert 'http-equiv="refresh"' in page
    sender.post(f"/broadcasts/{name}/pause")
    ended(sender.queues.sends, name)
    page = sender.get(f"/broadcasts/{name}").text
    assert "<h1>Paused</h1>" in page
    assert "paused by a person" in page
    assert "Resume: " in page
    sender.post(f"/broadcasts/{name}/cancel")
    page = sender.get(f"/broadcasts/{name}").text
    assert "<h1>Cancelled</h1>" in page
    assert (
        sender.post(f"/broadcasts/{name}/send", {"via": via, "confirmed": "yes"}).status_code == 409
    )


def test_events_follow_the_ledger(sender: Any) -> None:
    name = load_file(sender, CSV)
    loaded(sender, name)
    via = sender.queues.sends.channels[0]
    sender.post(f"/broadcasts/{name}/send", {"via": via, "confirmed": "yes"})
    told = sender.get(f"/broadcasts/{name}/events").text
    assert '"ended": true' in told
    assert sender.store.broadcasts.get(name).state is BroadcastState.DONE
    assert '"ended": true' in sender.get(f"/broadcasts/{name}/events").text


def test_a_load_that_was_stopped_goes_on_with_the_headers_given_anew(
    sender: Any, slow_server: Server
) -> None:
    def answer(asked: Asked) -> Answer:
        slow_server.arrived.release()  # type: ignore[attr-defined]
        number = int(asked.token or 0)
        if number >= 3:
            assert slow_server.go_on.wait(LONGEST_SECONDS)  # type: ignore[attr-defined]
        token = str(number + 1) if number < 5 else ""
        return Answer(
            f'{{"list": [{{"uid": "{UIDS[number]}", "msg": "m"}}], "next": "{token}"}}'.encode()
        )

    slow_server.answer = answer
    name = load(sender, slow_server.url, timeout="60")
    assert all(slow_server.arrived.acquire(timeout=60) for _ in range(4))  # type: ignore[attr-defined]
    sender.post(f"/broadcasts/{name}/stop")
    page = loaded(sender, name)
    assert "Interrupted while loading" in page
    assert "headers are never stored" in page
    slow_server.go_on.set()  # type: ignore[attr-defined]
    assert load(sender, slow_server.url) == name
    page = loaded(sender, name)
    assert "Send 6 messages" in page


def test_what_the_last_server_left_is_sent_on(open_window: Any, line: LineServer) -> None:
    before = open_window()
    name = load_file(before, CSV)
    loaded(before, name)
    number = before.store.broadcasts.get(name).number
    via = before.queues.sends.channels[0]
    before.store.broadcasts.start_sending(number, via=via, now=time.time())
    before.store.broadcasts.pause(number, StopCause.SERVER_STOPPED, time.time())
    after = open_window()
    after.queues.sends.resume_left()
    until = time.monotonic() + LONGEST_SECONDS
    while after.store.broadcasts.get(name).state is not BroadcastState.DONE:
        assert time.monotonic() < until
        after.queues.sends.wait(name, -(10**9), 0.2)
    assert set(line.counts().values()) == {1}


def test_the_last_act_of_the_last_server_stops_nothing(open_window: Any, line: LineServer) -> None:
    """Its process may pause what the next server is sending already."""
    line.set_faults(Faults(latency_seconds=0.2))
    before = open_window()
    name = load_file(before, "uid,msg\n" + "".join(f"U{n:032x},hello\n" for n in range(3000)))
    loaded(before, name)
    number = before.store.broadcasts.get(name).number
    via = before.queues.sends.channels[0]
    before.store.broadcasts.start_sending(number, via=via, now=time.time())
    after = open_window()
    after.queues.sends.resume_left()
    until = time.monotonic() + LONGEST_SECONDS
    while not line.counts():
        assert time.monotonic() < until
        after.queues.sends.wait(name, -(10**9), 0.1)
    before.store.broadcasts.pause(number, StopCause.SERVER_STOPPED, time.time())
    line.set_faults(Faults())
    until = time.monotonic() + LONGEST_SECONDS
    while after.store.broadcasts.get(name).state is not BroadcastState.DONE:
        assert time.monotonic() < until
        after.queues.sends.wait(name, -(10**9), 0.2)
    assert len(line.counts()) == 3000
    assert set(line.counts().values()) == {1}


def test_a_person_s_pause_outlives_the_server(open_window: Any, line: LineServer) -> None:
    before = open_window()
    name = load_file(before, CSV)
    loaded(before, name)
    number = before.store.broadcasts.get(name).number
    via = before.queues.sends.channels[0]
    before.store.broadcasts.start_sending(number, via=via, now=time.time())
    before.store.broadcasts.pause(number, StopCause.PERSON, time.time())
    after = open_window()
    after.queues.sends.resume_left()
    assert "<h1>Paused</h1>" in after.get(f"/broadcasts/{name}").text
    assert line.counts() == {}


def test_the_history_lists_them(sender: Any) -> None:
    assert "No broadcasts yet." in sender.get("/broadcasts").text
    name = load_file(sender, CSV)
    loaded(sender, name)
    page = sender.get("/broadcasts").text
    assert f"/broadcasts/{name}" in page
    assert "ready to be sent" in page


def test_the_beginning_of_an_id_is_no_id(sender: Any) -> None:
    name = load_file(sender, CSV)
    loaded(sender, name)
    for guess in (name[:4], "0" * 16, "%", "x"):
        assert sender.get(f"/broadcasts/{guess}").status_code == 404
        assert sender.post(f"/broadcasts/{guess}/cancel").status_code == 404


def test_hostile_messages_are_shown_and_not_run(sender: Any) -> None:
    evil = "<script>alert(1)</script>\u202eevil"
    name = load_file(sender, f"uid,msg\n{UIDS[0]},{evil}\n{UIDS[1]},=1+1\n")
    page = loaded(sender, name)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\\u{202e}evil" in page
    number = sender.store.broadcasts.get(name).number
    assert sender.store.broadcasts.counts(number)[DeliveryState.READY] == 2
