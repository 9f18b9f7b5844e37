"""When a request is sent again, and how long the crawl waits: no test waits itself."""

import time
from email.utils import formatdate

import pytest
from answering import Answer, Asked, Server

from checker.core.config import Config
from checker.core.endpoint import Endpoint
from checker.core.model import Exchange, Reply
from checker.crawling.client import Client
from checker.crawling.retries import pause_before_retry
from checker.text.redact import Redactor

NOW = 1_800_000_000
PAGE = Answer(b'{"list": [], "next": ""}')
RETRIED = [408, 429, 502, 503, 504, 520, 521, 522, 523, 524, 530]


def client_of(server: Server, slept: list[float], **options: float) -> Client:
    config = Config(endpoint=Endpoint.parse(server.url), **options)  # type: ignore[arg-type]
    return Client(
        config, run="run", redactor=Redactor([]), listener=lambda _: None, sleep=slept.append
    )


def asked_once(server: Server, slept: list[float], **options: float) -> Exchange:
    client = client_of(server, slept, **options)
    try:
        return client.get_page(None, page=1)
    finally:
        client.close()


def first_then_page(first: Answer, server: Server) -> None:
    server.answer = lambda asked: first if len(server.asked) == 1 else PAGE


@pytest.mark.parametrize("status", RETRIED)
def test_a_passing_status_is_asked_again(server: Server, status: int) -> None:
    slept: list[float] = []
    first_then_page(Answer(b"later", status), server)
    exchange = asked_once(server, slept)
    assert (exchange.status, exchange.attempts) == (200, 2)
    assert exchange.retry_reasons == (f"the server answered {status}",)
    assert len(slept) == 1


@pytest.mark.parametrize("status", [400, 404, 425, 500, 501, 505, 519, 525, 529, 531])
def test_another_status_is_not(server: Server, status: int) -> None:
    slept: list[float] = []
    first_then_page(Answer(b"no", status), server)
    assert asked_once(server, slept).status == status
    assert (len(server.asked), slept) == (1, [])


def http_date(seconds: float) -> str:
    return formatdate(NOW + seconds, usegmt=True)


@pytest.mark.parametrize(
    ("value", "pause"),
    [
        ("0", 0.0),
        ("3", 3.0),
        (" 3 ", 3.0),
        ("2.5", 2.5),
        ("2.", 2.0),
        ("30", 30.0),
        ("31", 30.0),
        ("1" + 30 * "0", 30.0),
        (60_000 * "9", 30.0),
        (http_date(7), 7.0),
        (http_date(-7), 0.0),
        (http_date(86_400), 30.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 30.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 0.0),
        ("Sun Nov  6 08:49:37 1994", 0.0),
    ],
)
def test_retry_after_is_a_number_a_fraction_or_a_date(value: str, pause: float) -> None:
    headers = (("Date", http_date(0)), ("retry-after", value))
    assert pause_before_retry(Reply(status=429, headers=headers), 1) == pause


@pytest.mark.parametrize(
    "value",
    ["", "soon", "-5", "1e3", "0x10", "1,5", "٣", "²", "nan", "inf", "Fri, 99 Foo 2026", "\0"],
)
def test_what_cannot_be_read_is_as_if_it_were_not_there(value: str) -> None:
    pause = pause_before_retry(Reply(status=429, headers=(("Retry-After", value),)), 1)
    assert 0.3 < pause < 0.7


def test_a_date_is_compared_with_our_clock_where_the_server_sends_none() -> None:
    until = formatdate(time.time() + 20, usegmt=True)
    pause = pause_before_retry(Reply(status=503, headers=(("Retry-After", until),)), 1)
    assert 15 < pause <= 20


def test_the_pauses_grow_up_to_a_bound() -> None:
    pauses = [pause_before_retry(Reply(status=503), attempt) for attempt in range(1, 11)]
    assert pauses[0] < pauses[2] < pauses[4]
    assert max(pauses) == 30.0


def served(server: Server, slept: list[float], pages: int, **options: float) -> list[int | None]:
    client = client_of(server, slept, **options)
    try:
        return [client.get_page(str(number)).status for number in range(pages)]
    finally:
        client.close()


def test_a_pause_is_made_between_two_requests(server: Server) -> None:
    server.answer = lambda asked: PAGE
    slept: list[float] = []
    assert served(server, slept, 4, delay_seconds=1.5) == [200] * 4
    assert slept == [1.5] * 3


def test_nothing_is_paused_unless_asked_for(server: Server) -> None:
    server.answer = lambda asked: PAGE
    slept: list[float] = []
    served(server, slept, 4)
    assert slept == []


def test_a_retry_waits_for_the_longer_of_both(server: Server) -> None:
    busy = Answer(b"", 503, {"Retry-After": "1"})
    server.answer = lambda asked: busy if len(server.asked) == 2 else PAGE
    slept: list[float] = []
    served(server, slept, 2, delay_seconds=4)
    assert slept == [4, 1, 3]


def test_after_a_429_the_requests_come_slower_and_then_faster_again(server: Server) -> None:
    busy = Answer(b"", 429, {"Retry-After": "0"})
    server.answer = lambda asked: busy if len(server.asked) in (2, 5) else PAGE
    slept: list[float] = []
    assert served(server, slept, 60) == [200] * 60
    pauses = [seconds for seconds in slept if seconds]
    assert pauses[0] == 0.5
    assert max(pauses) < 2
    assert pauses[-1] < 0.1
    assert len(pauses) < 60, "one refusal does not slow down all that follows"


def test_a_window_of_requests_is_respected_without_retry_after(server: Server) -> None:
    """At most five requests in any ten seconds, by a clock that only our pauses move."""
    slept: list[float] = []
    granted: list[float] = []

    def answer(asked: Asked) -> Answer:
        now = sum(slept)
        if len([at for at in granted if at > now - 10]) >= 5:
            return Answer(b"too many", 429)
        granted.append(now)
        return PAGE

    server.answer = answer
    assert served(server, slept, 30, retries=6) == [200] * 30
    assert sum(slept) < 150
