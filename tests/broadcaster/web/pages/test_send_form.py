"""Before a broadcast is sent: the canary, the question, and what a person must agree to."""

import html
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from answering import Answer, Asked, Server
from window_kit import CSV, UIDS, ended, load_file, loaded, sent

from broadcaster.model import BroadcastState
from mockserver.line_api import LineConfig, LineServer


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Iterator[LineServer]:
    with LineServer(LineConfig()) as running:
        monkeypatch.setenv("BROADCAST_LINE_BASE_URL", running.url)
        monkeypatch.setenv("BROADCAST_LINE_TOKEN", running.token)
        yield running


@pytest.fixture
def sender(line: LineServer, open_window: Any) -> Any:
    return open_window()


def ready(sender: Any, text: str = CSV) -> str:
    name = load_file(sender, text)
    loaded(sender, name)
    return name


def send(sender: Any, name: str, **fields: Any) -> Any:
    via = sender.queues.sends.channels[0]
    return sender.post(f"/broadcasts/{name}/send", {"via": via, **fields})


def test_the_canary_has_a_number_and_a_form_of_its_own(sender: Any) -> None:
    page = sender.get(f"/broadcasts/{ready(sender)}").text
    canary, everyone = re.findall(r"<form[^>]*/send.*?</form>", page, re.DOTALL)
    assert 'name="first" value="10"' in canary
    assert 'name="first"' not in everyone
    assert "Send 30 messages" in everyone
    assert "Send 30 messages" not in canary


@pytest.mark.parametrize("first", ["", " ", "0", "-3", "ten", "1.5"])
def test_a_canary_without_a_size_sends_nothing(sender: Any, line: LineServer, first: str) -> None:
    name = ready(sender)
    answer = send(sender, name, first=first, confirmed="yes")
    assert answer.status_code == 409
    assert "Give a whole number, 1 or more." in answer.text
    assert sender.store.broadcasts.get(name).state is BroadcastState.READY
    assert line.counts() == {}


def test_a_page_asks_before_all_are_sent(sender: Any, line: LineServer) -> None:
    name = ready(sender)
    answer = send(sender, name, rate="50")
    assert answer.status_code == 200
    assert "<h1>Send 30 messages?</h1>" in answer.text
    assert line.counts() == {}
    hidden = dict(re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', answer.text))
    assert hidden["rate"] == "50"
    assert (
        sender.post(f"/broadcasts/{name}/send", {**hidden, "confirmed": "yes"}).status_code == 303
    )
    ended(sender.queues.sends, name)
    assert len(line.counts()) == 30
    assert sender.store.broadcasts.get(name).rate == 50


def test_a_page_asks_before_more_than_the_canary_is_sent(sender: Any, line: LineServer) -> None:
    name = ready(sender)
    sent(sender, name, first="5")
    answer = sender.post(f"/broadcasts/{name}/send")
    assert "<h1>Send 25 messages?</h1>" in answer.text
    assert len(line.counts()) == 5
    sent(sender, name)
    assert len(line.counts()) == 30


def test_what_was_confirmed_and_paused_is_resumed_without_a_question(
    sender: Any, line: LineServer
) -> None:
    name = ready(sender)
    assert send(sender, name, rate="10", confirmed="yes").status_code == 303
    sender.post(f"/broadcasts/{name}/pause")
    ended(sender.queues.sends, name)
    assert sender.post(f"/broadcasts/{name}/send").status_code == 303
    ended(sender.queues.sends, name)
    assert len(line.counts()) == 30


def test_people_who_got_the_same_message_are_counted_and_asked_about(
    sender: Any, line: LineServer
) -> None:
    first = ready(sender)
    sent(sender, first)
    again = "uid,msg\n" + f"{UIDS[0]},hello 0\n{UIDS[1]},hello 1\n{UIDS[2]},another\n"
    name = load_file(sender, again)
    page = loaded(sender, name)
    assert "2 people got the same message already, in the last days." in page
    assert f'href="/broadcasts/{first}"' in page
    refused = send(sender, name, confirmed="yes")
    assert refused.status_code == 409
    assert "2 people got the same message already" in refused.text
    assert line.counts()[UIDS[2]] == 1
    sent(sender, name, again="yes")
    assert [line.counts()[uid] for uid in UIDS[:3]] == [2, 2, 2]


def test_another_channel_has_not_sent_it(sender: Any, open_window: Any, tmp_path: Any) -> None:
    sent(sender, ready(sender))
    visitor = open_window(via=(f"file:{tmp_path}/out.jsonl",))
    page = visitor.get(f"/broadcasts/{ready(visitor, CSV + f'{UIDS[0]},new')}").text
    assert "got the same message already" not in page


@pytest.fixture
def blank_end() -> Iterator[Server]:
    """An endpoint whose second page is a blank body."""
    server = Server()

    def answer(asked: Asked) -> Answer:
        if asked.token:
            return Answer(b"")
        rows = [{"uid": uid, "msg": "hello"} for uid in UIDS]
        return Answer(json.dumps({"list": rows, "next": "2"}).encode())

    server.answer = answer
    yield server
    server.close()


def test_a_blank_end_must_be_accepted(sender: Any, line: LineServer, blank_end: Server) -> None:
    via = sender.queues.sends.channels[0]
    started = sender.post("/broadcasts", {"url": blank_end.url, "via": via})
    name = started.headers["Location"].rpartition("/")[2]
    page = html.unescape(loaded(sender, name))
    assert "People may be missing:" in page
    refused = send(sender, name, confirmed="yes")
    assert refused.status_code == 409
    assert "People may be missing" in refused.text
    assert line.counts() == {}
    sent(sender, name, accept="PAGE010")
    assert len(line.counts()) == 30


def test_what_line_refuses_is_said_before_anything_is_sent(
    line: LineServer, open_window: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROADCAST_LINE_TOKEN", "another-token-of-some-length")
    visitor = open_window()
    page = visitor.get(f"/broadcasts/{ready(visitor)}").text
    assert "LINE refuses the token (401)" in page


def test_the_first_message_goes_to_oneself_and_the_broadcast_stays_as_it_is(
    sender: Any, line: LineServer
) -> None:
    name, own = ready(sender), f"U{99:032x}"
    via = sender.queues.sends.channels[0]
    page = sender.post(f"/broadcasts/{name}/try", {"via": via, "uid": own})
    assert page.status_code == 200
    assert f"The first message was accepted for {own}." in page.text
    assert line.counts() == {own: 1}
    broadcast = sender.store.broadcasts.get(name)
    assert broadcast.state is BroadcastState.READY
    assert broadcast.first_sent_at is None
    sent(sender, name)
    assert len(line.counts()) == 31


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"uid": " "}, "Type a user id first."),
        ({"uid": "nobody"}, "LINE refused the request"),
        ({"uid": f"U{9:032x}", "via": "webhook:https://x.test/"}, "does not have"),
    ],
)
def test_what_cannot_be_sent_to_oneself_is_said(
    sender: Any, line: LineServer, fields: dict[str, str], words: str
) -> None:
    name = ready(sender)
    via = sender.queues.sends.channels[0]
    answer = sender.post(f"/broadcasts/{name}/try", {"via": via, **fields})
    assert answer.status_code == 409
    assert words in html.unescape(answer.text)
    assert line.counts() == {}


def test_a_dry_run_prepares_every_call_and_sends_none(sender: Any, line: LineServer) -> None:
    name = ready(sender)
    via = sender.queues.sends.channels[0]
    answer = sender.post(f"/broadcasts/{name}/dry-run", {"via": via})
    assert answer.status_code == 200
    assert "Dry run: 30 calls were prepared, and nothing was sent." in answer.text
    assert line.counts() == {}
    assert sender.store.broadcasts.get(name).state is BroadcastState.READY
    sent(sender, name)
    assert sender.post(f"/broadcasts/{name}/dry-run", {"via": via}).status_code == 409
