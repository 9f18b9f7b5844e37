"""The window over a store on PostgreSQL."""

import io
import time
from typing import Any

import pytest

from broadcaster.model import BroadcastState
from mockserver import MockServer
from mockserver.line_api import LineServer

CSV = "uid,msg\n" + "".join(f"U{n:032x},hello {n}\n" for n in range(30))


@pytest.fixture
def store_kind() -> str:
    return "postgresql"


@pytest.fixture
def window_address(store_address: str) -> str:
    return store_address


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Any:
    with LineServer() as running:
        monkeypatch.setenv("BROADCAST_LINE_BASE_URL", running.url)
        monkeypatch.setenv("BROADCAST_LINE_TOKEN", running.token)
        yield running


def loaded(visitor: Any) -> str:
    via = visitor.queues.sends.channels[0]
    data = {"source": "file", "via": via, "file": (io.BytesIO(CSV.encode()), "contacts.csv")}
    answer = visitor.post("/broadcasts", data, content_type="multipart/form-data")
    name = str(answer.headers["Location"].rpartition("/")[2])
    ended(visitor.queues.loads, name)
    return name


def ended(line: Any, name: str) -> None:
    until = time.monotonic() + 60
    while line.wait(name, -(10**9), 0.2) is not None:
        assert time.monotonic() < until, "it takes too long"


def test_a_check_and_a_broadcast_to_the_end(
    line: LineServer, open_window: Any, mock: MockServer
) -> None:
    visitor = open_window()
    assert 'id="PAGE004"' in visitor.check(mock.fault_endpoint("PAGE004"))
    name = loaded(visitor)
    visitor.post(
        f"/broadcasts/{name}/send", {"via": visitor.queues.sends.channels[0], "confirmed": "yes"}
    )
    ended(visitor.queues.sends, name)
    page = visitor.get(f"/broadcasts/{name}").text
    assert "The broadcast is done" in page
    assert "<rect" in page
    assert set(line.counts().values()) == {1}
    assert len(line.counts()) == 30


def test_what_workers_send_is_left_to_them(line: LineServer, open_window: Any) -> None:
    visitor = open_window()
    name = loaded(visitor)
    store, via = visitor.store, visitor.queues.sends.channels[0]
    number = store.broadcasts.get(name).number
    store.chunk_queue.start(
        number,
        lambda _connection, chunks: len(chunks),
        queue="line",
        look_seconds=1.0,
        now=time.time(),
        via=via,
    )
    after = open_window()
    after.queues.sends.resume_left()
    assert after.queues.sends.look(name) is None
    assert store.broadcasts.get(name).state is BroadcastState.SENDING
    assert line.counts() == {}
