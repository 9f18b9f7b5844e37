"""Servers that keep a crawl busy: empty pages and waits without end, blank pages of any size."""

import itertools
import json
import time
from typing import Any

import pytest

from checker.core.config import Config
from checker.core.endpoint import Endpoint
from checker.crawling.client import Client
from checker.text.redact import Redactor

MEGABYTE = 1024 * 1024
POST_REFUSED = "405 Method Not Allowed"


def empty_pages(tokens: Any) -> Any:
    """Empty pages, each with the next of the tokens."""

    def script(line: Any) -> None:
        if line.method == "GET":
            line.reply(json.dumps({"list": [], "next": next(tokens)}))
        else:
            line.reply("", "Allow: GET", status=POST_REFUSED)

    return script


def test_empty_pages_with_ever_new_tokens_end_soon(serve: Any, examine: Any) -> None:
    server = serve(empty_pages(f"t{number}" for number in itertools.count()))
    begun = time.monotonic()
    outcome = examine(server, probes=True)
    assert outcome.report.findings[0].rule == "NEXT014"
    assert "empty pages" in outcome.report.findings[0].message
    assert len(server.requests) < 110
    assert time.monotonic() - begun < 20


def test_empty_pages_with_ever_new_megabyte_tokens_end_soon(serve: Any, examine: Any) -> None:
    server = serve(empty_pages(f"{number}-" + "t" * MEGABYTE for number in itertools.count()))
    begun = time.monotonic()
    outcome = examine(server, probes=True)
    assert outcome.report.findings[0].rule == "NEXT014"
    assert len(server.requests) < 110
    assert time.monotonic() - begun < 60
    assert len(outcome.json) < MEGABYTE


def test_empty_pages_that_answer_a_megabyte_token_with_414(serve: Any, examine: Any) -> None:
    def script(line: Any) -> None:
        if line.method != "GET":
            line.reply("", "Allow: GET", status=POST_REFUSED)
        elif len(line.target) > 8000:
            line.reply("", status="414 URI Too Long")
        else:
            line.reply(json.dumps({"list": [], "next": "t" * MEGABYTE}))

    assert examine(serve(script), probes=True).errors == {"HTTP005"}


@pytest.mark.parametrize(
    "reply",
    [
        lambda line: line.reply(b" " * (16 * MEGABYTE)),
        lambda line: line.reply(b"\r\n\t" * MEGABYTE),
        lambda line: line.chunks(*[b"10000\r\n" + b" " * 65_536 + b"\r\n"] * 100, b"0\r\n\r\n"),
    ],
)
def test_a_blank_page_of_any_size_is_blank(serve: Any, examine: Any, reply: Any) -> None:
    def script(line: Any) -> None:
        if line.method != "GET":
            line.reply("", "Allow: GET", status=POST_REFUSED)
        elif line.target.endswith("=2"):
            reply(line)
        else:
            line.page(then="2")

    server = serve(script)
    outcome = examine(server, probes=True)
    assert outcome.errors == set()
    assert outcome.report.findings[0].rule == "PAGE010"
    assert outcome.report.complete
    assert sum(line.target.endswith("next=2") for line in server.requests) == 2


def test_a_blank_page_over_the_limit_is_not_read(serve: Any, examine: Any) -> None:
    server = serve(lambda line: line.reply(b" " * (16 * MEGABYTE + 1)))
    assert examine(server).errors == {"NET007"}


def test_pages_that_are_blank_every_first_time_are_read(serve: Any, examine: Any) -> None:
    blank: set[str] = set()

    def script(line: Any) -> None:
        token = line.target.partition("next=")[2]
        if line.method != "GET" or token.isalpha():
            line.reply("", "Allow: GET", status=POST_REFUSED)
            return
        number = int(token or 0)
        if line.target not in blank:
            blank.add(line.target)
            line.reply("")
        else:
            line.page(start=10 * number, then=str(number + 1) if number < 30 else "")

    outcome = examine(serve(script), probes=True, select=["PAGE010", "NEXT014"])
    assert outcome.rules == {"PAGE010"}
    assert outcome.report.crawl.rows == 62
    assert outcome.report.findings[0].count == 31


@pytest.mark.parametrize(
    "value",
    [
        "1" + 30 * "0",
        20_000 * "9",
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "Fri, 31 Dec 99999 23:59:59 GMT",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "0.0000001",
        "-1",
        "\xa0",
        "Mon, 01 Jan 0000 00:00:00 -9999",
    ],
)
def test_no_wait_is_longer_than_thirty_seconds(serve: Any, value: str) -> None:
    slept: list[float] = []
    server = serve(lambda line: line.reply("", f"Retry-After: {value}", status="429 Too Many"))
    config = Config(endpoint=Endpoint.parse(server.url), retries=10)
    client = Client(
        config, run="run", redactor=Redactor([]), listener=lambda _: None, sleep=slept.append
    )
    assert client.get_page(None).status == 429
    client.close()
    assert len(slept) == 10
    assert all(0 <= seconds <= 30 for seconds in slept)


POSTS_WITHOUT_END = {
    "body": b"HTTP/1.1 200 OK\r\n\r\n",
    "error": b"HTTP/1.1 405 Method Not Allowed\r\nAllow: GET\r\n\r\n",
    "created": b"HTTP/1.1 201 Created\r\n\r\n",
    "chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
}


@pytest.mark.parametrize("name", POSTS_WITHOUT_END)
def test_a_post_answer_that_never_ends_is_bounded(serve: Any, examine: Any, name: str) -> None:
    def script(line: Any) -> None:
        if line.method == "GET":
            line.page()
            return
        line.send(POSTS_WITHOUT_END[name])
        line.forever(b"10000\r\n" + b" " * 65_536 + b"\r\n")

    begun = time.monotonic()
    outcome = examine(serve(script), probes=True)
    assert outcome.errors == set()
    assert outcome.report.complete
    assert time.monotonic() - begun < 30


def test_a_post_answer_that_drips_is_bounded(serve: Any, examine: Any) -> None:
    def script(line: Any) -> None:
        if line.method == "GET":
            line.page()
        else:
            line.forever_slowly(b"HTTP/1.1 200 OK\r\n\r\n")

    begun = time.monotonic()
    assert examine(serve(script), probes=True, timeout=2).errors == set()
    assert time.monotonic() - begun < 20


def test_a_scroll_id_without_end_is_left_soon(serve: Any, examine: Any) -> None:
    numbers = itertools.count()

    def script(line: Any) -> None:
        line.page(start=10 * next(numbers), then="scroll")

    server = serve(script)
    outcome = examine(server, probes=True)
    assert "NEXT008" in outcome.errors
    assert "NEXT003" not in outcome.rules
    assert len(server.requests) < 12


@pytest.mark.parametrize("end", ["close", "reset"])
def test_a_token_that_drops_the_connection_crashes_the_server(
    serve: Any, examine: Any, end: str
) -> None:
    def script(line: Any) -> None:
        if "next=" in line.target:
            getattr(line, end)()
        line.page()

    assert "NEXT010" in examine(serve(script), probes=True).rules


def test_a_408_that_nobody_asked_for_is_no_failure(serve: Any, examine: Any) -> None:
    """A proxy says it on a kept-alive connection, together with the request that comes too late."""
    said: list[str] = []

    def script(line: Any) -> None:
        if "next=2" in line.target and not said:
            said.append(line.target)
            line.reply("", "Connection: close", status="408 Request Time-out")
            line.close()
        line.page(start=10 * len(said), then="" if "next=" in line.target else "2")

    outcome = examine(serve(script))
    assert outcome.rules == set()
    assert outcome.report.complete
