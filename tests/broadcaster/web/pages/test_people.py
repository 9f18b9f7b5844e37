"""One person's messages, the erasing of all, and what a broadcast is called."""

import io
from typing import Any

import pytest
from window_kit import CSV, UIDS, load_file, loaded, sent

from broadcaster.model import BroadcastState
from mockserver.line_api import LineConfig, LineServer


@pytest.fixture
def sender(open_window: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """In front of a window that sends to a stand-in for LINE, which does not know one person."""
    with LineServer(LineConfig(unknown=(UIDS[1],))) as line:
        monkeypatch.setenv("BROADCAST_LINE_BASE_URL", line.url)
        monkeypatch.setenv("BROADCAST_LINE_TOKEN", line.token)
        yield open_window()


def looked_up(sender: Any, name: str, uid: str) -> str:
    return str(sender.get(f"/broadcasts/{name}/person", query_string={"uid": uid}).text)


def test_one_person_is_looked_up_whatever_became_of_them(sender: Any) -> None:
    name = load_file(sender, CSV + f"{UIDS[0]},a second one\n")
    loaded(sender, name)
    sent(sender, name)
    page = looked_up(sender, name, f" {UIDS[0]} ")
    assert page.count("<tr><td>") == 2
    assert "hello 0" in page
    assert "a second one" in page
    assert "accepted" in page
    refused = looked_up(sender, name, UIDS[1])
    assert "refused" in refused
    assert "LINE does not know the user" in refused
    for nobody in ("", UIDS[0][:-1], "<b>", "x\0"):
        page = looked_up(sender, name, nobody)
        assert "no message for exactly this user id" in page
        assert "<b>" not in page


def test_what_was_sent_is_erased_and_the_counts_stay(sender: Any) -> None:
    name = load_file(sender, CSV)
    loaded(sender, name)
    page = sent(sender, name)
    assert f'action="/broadcasts/{name}/forget"' in page
    assert sender.post(f"/broadcasts/{name}/forget").status_code == 303
    page = sender.get(f"/broadcasts/{name}").text
    assert "The recipients and messages were erased." in page
    assert "Erase" not in page
    assert sender.store.broadcasts.get(name).rows == 30
    assert "hello" not in looked_up(sender, name, UIDS[0])


def test_what_was_not_sent_is_erased_and_can_no_longer_be_sent(sender: Any) -> None:
    name = load_file(sender, CSV)
    loaded(sender, name)
    sender.post(f"/broadcasts/{name}/forget")
    assert sender.store.broadcasts.get(name).state is BroadcastState.CANCELLED
    assert sender.post(f"/broadcasts/{name}/send", {"confirmed": "yes"}).status_code == 409


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("ลูกค้า.csv", "ลูกค้า.csv"),
        ("50% off.csv", "50% off.csv"),
        ("../../etc/pass\u202ewd.csv", "passwd.csv"),
        ("<b>.csv", "&lt;b&gt;.csv"),
    ],
)
def test_a_file_keeps_its_own_name(sender: Any, name: str, shown: str) -> None:
    broadcast = load_file(sender, CSV, name)
    assert f"<bdi>{shown}</bdi>" in loaded(sender, broadcast)
    assert f"<bdi>{shown}</bdi>" in sender.get("/broadcasts").text


def test_a_broadcast_is_called_by_the_name_that_it_was_given(sender: Any) -> None:
    name = load_file(sender, CSV)
    loaded(sender, name)
    sender.post(f"/broadcasts/{name}/rename", {"name": "  <b>โปรโมชั่น\n ธันวาคม "})
    page = sender.get(f"/broadcasts/{name}").text
    assert '<p class="called"><bdi>&lt;b&gt;โปรโมชั่น ธันวาคม</bdi></p>' in page
    assert "&lt;b&gt;โปรโมชั่น ธันวาคม" in sender.get("/broadcasts").text
    assert sender.store.broadcasts.get(name).name == "<b>โปรโมชั่น ธันวาคม"
    sender.post(f"/broadcasts/{name}/rename", {"name": "x" * 500})
    assert len(sender.store.broadcasts.get(name).name) == 80
    sender.post(f"/broadcasts/{name}/rename", {"name": ""})
    assert '<p class="called">' not in sender.get(f"/broadcasts/{name}").text


def test_a_name_can_be_given_on_the_form(sender: Any) -> None:
    via = sender.queues.sends.channels[0]
    file = (io.BytesIO(CSV.encode()), "contacts.csv")
    data = {"source": "file", "via": via, "file": file, "name": "December"}
    answer = sender.post("/broadcasts", data, content_type="multipart/form-data")
    name = answer.headers["Location"].rpartition("/")[2]
    assert "<bdi>December</bdi>" in loaded(sender, name)
