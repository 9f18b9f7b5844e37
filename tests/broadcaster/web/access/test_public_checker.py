"""The checker that anyone may use: only the check, within limits."""

import time
from typing import Any

import pytest
from answering import Server

from mockserver import MockServer

CLIENT = {"REMOTE_ADDR": "198.51.100.7"}


def post(visitor: Any, url: str, client: str = "198.51.100.7") -> int:
    answer = visitor.post("/checks", {"url": url}, environ_base={"REMOTE_ADDR": client})
    return int(answer.status_code)


@pytest.fixture
def public(open_window: Any) -> Any:
    return open_window(public_checker=True, allow_private=True)


@pytest.mark.parametrize("path", ["/checks", "/files", "/login", "/broadcasts", "/metrics"])
def test_nothing_but_the_check_is_served(public: Any, path: str) -> None:
    assert public.get(path).status_code in (404, 405)


def test_anyone_checks(public: Any, mock: MockServer) -> None:
    page = public.check(mock.fault_endpoint("PAGE004"))
    assert 'id="PAGE004"' in page
    assert "open to all" in public.get("/").text


def test_a_client_has_a_limit_and_another_its_own(public: Any, mock: MockServer) -> None:
    answers = [post(public, f"http://h{n}.invalid/") for n in range(6)]
    assert answers == [303] * 5 + [429]
    assert post(public, "http://other.invalid/", "203.0.113.9") == 303


def test_the_addresses_of_one_network_are_one_client(public: Any) -> None:
    answers = [
        post(public, f"http://h{n}.invalid/", client=f"2a00:1450:1:2::{n:x}") for n in range(6)
    ]
    assert answers == [303] * 5 + [429]


def test_a_target_has_a_limit_whoever_asks(public: Any) -> None:
    answers = [
        post(public, f"http://{host}:80{n}/{n}", client=f"198.51.100.{n}")
        for n, host in enumerate(["target.invalid", "TARGET.invalid.", "t\uff41rget.invalid"] * 4)
    ]
    assert answers == [303] * 10 + [429] * 2


def test_one_target_is_crawled_once_at_a_time(public: Any, slow_server: Server) -> None:
    first = public.start(slow_server.url)
    assert slow_server.arrived.acquire(timeout=60)
    second = public.start(slow_server.url.replace("/recipients", "/other"))
    other = public.start("http://other.invalid/", timeout="1", retries="0")
    assert "NET001" in public.wait(other)  # the line goes on with other hosts meanwhile
    assert "Waiting: this is the next one" in public.get(f"/checks/{second}").text
    for name in (second, first):
        public.post(f"/checks/{name}/stop")
        public.wait(name)


@pytest.mark.parametrize(
    ("field", "value"), [("max_pages", "201"), ("load", "2"), ("timeout", "16")]
)
def test_the_budgets_cannot_be_exceeded(public: Any, field: str, value: str) -> None:
    answer = public.post("/checks", {"url": "http://x.invalid/", field: value})
    assert answer.status_code == 422
    assert "can be at most" in answer.text


def test_a_crawl_without_an_end_is_ended(public: Any, slow_server: Server) -> None:
    slow_server.go_on.set()
    page = public.check(slow_server.url)
    assert 'id="NEXT014"' in page
    assert "Read 200 pages" in page


def test_the_line_is_not_endless(open_window: Any, slow_server: Server) -> None:
    visitor = open_window(checks_at_once=1, checks_waiting=1)
    running = visitor.start(slow_server.url, timeout="60")
    assert slow_server.arrived.acquire(timeout=60)
    waiting = visitor.start(slow_server.url)
    answer = visitor.post("/checks", {"url": slow_server.url})
    assert answer.status_code == 503
    assert "Too many jobs are waiting" in answer.text
    for name in (waiting, running):
        visitor.post(f"/checks/{name}/stop")


def test_private_addresses_are_out_of_reach(open_window: Any) -> None:
    visitor = open_window(public_checker=True)
    server = Server()
    try:
        page = visitor.check(server.url.replace("127.0.0.1", "2130706433"), retries="0")
        assert server.asked == []
        assert "resolves to a non-public address" in page
    finally:
        server.close()


def test_a_result_is_kept_for_a_week(public: Any) -> None:
    week = 7 * 24 * 3600
    old, new = (public.store.checks.begin(f"http://{n}.invalid/", "", 0.0) for n in range(2))
    public.store.checks.end(old, state="done", now=time.time() - week - 60)
    public.store.checks.end(new, state="done", now=time.time() - week + 60)
    assert post(public, "http://x.invalid/") == 303
    assert public.get(f"/checks/{old}").status_code == 404
    assert public.get(f"/checks/{new}").status_code == 200
