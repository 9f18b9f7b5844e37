"""A call whose POST may have run is never called "surely not sent": counted at the sink.

Each status from 100 to 599 is one person's answer, for ever. The broadcast is sent, resumed three
times and cancelled, on a webhook that takes no keys; then the sink says how often each was posted.
"""

import asyncio
import csv
import io
import json
import time
from collections import Counter
from collections.abc import Callable

import pytest
from scripted import Request, ScriptedServer, reply
from sending_kit import loaded

from broadcaster.channels import open_channel
from broadcaster.channels.stored_channel import stored_name
from broadcaster.delivery import BroadcastSender, cancel, new_owner
from broadcaster.model import Broadcast, BroadcastState, DeliveryState
from broadcaster.reports import write_report
from broadcaster.store import Store, open_store

ACCEPTED, HELD, READY = DeliveryState.ACCEPTED, DeliveryState.HELD, DeliveryState.READY
REFUSED = DeliveryState.REFUSED
PAUSES = [401, 403, 407, 411, 415, 426, 431, 511]
REFUSES = [400, 404, 405, 406, 409, 410, 413, 422, 451]
RESUMES = 3


class NoPace:
    """Lets every call go at once: how fast it is sent is another test's matter."""

    rate = 0.0

    async def acquire(self, at_most: int) -> int:
        return at_most

    def give_back(self, turns: int) -> None:
        """Nothing is counted."""

    def slow_down(self, seconds: float | None = None) -> None:
        """Nothing to slow down."""

    def record_lost(self) -> None:
        """Nothing is counted."""

    def record_answer(self) -> None:
        """Nothing to speed up."""


def uid_of(status: int) -> str:
    return f"person-{status}"


def status_of(request: Request) -> int:
    return int(json.loads(request.body)["uid"].removeprefix("person-"))


def raw(status: int, **headers: str) -> bytes:
    """The bytes of a whole answer; those without a body have no length."""
    if status < 200 or status in (204, 304):
        return f"HTTP/1.1 {status} Whatever\r\n\r\n".encode()
    return reply(status, Location="/elsewhere", **headers)


def send(store: Store, broadcast: Broadcast, url: str, kind: str = "webhook") -> BroadcastState:
    """As `broadcast send` and `broadcast resume` do, one call at a time."""
    channel = open_channel(f"{kind}:{url}", environ={}, timeout_seconds=5.0)
    channel.concurrency = 1
    store.broadcasts.start_sending(
        broadcast.number,
        via=stored_name(channel),
        now=time.time(),
        at_least_once=False,
        rate=None,
        limit=None,
    )
    again = store.broadcasts.get(broadcast.id)

    async def run() -> BroadcastState:
        await channel.open()
        try:
            sender = BroadcastSender(
                store, again, channel, owner=new_owner(), flush_seconds=0.01, pace=NoPace()
            )
            return await asyncio.wait_for(sender.run(), 60)
        finally:
            await channel.close()

    return asyncio.run(run())


def send_and_resume(store: Store, broadcast: Broadcast, url: str, resumes: int = RESUMES) -> None:
    for _ in range(1 + resumes):
        if send(store, broadcast, url) is BroadcastState.DONE:
            return


def states(store: Store, broadcast: Broadcast) -> dict[str, DeliveryState]:
    return {one.uid: one.state for one in store.outcomes.each(broadcast.number)}


def csv_outcomes(store: Store, broadcast: Broadcast) -> dict[str, str]:
    text = io.StringIO()
    write_report(store, broadcast, "csv", text.write)
    return {row["uid"]: row["outcome"] for row in csv.DictReader(io.StringIO(text.getvalue()))}


def posts(server: ScriptedServer) -> Counter[str]:
    return Counter(json.loads(request.body)["uid"] for request in server.asked)


@pytest.fixture
def quick_store(sqlite_address: str) -> Store:
    return open_store(sqlite_address)


def expected(status: int) -> DeliveryState:
    """By issue and RFC: what is recorded of an answer that does not pause."""
    if 200 <= status < 300:
        return ACCEPTED
    others = {402, 412, 414, 416, 417, 421, 423, 424, 428}
    return REFUSED if status in REFUSES or status in others else HELD


def test_every_status_is_posted_once_and_recorded_as_what_it_is(
    quick_store: Store, scripted: ScriptedServer
) -> None:
    wanted = [status for status in range(100, 600) if status not in PAUSES]
    # an accepted call in between, so that no twenty in a row pause it
    uids = [uid for status in wanted for uid in (uid_of(status), f"person-200{status}")]
    rows = [(uid, "Hi") for uid in uids]

    def answer(request: Request) -> bytes | None:
        status = status_of(request)
        # after an interim answer the connection is closed, so that nobody waits for a final one
        scripted.close_after = status < 200
        return raw(status if status < 600 else 200)

    scripted.answer = answer
    broadcast = loaded(quick_store, rows)
    send_and_resume(quick_store, broadcast, scripted.url)
    found = states(quick_store, broadcast)
    assert {status: found[uid_of(status)] for status in wanted} == {
        status: expected(status) for status in wanted
    }
    assert set(posts(scripted).values()) == {1}
    outcomes = csv_outcomes(quick_store, quick_store.broadcasts.get(broadcast.id))
    assert {outcomes[uid_of(status)] for status in wanted if expected(status) is HELD} == {
        "unknown"
    }


@pytest.mark.parametrize("status", PAUSES)
def test_a_status_that_every_row_would_get_pauses_and_a_resume_sends_the_row(
    quick_store: Store, scripted: ScriptedServer, status: int
) -> None:
    scripted.answer = lambda request: raw(status)
    broadcast = loaded(quick_store, [(uid_of(status), "Hi")])
    assert send(quick_store, broadcast, scripted.url) is BroadcastState.PAUSED
    assert states(quick_store, broadcast) == {uid_of(status): READY}
    assert str(status) in quick_store.broadcasts.get(broadcast.id).reason
    scripted.answer = lambda request: raw(200)
    assert send(quick_store, broadcast, scripted.url) is BroadcastState.DONE
    assert states(quick_store, broadcast) == {uid_of(status): ACCEPTED}


BROKEN: dict[str, Callable[[], bytes | None]] = {
    "no answer": lambda: None,
    "half a head": lambda: b"HTTP/1.1 200 O",
    "not HTTP": lambda: b"220 smtp.example ESMTP\r\n",
    "half a body": lambda: b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
    "half a chunk": lambda: b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n50\r\nhalf",
    "half an error": lambda: b"HTTP/1.1 401 No\r\nContent-Length: 100\r\n\r\nhalf",
    "429 without Retry-After": lambda: raw(429),
    "429 with an unreadable Retry-After": lambda: raw(429, Retry_After="soon"),
    "errcode": lambda: reply(200, b'{"errcode": 40001}', Content_Type="application/json"),
    "ok is false": lambda: reply(200, b'{"ok": false}', Content_Type="application/json"),
    "error": lambda: reply(201, b'{"error": "no"}', Content_Type="application/json"),
    "a sign-in page": lambda: reply(
        200, b'<form><input type="password"></form>', Content_Type="text/html"
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_after_an_answer_that_says_nothing_certain_nobody_is_posted_twice(
    quick_store: Store, scripted: ScriptedServer, name: str
) -> None:
    def answer(_request: Request) -> bytes | None:
        scripted.close_after = True
        return BROKEN[name]()

    scripted.answer = answer
    broadcast = loaded(quick_store, [("person-1", "Hi")])
    send_and_resume(quick_store, broadcast, scripted.url)
    assert states(quick_store, broadcast) == {"person-1": HELD}
    assert posts(scripted) == {"person-1": 1}
    assert csv_outcomes(quick_store, broadcast) == {"person-1": "unknown"}


def test_a_redirect_of_every_post_is_asked_once_for_each_person_also_after_a_cancel(
    quick_store: Store, scripted: ScriptedServer
) -> None:
    """As Google Apps Script answers: it runs the POST, then redirects."""
    scripted.answer = lambda request: raw(302)
    broadcast = loaded(quick_store, [(f"person-{row}", "Hi") for row in range(90)])
    for _ in range(1 + RESUMES):
        assert send(quick_store, broadcast, scripted.url) is BroadcastState.PAUSED
    cancelled = cancel(quick_store, quick_store.broadcasts.get(broadcast.id))
    posted = posts(scripted)
    assert set(posted.values()) == {1}
    assert len(posted) == 80  # twenty a run: the same answer twenty times pauses
    outcomes = csv_outcomes(quick_store, cancelled)
    assert {uid for uid, outcome in outcomes.items() if outcome == "unknown"} == set(posted)


def test_a_wait_that_the_service_asks_for_is_kept_and_the_row_is_sent_again(
    quick_store: Store, scripted: ScriptedServer
) -> None:
    answers = iter([raw(429, Retry_After="0.2"), raw(200)])
    scripted.answer = lambda request: next(answers)
    broadcast = loaded(quick_store, [("person-1", "Hi")])
    assert send(quick_store, broadcast, scripted.url) is BroadcastState.DONE
    assert states(quick_store, broadcast) == {"person-1": ACCEPTED}
    assert posts(scripted) == {"person-1": 2}


def test_a_test_address_that_takes_one_call_pauses_soon_with_its_words(
    quick_store: Store, scripted: ScriptedServer
) -> None:
    answers = iter([raw(200)])
    gone = reply(404, b'{"message": "not registered"}', Content_Type="application/json")
    scripted.answer = lambda request: next(answers, gone)
    broadcast = loaded(quick_store, [(f"person-{row}", "Hi") for row in range(300)])
    assert send(quick_store, broadcast, scripted.url) is BroadcastState.PAUSED
    assert "not registered" in quick_store.broadcasts.get(broadcast.id).reason
    assert len(scripted.asked) == 21


@pytest.mark.parametrize("first", [302, 500])
def test_a_retry_of_what_may_have_arrived_keeps_its_key(
    quick_store: Store, scripted: ScriptedServer, first: int
) -> None:
    answers = iter([raw(first), raw(200)])
    scripted.answer = lambda request: next(answers)
    broadcast = loaded(quick_store, [("person-1", "Hi")])
    assert send(quick_store, broadcast, scripted.url) is BroadcastState.DONE
    assert quick_store.ledger.reopen(broadcast.number, [HELD], now=time.time()) == 1
    assert send(quick_store, broadcast, scripted.url) is BroadcastState.DONE
    first_request, second_request = scripted.asked
    assert first_request.headers["idempotency-key"] == second_request.headers["idempotency-key"]
    assert first_request.body == second_request.body
