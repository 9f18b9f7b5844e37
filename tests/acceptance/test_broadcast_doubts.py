"""What `broadcast` says and asks where the data may be incomplete."""

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from answering import Answer, Asked, Server
from broadcast_kit import Broadcast, contacts, some_rows

from broadcaster.store import open_store
from broadcaster.store.loads import StoredPage

MESSAGE = "Page 3 was blank: 1,000 rows were read, and the data probably goes on."
REPORT = {
    "verdict": "pass",
    "crawl": {"ended_by": "empty-response"},
    "findings": [
        {
            "rule": "PAGE010",
            "name": "blank-end",
            "severity": "warning",
            "count": 1,
            "message": MESSAGE,
            "fix": "Send an explicit end.",
        }
    ],
}


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


@pytest.fixture
def broadcast(tmp_path: Path) -> Broadcast:
    return Broadcast(tmp_path)


@pytest.fixture
def doubtful(broadcast: Broadcast) -> str:
    """A loaded broadcast whose check warned of a blank end."""
    now = time.time()
    with open_store(broadcast.environment["BROADCAST_STORE"]) as store:
        made = store.broadcasts.create(now=now, endpoint="https://api.example/recipients")
        store.loads.begin(made.number, "test", until=now + 60, now=now)
        page = StoredPage(
            page=1, token=None, next_token=None, first_row=0, rows=1, headers={}, seconds=0.0
        )
        store.loads.add_page(made.number, "test", page, [("U1", "Hi")], until=now + 60, now=now)
        store.loads.finish(made.number, "test", REPORT, now)
    return made.id


def test_a_blank_end_stands_first_and_yes_alone_does_not_accept_it(
    broadcast: Broadcast, doubtful: str
) -> None:
    out = ("--via", "file:out.jsonl")
    refused = broadcast("send", doubtful, *out, "--yes", code=1)
    assert refused.stdout.startswith(f"People may be missing (PAGE010):\n  {MESSAGE}\n")
    assert "--accept-warnings PAGE010" in refused.stderr
    assert broadcast.status(doubtful)["counts"]["ready"] == 1
    broadcast("send", doubtful, *out, "--yes", "--accept-warnings", "ROW001", code=1)
    done = broadcast("send", doubtful, *out, "--yes", "--accept-warnings", "page010", code=0)
    assert "1 accepted" in done.stdout


def test_at_a_terminal_the_question_comes_after_the_warning(
    broadcast: Broadcast, doubtful: str
) -> None:
    status, shown = broadcast.on_terminal("n\n", "send", doubtful, "--via", "file:out.jsonl")
    assert status == 1
    assert shown.index("People may be missing") < shown.index("[y/N]")
    status, _ = broadcast.on_terminal("y\n", "send", doubtful, "--via", "file:out.jsonl")
    assert status == 0


def interrupted(broadcast: Broadcast, server: Server, text: str) -> list[bool]:
    """A load of six pages that was interrupted in page 4; each token has a nonce."""
    stuck = [True]

    def answer(asked: Asked) -> Answer:
        page = int((asked.token or "1").partition("-")[0])
        if page == 4 and stuck:
            process.send_signal(signal.SIGINT)
            process.wait(30)
        words = "Hello" if stuck else text
        rows = [{"uid": f"U{page}", "msg": f"{words} {page}"}]
        token = "" if page == 6 else f"{page + 1}-{time.monotonic_ns()}"
        return Answer(json.dumps({"list": rows, "next": token}).encode())

    server.answer = answer
    process = broadcast.start("load", server.url, "--no-config", "--no-probes")
    process.communicate(timeout=60)
    return stuck


def test_a_load_is_resumed_though_each_token_holds_a_nonce(
    broadcast: Broadcast, server: Server
) -> None:
    interrupted(broadcast, server, "Hello").clear()
    done = broadcast("load", server.url, "--no-config", "--no-probes", code=0)
    assert "Resuming after page" in done.stderr
    assert broadcast.only()["rows"] == 6


def test_a_changed_page_is_said_under_its_own_verdict(broadcast: Broadcast, server: Server) -> None:
    interrupted(broadcast, server, "Good evening").clear()
    done = broadcast("load", server.url, "--no-config", "--no-probes", code=1)
    assert "has other rows than when the load was interrupted" in done.stdout
    assert "--new" in done.stdout
    for word in ("FAIL", "PASS", "othing to report"):
        assert word not in done.stdout
    broadcast("load", server.url, "--no-config", "--no-probes", "--new", code=0)


def test_the_same_message_is_sent_again_to_people_only_when_asked_for(
    broadcast: Broadcast, tmp_path: Path
) -> None:
    rows = some_rows(5)
    to_file = ("--via", "file:out.jsonl", "--yes")
    broadcast("run", contacts(tmp_path / "a.csv", rows), *to_file, "--no-config", code=0)
    more = contacts(tmp_path / "b.csv", [*rows[:2], *((uid, "New") for uid, _ in rows)])
    refused = broadcast("run", more, *to_file, "--no-config", code=1)
    assert "2 people have got the same message already" in refused.stderr
    assert "--again" in refused.stderr
    name = next(one["id"] for one in broadcast.status() if one["state"] == "ready")
    done = broadcast("send", name, *to_file, "--again", code=0)
    assert "7 accepted" in done.stdout
    assert "2 people have got the same message already" in done.stdout
    for _ in range(2):  # nobody gets what is only printed
        broadcast("run", more, "--via", "console", "--yes", "--no-config", "--new", code=0)
    other = broadcast.load(contacts(tmp_path / "c.csv", rows))
    broadcast("send", other, "--via", "file:another.jsonl", "--yes", code=0)
