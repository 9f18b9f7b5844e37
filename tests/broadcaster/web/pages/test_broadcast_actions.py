"""What a visitor says about how to send is held to the rules of the command line, and kept."""

import html
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from window_kit import CSV, UIDS, ended, figures, load_file, loaded, sent

from broadcaster.errors import NotNow, WrongCommand
from broadcaster.model import BroadcastState
from mockserver.line_api import Faults, Limits, LineConfig, LineServer
from mockserver.serving.tls import GOOD, TlsListener

ALIKE = "uid,msg\n" + "".join(f"{uid},the same\n" for uid in UIDS)


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Iterator[LineServer]:
    """The stand-in for LINE, which does not know the first two people."""
    with LineServer(LineConfig(unknown=tuple(UIDS[:2]))) as running:
        monkeypatch.setenv("BROADCAST_LINE_BASE_URL", running.url)
        monkeypatch.setenv("BROADCAST_LINE_TOKEN", running.token)
        yield running


@pytest.fixture
def sender(line: LineServer, open_window: Any) -> Any:
    """In front of a window that sends to the stand-in."""
    return open_window()


def of_line(sender: Any, text: str = CSV) -> str:
    name = load_file(sender, text)
    loaded(sender, name)
    return name


def refused(sender: Any, name: str, act: str = "send", **fields: Any) -> str:
    """The page that says why not."""
    via = fields.pop("via", sender.queues.sends.channels[0])
    answer = sender.post(f"/broadcasts/{name}/{act}", {"via": via, "confirmed": "yes", **fields})
    assert answer.status_code == 409
    return html.unescape(answer.text)


def test_rows_of_one_text_go_together_and_so_does_the_rest(sender: Any, line: LineServer) -> None:
    name = of_line(sender, ALIKE)
    page = sent(sender, name, multicast="yes", first="10")
    assert "<h1>Paused</h1>" in page
    assert " as multicast" in page
    assert line.summary()["requests"] < 10
    page = sent(sender, name)
    assert "The broadcast is done" in page
    assert sender.store.broadcasts.get(name).via.endswith(" as multicast")
    assert line.summary()["requests"] < 20
    assert set(line.counts().values()) == {1}


def test_a_window_goes_on_with_a_multicast_of_the_last_one(
    open_window: Any, line: LineServer
) -> None:
    before = open_window()
    name = of_line(before, ALIKE)
    sent(before, name, multicast="yes", first="10")
    after = open_window()
    assert "Resume: 20 messages" in after.get(f"/broadcasts/{name}").text
    assert "The broadcast is done" in sent(after, name)


def test_a_rate_is_kept_for_what_comes_later(sender: Any, line: LineServer) -> None:
    name = of_line(sender)
    page = sent(sender, name, rate="500", first="5")
    assert "<dt>Maximum calls a second</dt><dd>500</dd>" in page
    sent(sender, name)
    assert sender.store.broadcasts.get(name).rate == 500
    assert sender.post(f"/broadcasts/{name}/retry").status_code == 303
    ended(sender.queues.sends, name)
    assert sender.store.broadcasts.get(name).rate == 500
    assert line.summary()["by_status"]["400"] == 4


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"rate": "0.0002"}, "must be at least 1 call an hour"),
        ({"rate": "0"}, "must be at least 1 call an hour"),
        ({"rate": "-3"}, "must be at least 1 call an hour"),
        ({"rate": "nan"}, "must be at least 1 call an hour"),
        ({"rate": "1e999"}, "must be at least 1 call an hour"),
        ({"rate": "2001"}, "The channel takes at most 2,000 calls a second (--rate)."),
        (
            {"rate": "201", "multicast": "yes"},
            "The channel takes at most 200 calls a second (--rate).",
        ),
        ({"rate": "fast"}, "“Maximum calls a second” must be a number."),
    ],
)
def test_what_is_wrong_is_said_as_the_command_line_says_it(
    sender: Any, line: LineServer, fields: dict[str, str], words: str
) -> None:
    name = of_line(sender)
    page = refused(sender, name, **fields)
    assert words in page
    assert f'value="{fields["rate"]}"' in page  # what was typed is still there
    assert ('name="multicast" value="yes" checked' in page) is ("multicast" in fields)
    assert sender.store.broadcasts.get(name).state is BroadcastState.READY
    assert line.counts() == {}


def test_only_line_is_offered_multicast(open_window: Any, line: LineServer, tmp_path: Path) -> None:
    visitor = open_window(via=("webhook:http://127.0.0.1:9/", "line", f"file:{tmp_path}/out.jsonl"))
    name = of_line(visitor)
    page = visitor.get(f"/broadcasts/{name}").text
    assert page.count('name="rate"') == 6
    assert page.count('name="multicast"') == 2
    assert page.count("Default: the channel's limit (2,000)") == 4
    assert page.count("Default: no limit") == 2
    said = refused(visitor, name, multicast="yes", via="webhook:http://127.0.0.1:9/")
    assert "--multicast works with line only" in said


def test_a_retry_sends_to_the_refused_and_to_nobody_else(sender: Any, line: LineServer) -> None:
    name = of_line(sender)
    sent(sender, name, first="10")
    assert sender.post(f"/broadcasts/{name}/retry").status_code == 303
    ended(sender.queues.sends, name)
    page = sender.get(f"/broadcasts/{name}").text
    assert "<h1>Paused</h1>" in page
    assert figures(page)["ready"] == "20"
    assert len(line.counts()) == 8
    assert line.summary()["by_status"]["400"] == 4


def test_a_retry_waits_for_what_was_not_sent_yet(sender: Any, line: LineServer) -> None:
    line.set_limits(Limits(monthly=12))
    name = of_line(sender)
    page = sent(sender, name, over_quota="yes")
    assert "<h1>Paused</h1>" in page
    assert "Retry the refused" not in page
    said = refused(sender, name, "retry")
    assert "Resume first: some messages were not sent yet." in said


def test_what_was_begun_over_its_quota_can_be_gone_on_with(sender: Any, line: LineServer) -> None:
    line.set_limits(Limits(monthly=12))
    name = of_line(sender)
    sent(sender, name, over_quota="yes")
    line.set_limits(Limits(monthly=15))
    page = refused(sender, name)
    assert "quota is too small" in page
    assert 'name="over_quota"' in page
    assert "<h1>Paused</h1>" in sent(sender, name, over_quota="yes")
    assert len(line.counts()) == 15


def test_the_second_of_two_who_send_changes_nothing_of_the_first_s(
    sender: Any, line: LineServer
) -> None:
    line.set_faults(Faults(latency_seconds=0.5))
    name = of_line(sender)
    seen_by_both = sender.store.broadcasts.get(name)
    via = sender.queues.sends.channels[0]
    assert (
        sender.post(
            f"/broadcasts/{name}/send", {"via": via, "rate": "20", "confirmed": "yes"}
        ).status_code
        == 303
    )
    with pytest.raises(NotNow, match=r"This broadcast is being sent already\."):
        sender.queues.sends.start(seen_by_both, via, first=3)
    ended(sender.queues.sends, name)
    broadcast = sender.store.broadcasts.get(name)
    assert broadcast.state is BroadcastState.DONE
    assert broadcast.rate == 20
    assert len(line.counts()) == 28


@pytest.fixture
def secure_line(line: LineServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[TlsListener]:
    """The stand-in behind a certificate of a private authority."""
    port = int(line.url.rpartition(":")[2])
    with TlsListener(GOOD, ("127.0.0.1", port)) as front:
        monkeypatch.setenv("BROADCAST_LINE_BASE_URL", front.url)
        yield front


def test_a_channel_of_a_private_authority_needs_the_operator_s_word(
    open_window: Any, secure_line: TlsListener, line: LineServer
) -> None:
    stranger = open_window()
    name = of_line(stranger)
    assert "not trusted" in sent(stranger, name)
    assert line.counts() == {}
    trusting = open_window(channel_ca_bundle=secure_line.ca_bundle)
    assert "The broadcast is done" in sent(trusting, name)
    assert len(line.counts()) == 28


def test_certificates_that_cannot_be_read_are_told_at_the_start(
    open_window: Any, tmp_path: Path
) -> None:
    (tmp_path / "no.pem").write_text("nothing")
    for name in ("no.pem", "absent.pem"):
        with pytest.raises(WrongCommand, match=r"The CA bundle .* cannot be read: give a file of"):
            open_window(channel_ca_bundle=str(tmp_path / name))
