"""Servers that break the rules of HTTP, or never come to an end: each is named for what it does."""

import queue
import socket
import ssl
from collections.abc import Callable
from typing import Any

import pytest

from checker.core.protocols import Address
from checker.transport.resolver import Resolver

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
BODY = b'{"list":[{"uid":"a","msg":"b"}],"next":""}'
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
CHUNK = b"%x\r\n%s\r\n" % (len(BODY), BODY)


def sent(content: bytes) -> Callable[[Any], None]:
    """These bytes, and the connection stays open."""
    return lambda line: line.send(content)


def sent_and_closed(content: bytes) -> Callable[[Any], None]:
    def script(line: Any) -> None:
        line.send(content)
        line.close()

    return script


def sent_and_reset(content: bytes) -> Callable[[Any], None]:
    def script(line: Any) -> None:
        line.send(content)
        line.reset()

    return script


def then_forever(start: bytes, again: bytes) -> Callable[[Any], None]:
    def script(line: Any) -> None:
        line.send(start)
        line.forever(again)

    return script


def dripped(start: bytes, slow: bytes) -> Callable[[Any], None]:
    def script(line: Any) -> None:
        line.send(start)
        line.drip(slow)

    return script


def with_headers(*lines: bytes) -> bytes:
    return OK + b"".join(line + b"\r\n" for line in lines) + b"\r\n" + BODY


LENGTH = b"Content-Length: %d" % len(BODY)

ENDLESS = {
    "never answers": lambda line: line.wait(),
    "drips the head": dripped(b"", OK * 5),
    "drips the body": dripped(OK + b"Content-Length: 5000\r\n\r\n", b" " * 5000),
    "drips chunks": dripped(CHUNKED, b"1\r\n \r\n" * 500),
    "100 Continue again and again": then_forever(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 50),
    "103 again and again": then_forever(b"", b"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n" * 9),
    "102 with large heads": then_forever(b"", b"HTTP/1.1 102 P\r\nA: %s\r\n\r\n" % (b"x" * 60_000)),
    "endless trailers": then_forever(CHUNKED + CHUNK + b"0\r\n", b"Trailer: x\r\n" * 50),
    "stops in the head": sent(OK),
    "stops in the body": sent(OK + b"Content-Length: 5000\r\n\r\n" + BODY),
    "stops in a chunk": sent(CHUNKED + b"ffff\r\n" + BODY),
    "stops before the last chunk": sent(CHUNKED + CHUNK),
    "no length, and no end": sent(OK + b"\r\n" + BODY),
}

BROKEN: dict[str, tuple[Callable[[Any], None], str, str]] = {
    "closed without a byte": (lambda line: line.close(), "NET002", "closed before a single byte"),
    "reset without a byte": (lambda line: line.reset(), "NET002", "before a single byte"),
    "closed in the status line": (sent_and_closed(b"HTTP/1.1 20"), "NET005", "in its headers"),
    "closed after the status line": (sent_and_closed(b"HTTP/1.1 200 OK\r\n"), "NET005", "headers"),
    "closed in the head": (sent_and_closed(OK + b"Content-Len"), "NET005", "in its headers"),
    "reset in the head": (sent_and_reset(OK), "NET005", "in its headers"),
    "closed in the body": (
        sent_and_closed(OK + b"Content-Length: 5000\r\n\r\n" + BODY),
        "NET005",
        "closed in the middle of its body",
    ),
    "reset in the body": (
        sent_and_reset(OK + b"Content-Length: 5000\r\n\r\n" + BODY),
        "NET005",
        "in the middle of its body",
    ),
    "closed in a chunk": (sent_and_closed(CHUNKED + b"ffff\r\n" + BODY), "NET005", "its body"),
    "closed in a chunk's size": (sent_and_closed(CHUNKED + b"ff"), "NET005", "its body"),
    "no last chunk": (sent_and_closed(CHUNKED + CHUNK), "NET005", "its body"),
    "103 and closed": (
        sent_and_closed(b"HTTP/1.1 103 Early Hints\r\n\r\n"),
        "NET006",
        "103 as its final status",
    ),
    "102 and silence": (
        sent(b"HTTP/1.1 102 Processing\r\n\r\n"),
        "NET006",
        "102 as its final status",
    ),
    "101": (
        sent(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"),
        "NET006",
        "101 as its final status",
    ),
    "another protocol": (sent(b"220 mail.example.com ESMTP\r\n"), "NET006", "status line"),
    "garbage": (sent(b"\x16\x03\x01\x00\xff\r\n"), "NET006", "status line"),
    "a status of letters": (sent(b"HTTP/1.1 OK 200\r\n\r\n"), "NET006", "status line"),
    "a negative status": (sent(b"HTTP/1.1 -200 OK\r\n\r\n"), "NET006", "status line"),
    "a status of many digits": (sent(b"HTTP/1.1 20000 OK\r\n\r\n"), "NET006", "status line"),
    "HTTP/2 in words": (sent(b"HTTP/2.0 200 OK\r\n\r\n"), "NET006", "status line"),
    "a status line without end": (then_forever(b"HTTP/1.1 200 ", b"O" * 9999), "NET006", "64 KiB"),
    "101 headers": (sent(with_headers(*[b"X-%d: y" % n for n in range(101)])), "NET006", "100"),
    "headers without end": (then_forever(OK, b"X-Header: y\r\n" * 50), "NET006", "100 headers"),
    "98 headers of 60 KB": (
        sent(with_headers(LENGTH, *[b"X-%d: %s" % (n, b"y" * 60_000) for n in range(96)])),
        "NET006",
        "over 64 KiB",
    ),
    "a line of 70 KB": (sent(with_headers(b"X: " + b"y" * 70_000)), "NET006", "over 64 KiB"),
    "a header without a colon": (sent(with_headers(LENGTH, b"oops")), "NET006", "no colon"),
    "a negative length": (sent(with_headers(b"Content-Length: -1")), "NET006", "not a number"),
    "a signed length": (sent(with_headers(b"Content-Length: +42")), "NET006", "not a number"),
    "a length in words": (sent(with_headers(b"Content-Length: many")), "NET006", "not a number"),
    "a length of 5,000 digits": (
        sent_and_closed(with_headers(b"Content-Length: " + b"9" * 5000)),
        "NET006",
        "not a number",
    ),
    "two lengths": (sent(with_headers(LENGTH, b"Content-Length: 7")), "NET006", "two different"),
    "both framings": (
        sent(OK + LENGTH + b"\r\nTransfer-Encoding: chunked\r\n\r\n" + CHUNK + b"0\r\n\r\n"),
        "NET006",
        "both",
    ),
    "an unknown framing": (
        sent(with_headers(b"Transfer-Encoding: gzip")),
        "NET006",
        "not chunked",
    ),
    "a chunk size in words": (sent(CHUNKED + b"many\r\n" + BODY), "NET006", "no readable size"),
    "a negative chunk size": (sent(CHUNKED + b"-5\r\n" + BODY), "NET006", "no readable size"),
    "a chunk size with 0x": (sent(CHUNKED + b"0x2a\r\n" + BODY), "NET006", "no readable size"),
    "a chunk size with _": (sent(CHUNKED + b"2_a\r\n" + BODY), "NET006", "no readable size"),
    "no chunk size": (sent(CHUNKED + b"\r\n" + BODY), "NET006", "no readable size"),
    "a huge chunk size": (sent(CHUNKED + b"f" * 40 + b"\r\n"), "NET006", "no readable size"),
    "a chunk size without end": (then_forever(CHUNKED, b"1" * 999), "NET006", "no readable size"),
    "a chunk longer than its size": (
        sent(CHUNKED + b"3\r\n" + BODY + b"\r\n"),
        "NET006",
        "no readable size",
    ),
    "a body without end": (then_forever(OK + b"\r\n", b" " * 65_536), "NET007", "over 16 MiB"),
    "chunks without end": (
        then_forever(CHUNKED, b"10000\r\n" + b" " * 65_536 + b"\r\n"),
        "NET007",
        "over 16 MiB",
    ),
    "a length of a terabyte": (
        then_forever(OK + b"Content-Length: 1099511627776\r\n\r\n", b" " * 65_536),
        "NET007",
        "over 16 MiB",
    ),
    "a length that cuts the body": (
        sent(OK + b"Content-Length: 20\r\n\r\n" + BODY),
        "JSON001",
        "ends in the middle",
    ),
}

HEALTHY = {
    "103 before the page": sent(
        b"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n" + with_headers(LENGTH)
    ),
    "100 before the page": sent(b"HTTP/1.1 100 Continue\r\n\r\n" + with_headers(LENGTH)),
    "chunks with extensions and trailers": sent(
        CHUNKED + b"%x;a=b\r\n%s\r\n0\r\nTrailer: x\r\n\r\n" % (len(BODY), BODY)
    ),
    "chunk sizes with zeros and capitals": sent(CHUNKED + b"002A\r\n%s\r\n0\r\n\r\n" % BODY),
    "chunks of one byte": sent(
        CHUNKED + b"".join(b"1\r\n%c\r\n" % byte for byte in BODY) + b"0\r\n\r\n"
    ),
    "the same length twice": sent(with_headers(LENGTH, LENGTH)),
    "99 headers": sent(with_headers(LENGTH, *[b"X-%d: y" % n for n in range(97)])),
    "60 KB of headers": sent(with_headers(LENGTH, b"X: " + b"y" * 60_000)),
    "a body that ends with the connection": sent_and_closed(OK + b"\r\n" + BODY),
    "line feeds alone": sent(with_headers(LENGTH).replace(b"\r\n", b"\n")),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_what_never_ends_is_a_timeout(serve: Any, examine: Any, name: str) -> None:
    outcome = examine(serve(ENDLESS[name]), timeout=1)
    assert outcome.errors == {"NET004"}
    assert "took more than 1 s" in outcome.says
    assert outcome.report.crawl.requests == 1


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_is_named(serve: Any, examine: Any, name: str) -> None:
    script, rule, words = BROKEN[name]
    outcome = examine(serve(script), timeout=2 if "silence" in name else 20)
    assert outcome.errors == {rule}
    assert words in outcome.says
    assert not outcome.report.complete


@pytest.mark.parametrize("name", HEALTHY)
def test_what_is_only_unusual_passes(serve: Any, examine: Any, name: str) -> None:
    outcome = examine(serve(HEALTHY[name]))
    assert outcome.rules == set()
    assert outcome.report.verdict == "pass"


def test_a_page_of_several_parts_is_not_called_a_broken_head(serve: Any, examine: Any) -> None:
    kind = "multipart/mixed; boundary=x"
    outcome = examine(serve(lambda line: line.reply(BODY, kind=kind)))
    assert outcome.rules == {"HTTP012"}


def test_a_retried_failure_is_retried_as_often_as_asked(serve: Any, examine: Any) -> None:
    server = serve(lambda line: line.close())
    outcome = examine(server, retries=1)
    assert outcome.errors == {"NET002"}
    assert len(server.requests) == outcome.report.crawl.requests == 2


def test_a_connection_closed_between_pages_is_no_finding(serve: Any, examine: Any) -> None:
    def script(line: Any) -> None:
        tokens = {"/recipients": 1, "/recipients?next=1": 2, "/recipients?next=2": 3}
        number = tokens[line.target]
        line.page(start=10 * number, then=str(number) if number < 3 else "")
        line.close()

    server = serve(script)
    outcome = examine(server)
    assert outcome.report.complete
    assert outcome.report.crawl.pages == 3
    assert outcome.rules <= {"PERF005"}
    assert server.connections == 3


def test_a_connection_reset_on_its_second_request_is_asked_anew_in_silence(
    serve: Any, examine: Any
) -> None:
    asked: list[str] = []

    def script(line: Any) -> None:
        asked.append(line.target)
        if line.target == "/recipients":
            line.page(then="two")
        elif asked.count(line.target) == 1:
            line.reset()
        else:
            line.page(start=10)

    outcome = examine(serve(script))
    assert asked == ["/recipients", "/recipients?next=two", "/recipients?next=two"]
    assert outcome.rules == set()
    assert outcome.report.complete


def test_a_server_that_only_closes_is_not_asked_without_end(serve: Any, examine: Any) -> None:
    def script(line: Any) -> None:
        if line.target != "/recipients":
            line.close()
        line.page(then="two")

    server = serve(script)
    outcome = examine(server)
    assert outcome.errors == {"NET002"}
    assert len(server.requests) == 3, "the first page, the second, and once more in silence"


def test_words_behind_a_response_do_not_become_the_next_one(serve: Any, examine: Any) -> None:
    first = b'{"list":[{"uid":"c","msg":"d"}],"next":"2"}'
    stray = b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"

    def script(line: Any) -> None:
        if line.target == "/recipients":
            line.send(OK + b"Content-Length: %d\r\n\r\n" % len(first) + first + stray)
        else:
            line.send(with_headers(LENGTH))

    outcome = examine(serve(script))
    assert outcome.rules == set()
    assert outcome.report.crawl.pages == 2


class SlowResolver(Resolver):
    """A system whose look-up hangs."""

    def resolve(self, host: str, port: int, timeout_seconds: float) -> list[Address]:
        with pytest.raises(queue.Empty):
            queue.SimpleQueue[None]().get(timeout=timeout_seconds)
        raise TimeoutError


class FailingResolver(Resolver):
    """A system whose look-up fails in one way or another."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def resolve(self, host: str, port: int, timeout_seconds: float) -> list[Address]:
        raise self.error


class ManyAddresses(Resolver):
    """A name with many addresses, at none of which anyone listens."""

    def __init__(self, port: int) -> None:
        self.port = port

    def resolve(self, host: str, port: int, timeout_seconds: float) -> list[Address]:
        return [Address(socket.AF_INET, ("127.0.0.1", self.port))] * 300


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def test_a_look_up_that_hangs_is_a_timeout(examine: Any) -> None:
    outcome = examine("http://slow.example.test/", resolver=SlowResolver(), timeout=1)
    assert outcome.errors == {"NET004"}
    assert "looking up the host name" in outcome.says


@pytest.mark.parametrize(
    "error", [OSError(-2, "Name or service not known"), UnicodeError("label too long")]
)
def test_a_look_up_that_fails_is_told(examine: Any, error: Exception) -> None:
    outcome = examine("http://none.example.test/", resolver=FailingResolver(error))
    assert outcome.errors == {"NET001"}


def test_a_name_without_addresses_cannot_be_reached(examine: Any, closed_port: int) -> None:
    resolver = ManyAddresses(closed_port)
    outcome = examine("http://many.example.test/", resolver=resolver)
    assert outcome.errors == {"NET002"}
    assert "refused" in outcome.says


def test_a_connection_that_is_never_taken_is_a_timeout(examine: Any) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        try:
            for sock in waiting:  # fills the queue of those who want to connect
                sock.setblocking(False)
                sock.connect_ex(("127.0.0.1", port))
            outcome = examine(f"http://127.0.0.1:{port}/", timeout=1)
        finally:
            for sock in waiting:
                sock.close()
    assert outcome.errors == {"NET004"}


def test_a_handshake_that_is_never_answered_is_a_timeout(serve: Any, examine: Any) -> None:
    server = serve(lambda line: line.wait(), greets=True)
    outcome = examine(server.url.replace("http:", "https:"), timeout=1)
    assert outcome.errors == {"NET004"}
    assert "the TLS handshake" in outcome.says


def test_a_handshake_that_drips_is_a_timeout(serve: Any, examine: Any) -> None:
    server = serve(lambda line: line.forever_slowly(b"\x16\x03\x03\x40\x00\x02"), greets=True)
    outcome = examine(server.url.replace("http:", "https:"), timeout=1)
    assert outcome.errors == {"NET004"}


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x15\x03\x01\x00\x02\x02\x28", b""]
)
def test_a_handshake_that_fails_is_told(serve: Any, examine: Any, answer: bytes) -> None:
    def script(line: Any) -> None:
        line.sock.recv(5)
        line.send(answer)
        line.close()

    outcome = examine(serve(script, greets=True).url.replace("http:", "https:"))
    assert outcome.errors == {"NET003"}


def test_a_certificate_of_nobody_is_told(
    serve: Any, examine: Any, tls_context: ssl.SSLContext
) -> None:
    def script(line: Any) -> None:
        with pytest.raises(ssl.SSLError):
            tls_context.wrap_socket(line.sock.dup(), server_side=True).close()
        line.close()

    outcome = examine(serve(script, greets=True).url.replace("http:", "https:"))
    assert outcome.errors == {"NET003"}
    assert "not valid" in outcome.says


def test_an_error_page_without_end_is_the_error_that_it_is(serve: Any, examine: Any) -> None:
    script = then_forever(b"HTTP/1.1 500 Oops\r\n\r\n", b"x" * 65_536)
    outcome = examine(serve(script))
    assert outcome.errors == {"HTTP007"}


def test_the_probes_of_a_hostile_server_end_too(serve: Any, examine: Any) -> None:
    def script(line: Any) -> None:
        if line.method == "GET" and line.target == "/recipients":
            line.page()
        else:
            line.wait()

    outcome = examine(serve(script), probes=True, timeout=2)
    assert outcome.errors == set()
    assert outcome.report.complete
    assert outcome.report.crawl.requests == 3


def test_the_command_ends_without_a_traceback(serve: Any, command: Any) -> None:
    server = serve(ENDLESS["100 Continue again and again"])
    done = command(server, "--timeout", "1", "--format", "json")
    assert done.errors == {"NET004"}
    assert done.status == 1
    assert done.err == ""


def test_a_connection_may_end_on_a_request_that_was_sent_ahead(serve: Any, examine: Any) -> None:
    refused: list[str] = []

    def script(line: Any) -> None:
        if "next=b" in line.target and not refused:
            refused.append(line.target)
            line.close()
        first = "next=" not in line.target
        line.page(then="b" if first else "", start=0 if first else 10)

    server = serve(script)
    outcome = examine(server)
    assert (outcome.report.complete, outcome.rules) == (True, set())
    assert [line.target.partition("=")[2] for line in server.requests] == ["", "b", "b"]
    assert server.connections == 2
    assert outcome.report.crawl.requests == 2, "a silent reconnect is no request of its own"


@pytest.mark.parametrize(
    "answer",
    [
        sent_and_closed(OK + b"Content-Length: 99\r\n\r\n" + BODY),
        sent_and_reset(OK + b"Content-Length: 99\r\n\r\n" + BODY),
        sent_and_closed(CHUNKED + CHUNK),
        sent_and_closed(CHUNKED + CHUNK + b"9"),
        sent_and_closed(CHUNKED + b"-5\r\n"),
        sent(CHUNKED + CHUNK + b"0\r\n\r\n"),
        sent_and_closed(OK[:30]),
        sent_and_reset(OK),
        sent_and_closed(b"no HTTP at all\r\n\r\n"),
        sent_and_closed(with_headers(*[b"X-%d: y" % n for n in range(200)])),
        sent_and_closed(with_headers(b"X: " + b"y" * 70_000)),
        sent_and_closed(with_headers(b"no colon")),
        sent_and_closed(with_headers(LENGTH, b"Content-Length: 1")),
        sent(with_headers(LENGTH, b"X: a", b" folded", b"Y: b", b"x: c")),
        sent_and_closed(with_headers()),
        sent(b"HTTP/1.1 103 Early Hints\r\n\r\n" + with_headers(LENGTH)),
        sent(with_headers(LENGTH, b"Content-Encoding: gzip")),
        sent(b"HTTP/1.1 204 No Content\r\n\r\n"),
        sent(b"HTTP/1.1 304 Not Modified\r\n\r\n"),
        sent(b"HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\noops"),
        lambda line: line.drip(OK + b"X: y\r\n" * 1000),
    ],
)
def test_an_answer_is_judged_alike_on_the_first_page_and_ahead(
    serve: Any, examine: Any, answer: Callable[[Any], None]
) -> None:
    def second(line: Any) -> None:
        if "next=" in line.target:
            answer(line)
        else:
            line.page(then="b", start=10)

    alone = examine(serve(answer), timeout=1).report
    ahead = examine(serve(second), timeout=1).report
    of_pages = ("PAGE", "PERF")  # there are more pages now

    def told(report: Any) -> list[tuple[str, str]]:
        return [
            (finding.rule, finding.message.lower().replace("page 2", "page 1"))
            for finding in report.findings
            if not finding.rule.startswith(of_pages)
        ]

    assert told(ahead) == told(alone)
