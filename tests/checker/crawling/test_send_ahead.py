"""The next page's request goes out while the last page is judged, and nobody can tell otherwise."""

import json
import threading
from collections.abc import Callable

import pytest
from answering import Answer, Asked, Server

from checker.core.config import Config
from checker.core.endpoint import Endpoint
from checker.core.events import Event, PageRead
from checker.core.model import Exchange
from checker.core.report import Report
from checker.crawling.client import Client
from checker.engine.run import Check
from checker.text.redact import Redactor

PATIENCE_SECONDS = 60.0
A_WHILE_SECONDS = 1.0


def page(token: str | None, last: int = 4, padding: str = "") -> Answer:
    number = int(token or 1)
    rows = [{"uid": f"user-{number}", "msg": f"Hello {number}{padding}"}]
    following = str(number + 1) if number < last else ""
    return Answer(json.dumps({"list": rows, "next": following}).encode())


def a_good_api(asked: Asked) -> Answer:
    if asked.method != "GET":
        return Answer(status=405, headers={"Allow": "GET"})
    known = asked.token is None or asked.token.isdigit()
    return page(asked.token) if known else Answer(status=400)


def config_of(server: Server, *, probes: bool = False) -> Config:
    # the good API pages by number, which is told as an info
    return Config(endpoint=Endpoint.parse(server.url), probes=probes, ignore=("NEXT016",))


def run(config: Config, when_judged: Callable[[int, Check, Exchange], None]) -> Report:
    """A check that calls back at each page with its number, itself and the page's exchange."""

    def listen(event: Event) -> None:
        if isinstance(event, PageRead):
            when_judged(event.page.number, check, event.page.exchange)

    check = Check(config, listen)
    try:
        return check.run()
    finally:
        check.close()


def be_busy_once(number: int) -> None:
    if number == 1:
        threading.Event().wait(A_WHILE_SECONDS)


def client_of(server: Server) -> Client:
    return Client(config_of(server), run="test", redactor=Redactor(), listener=lambda _: None)


def test_the_next_page_is_asked_for_while_this_one_is_judged(server: Server) -> None:
    came = {token: threading.Event() for token in ("2", "3", "4")}

    def answer(asked: Asked) -> Answer:
        if asked.token in came:
            came[asked.token].set()
        return a_good_api(asked)

    def judge(number: int, check: Check, _: Exchange) -> None:
        if number < 4:
            assert came[str(number + 1)].wait(PATIENCE_SECONDS)
            assert check.client.requests == number + 1

    server.answer = answer
    report = run(config_of(server), judge)
    assert (report.crawl.pages, report.crawl.requests) == (4, 4)
    assert [asked.token for asked in server.asked] == [None, "2", "3", "4"], "each of them once"


def test_the_first_page_comes_again_right_after_the_second(server: Server) -> None:
    server.answer = a_good_api
    sent: list[int] = []
    report = run(config_of(server, probes=True), lambda *seen: sent.append(seen[1].client.requests))
    assert [asked.token for asked in server.asked][:4] == [None, "2", None, "3"]
    assert sent[:2] == [2, 2], "after the second page, which the probe follows, nothing is sent"
    assert report.crawl.requests == len(server.asked)


def test_what_we_do_meanwhile_is_not_the_time_of_the_page(server: Server) -> None:
    times: list[float] = []

    def judge(number: int, _: Check, exchange: Exchange) -> None:
        times.append(exchange.seconds)
        be_busy_once(number)

    server.answer = a_good_api
    run(config_of(server), judge)
    assert len(times) == 4
    assert max(times) < A_WHILE_SECONDS


def test_what_the_server_does_meanwhile_is(server: Server) -> None:
    def answer(asked: Asked) -> Answer:
        if asked.token == "3":
            threading.Event().wait(A_WHILE_SECONDS)
        return a_good_api(asked)

    times: dict[int, float] = {}
    server.answer = answer
    run(config_of(server), lambda number, _, exchange: times.update({number: exchange.seconds}))
    assert times[3] >= A_WHILE_SECONDS
    assert times[4] < A_WHILE_SECONDS


def test_the_deadline_is_the_servers_alone(server: Server) -> None:
    less = A_WHILE_SECONDS - 0.1
    config = Config(
        endpoint=Endpoint.parse(server.url), probes=False, timeout_seconds=less, ignore=("NEXT016",)
    )
    server.answer = a_good_api
    report = run(config, lambda number, *_: be_busy_once(number))
    assert (report.complete, report.findings) == (True, ())


def test_a_page_is_left_alone_while_a_large_one_is_judged(server: Server) -> None:
    server.answer = lambda asked: page(asked.token, padding="m" * 2**20)
    sent: list[int] = []
    run(config_of(server), lambda *seen: sent.append(seen[1].client.requests))
    assert sent == [1, 2, 3, 4]


def test_another_request_does_not_get_the_answer(server: Server) -> None:
    server.answer = a_good_api
    client = client_of(server)
    client.get_page("1")
    client.send_ahead("2")
    assert client.requests == 2
    exchange = client.get_page("3")
    assert json.loads(exchange.body)["list"][0]["uid"] == "user-3"
    assert client.requests == 3
    client.close()


def test_a_second_request_sent_ahead_does_not_get_the_answer_of_the_first(server: Server) -> None:
    server.answer = a_good_api
    client = client_of(server)
    client.get_page("1")
    client.send_ahead("2")
    client.send_ahead("3")
    exchange = client.get_page("3")
    assert json.loads(exchange.body)["list"][0]["uid"] == "user-3"
    client.close()


def test_a_crawl_can_be_left_after_any_page(server: Server) -> None:
    server.answer = a_good_api
    check = Check(config_of(server), lambda _: None)
    pages = check.crawl.pages()
    next(pages)
    pages.close()
    check.close()
    assert check.client.requests == 2


def test_an_interrupt_leaves_nothing_behind(server: Server) -> None:
    def judge(number: int, _: Check, __: Exchange) -> None:
        if number == 2:
            raise KeyboardInterrupt

    server.answer = a_good_api
    report = run(config_of(server), judge)
    assert (report.interrupted, report.crawl.pages, report.crawl.requests) == (True, 2, 3)


@pytest.mark.parametrize("status", [503, 429])
def test_a_request_sent_ahead_is_tried_again(server: Server, status: int) -> None:
    refused: list[str] = []

    def answer(asked: Asked) -> Answer:
        if asked.token == "3" and not refused:
            refused.append(asked.token)
            return Answer(status=status, headers={"Retry-After": "0"})
        return a_good_api(asked)

    server.answer = answer
    report = run(config_of(server), lambda *_: None)
    assert [finding.rule for finding in report.findings] == ["NET009"]
    assert report.crawl.requests == len(server.asked) == 5


def test_a_redirect_is_followed_anew_for_each_page(server: Server) -> None:
    def answer(asked: Asked) -> Answer:
        if asked.path == "/recipients":
            query = f"?next={asked.token}" if asked.token else ""
            return Answer(status=307, headers={"Location": "/moved" + query})
        return a_good_api(asked)

    server.answer = answer
    report = run(config_of(server), lambda *_: None)
    assert [finding.rule for finding in report.findings] == ["HTTP009"]
    assert (report.crawl.pages, len(server.asked)) == (4, 8)
    assert report.complete


@pytest.mark.parametrize("query", ["?a=%c3%a9", "?b=[1]&c='x'"])
def test_a_query_is_sent_as_it_always_is(server: Server, query: str) -> None:
    server.answer = a_good_api
    run(Config(endpoint=Endpoint.parse(server.url + query), probes=False), lambda *_: None)
    first, *others = server.asked
    assert len(others) == 3
    kept = [{k: v for k, v in asked.query.items() if k != "next"} for asked in others]
    assert kept == [first.query] * 3
