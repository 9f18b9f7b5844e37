"""The bytes of the network faults, read from a plain socket."""

import socket
import threading
import zlib
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
import requests

from mockserver import MockConfig, MockServer, catalogue, create_app
from mockserver.recipients.data import GeneratedRows

SCRIPTED = [
    name
    for name, fault in catalogue().items()
    if name.startswith(("NET002", "NET004", "NET005", "NET006", "NET007-c")) or name == "NET007"
]
LAST = "Connection: close\r\n"


class Heard(NamedTuple):
    """What came over the line, and how it ended."""

    ending: str
    head: bytes
    body: bytes


def listen(
    url: str, *, enough_bytes: int = 2_000_000, patience_seconds: float = 60.0, headers: str = ""
) -> Heard:
    """Ask with a bare socket and read until the end, enough bytes, or silence."""
    parts = urlsplit(url)
    request = f"GET {parts.path}?{parts.query} HTTP/1.1\r\nHost: mock\r\n{headers}\r\n"
    content, ending = b"", "enough"
    with socket.create_connection((parts.hostname or "", parts.port or 0), 10) as line:
        line.sendall(request.encode())
        line.settimeout(patience_seconds)
        while len(content) < enough_bytes:
            try:
                received = line.recv(65_536)
            except TimeoutError:
                ending = "silence"
                break
            except ConnectionResetError:
                ending = "reset"
                break
            if not received:
                ending = "closed"
                break
            content += received
    head, _, body = content.partition(b"\r\n\r\n")
    return Heard(ending, head, body)


def second_page(mock: MockServer, name: str) -> str:
    """URL of the scenario's second page, where the network faults strike."""
    endpoint = mock.fault_endpoint(name)
    token = requests.get(endpoint, timeout=60).json()["next"]
    return f"{endpoint}?next={token}"


def length(heard: Heard) -> int:
    """The Content-Length that was promised."""
    (line,) = [each for each in heard.head.split(b"\r\n") if each.startswith(b"Content-Length:")]
    return int(line.split()[1])


@pytest.mark.parametrize(
    ("name", "ending", "judge"),
    [
        ("JSON001-short-length", "closed", lambda h: length(h) < len(h.body)),
        ("NET002", "reset", lambda h: h.head == b""),
        ("NET002-closed", "closed", lambda h: h.head == b""),
        ("NET004", "silence", lambda h: h.head == b""),
        ("NET005", "closed", lambda h: 0 < len(h.body) < length(h)),
        ("NET005-chunked", "closed", lambda h: h.body and not h.body.endswith(b"\r\n")),
        ("NET005-no-last-chunk", "closed", lambda h: not h.body.endswith(b"0\r\n\r\n")),
        ("NET005-headers", "closed", lambda h: h.head.startswith(b"HTTP/1.1 200") and not h.body),
        ("NET005-reset", "reset", lambda h: 0 < len(h.body) < length(h)),
        ("NET006", "closed", lambda h: h.head.startswith(b"HELLO WORLD")),
        ("NET006-other-protocol", "closed", lambda h: h.head.startswith(b"SSH-2.0")),
        ("NET006-status", "closed", lambda h: h.head.startswith(b"HTTP/1.1 OK 200")),
        ("NET006-header", "closed", lambda h: b"\r\nThis is not a header" in h.head),
        ("NET006-chunk-size", "closed", lambda h: h.body.startswith(b"many\r\n")),
        ("NET006-many-headers", "closed", lambda h: h.head.count(b"\r\n") > 200),
        ("NET006-large-headers", "closed", lambda h: len(h.head) > 65_536),
        ("NET006-long-header", "closed", lambda h: len(h.head) > 65_536),
        ("NET006-final-101", "closed", lambda h: h.head.startswith(b"HTTP/1.1 101")),
        ("NET006-final-103", "closed", lambda h: h.head.startswith(b"HTTP/1.1 103")),
        ("OK-early-hints", "closed", lambda h: h.body.startswith(b"HTTP/1.1 200")),
        ("NET006-two-lengths", "closed", lambda h: h.head.count(b"Content-Length") == 2),
        ("NET006-both-framings", "closed", lambda h: b"chunked" in h.head and length(h)),
        ("NET007", "enough", lambda h: b"Content-Length" not in h.head),
        ("NET007-chunked", "enough", lambda h: b"chunked" in h.head),
        ("PERF005", "closed", lambda h: b"\r\nConnection: close" in h.head),
        ("OK-hang-up", "closed", lambda h: len(h.body) == length(h)),
    ],
)
def test_what_comes_over_the_line(
    mock: MockServer, name: str, ending: str, judge: Callable[[Heard], bool]
) -> None:
    patience = 0.6 if ending == "silence" else 60.0
    heard = listen(second_page(mock, name), patience_seconds=patience)
    assert heard.ending == ending
    assert judge(heard)


@pytest.mark.parametrize(
    ("name", "enough_bytes", "piece"),
    [
        ("NET004-body", 225, b" "),
        ("NET004-chunks", 250, b"1\r\n \r\n"),
        ("NET004-continue", 110, b"HTTP/1.1 100 Continue\r\n\r\n"),
        ("NET004-headers", 210, b"x"),
        ("NET004-trailers", 1100, b"X-Trailer: 1\r\n"),
        ("NET004-hints", 220, b"HTTP/1.1 103 Early Hints\r\n"),
    ],
)
def test_drips_go_on(mock: MockServer, name: str, enough_bytes: int, piece: bytes) -> None:
    heard = listen(second_page(mock, name), enough_bytes=enough_bytes)
    assert heard.ending == "enough"
    assert (heard.head + b"\r\n\r\n" + heard.body).count(piece) > 3


def test_a_bomb_is_small_and_unpacks_to_64_mib(mock: MockServer) -> None:
    heard = listen(second_page(mock, "NET007-gzip-bomb"), headers=LAST)
    assert len(heard.body) == length(heard) < 1_000_000
    unpacker, size = zlib.decompressobj(31), 0
    content = unpacker.decompress(heard.body, 1 << 20)
    while content:
        size += len(content)
        content = unpacker.decompress(unpacker.unconsumed_tail, 1 << 20)
    assert size > 64 * 1024 * 1024


@pytest.mark.parametrize("name", ["NET008-cut", "NET008-checksum", "NET008-tail"])
def test_a_spoilt_gzip_stream_comes_whole(mock: MockServer, name: str) -> None:
    heard = listen(second_page(mock, name), headers=LAST)
    assert b"Content-Encoding: gzip" in heard.head
    assert len(heard.body) == length(heard)
    assert not whole_gzip(heard.body)


def whole_gzip(body: bytes) -> bool:
    """Whether this is one gzip stream with nothing missing and nothing after it."""
    unpacker = zlib.decompressobj(31)
    try:
        unpacker.decompress(body)
    except zlib.error:
        return False
    return unpacker.eof and not unpacker.unused_data


@pytest.mark.parametrize("name", SCRIPTED)
def test_without_the_server_a_wire_fault_says_so(name: str) -> None:
    client = create_app().test_client()
    token = client.get(f"/faults/{name}/recipients").json["next"]
    answer = client.get(f"/faults/{name}/recipients", query_string={"next": token})
    assert (answer.status_code, list(answer.json)) == (501, ["error"])


def test_waiting_clients_keep_nobody_else_waiting(http: requests.Session) -> None:
    config = MockConfig(rows=GeneratedRows(3), faults=("NET004@1",))
    with MockServer(config) as server:
        parts = urlsplit(server.endpoint)
        lines = [
            socket.create_connection((parts.hostname or "", parts.port or 0)) for _ in range(40)
        ]
        for line in lines:
            line.sendall(b"GET /recipients HTTP/1.1\r\nHost: mock\r\n\r\n")
        assert http.get(server.fault_endpoint("PAGE008"), timeout=5).ok
    for line in lines:
        assert line.recv(1) == b""
        line.close()


def test_a_drip_ends_when_its_client_goes(mock: MockServer) -> None:
    url = second_page(mock, "NET004-body")
    before = set(threading.enumerate())
    listen(url, enough_bytes=10)
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
        assert not thread.is_alive()
