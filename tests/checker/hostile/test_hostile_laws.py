"""Laws for any bytes: decoding and sending never raise, and no header ever comes back."""

import base64
import html
import json
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

import checker
from checker import check
from checker.core.model import ABSENT, Reply
from checker.parsing.json_body import decode
from checker.parsing.page import page_violations
from checker.reports import FORMATS, Style, render
from checker.transport.content_encoding import BadEncodingError, TooLargeError, decode_content
from checker.transport.network import Transport

FRAGMENTS = [
    b'{"list":[',
    b'{"uid":"a","msg":"b"}',
    b'],"next":',
    b'""}',
    b'"t"',
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b'"',
    b"\\",
    b'\\"',
    b"\\ud800",
    b"\\udc00",
    b"\\u00",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xfe\xff",
    b"\0",
    b"\0\0\0",
    b"\xe2\x82",
    b"\xed\xa0\x80",
    b"\xc0\x80",
    b"\xe9",
    b"\x1b[0m",
    b"1e999",
    b"-",
    b"0.",
    b"9" * 400,
    b"NaN",
    b"-Infinity",
    b"nul",
    b"null",
    b"true",
    b"[" * 70,
    b"]" * 70,
    b'"a":1,"a":2',
    b'"list"',
    b'"next":1.0',
    b"<!--",
    b"-->",
    b"<html>",
    b"<br />",
    b"Warning: ",
    b")]}'\n",
    b"cb(",
    b"while(1);",
    b"\xe6\x97\xa5\xe6\x9c\xac",
    b"\x93\xfa\x96\x7b",
]
bodies = st.one_of(
    st.binary(max_size=300),
    st.lists(st.sampled_from(FRAGMENTS), max_size=20).map(b"".join),
    st.lists(st.sampled_from(FRAGMENTS) | st.binary(max_size=4), max_size=20).map(b"".join),
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(st.sampled_from(["list", "next", "uid", "msg"]) | st.text(), inner)
        ),
        max_leaves=20,
    ).map(lambda value: json.dumps(value).encode()),
)


@given(bodies, st.none() | st.integers(0, 400))
@settings(max_examples=600)
@example(b"", None)
@example(b"[" * 100_000, None)
@example(b"\xff\xfe\x00\xd8", 4)
@example(b"[" + b"1e999," * 60_000 + b"1]", None)
def test_any_bytes_are_a_value_or_odd(body: bytes, sent: int | None) -> None:
    decoded = decode(body, sent)
    assert decoded.value is not ABSENT or decoded.defects
    if decoded.value is not ABSENT:
        assert all(page_violations(decoded.value).values())
    for defect in decoded.defects:
        assert defect.note
        defect.note.encode()


@given(
    st.binary(max_size=200),
    st.lists(st.sampled_from(["gzip", "deflate", "br", "identity", ""]) | st.text(max_size=3)),
)
@settings(max_examples=300)
def test_any_bytes_decode_or_are_refused(body: bytes, layers: list[str]) -> None:
    try:
        assert len(decode_content(body, ", ".join(layers), 1000)) <= 1000
    except (BadEncodingError, TooLargeError) as error:
        str(error).encode()


HEADS = [
    b"HTTP/1.1 200 OK\r\n",
    b"HTTP/1.1 200\r\n",
    b"HTTP/1.0 200 OK\r\n",
    b"HTTP/1.1 204 No\r\n",
    b"HTTP/1.1 304 Not Modified\r\n",
    b"HTTP/1.1 500 Oops\r\n",
    b"HTTP/1.1 302 Found\r\n",
    b"HTTP/1.1 100 Continue\r\n",
    b"HTTP/1.1 103 Hints\r\n\r\n",
    b"HTTP/1.1 101 X\r\n",
    b"HTTP/1.1 9999 X\r\n",
    b"HTTP/3 200 OK\r\n",
    b"ICY 200 OK\r\n",
    b"HTTP/1.1 200 \xff\x00\r\n",
]
LINES = [
    b"Content-Length: 5\r\n",
    b"Content-Length: 0\r\n",
    b"Content-Length: -1\r\n",
    b"X: \xe9\r\n",
    b"Content-Length: 99999999999999999999\r\n",
    b"Content-Length: 5, 5\r\n",
    b"X\r\n",
    b": y\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: gzip, chunked\r\n",
    b" folded\r\n",
    b"Content-Encoding: gzip\r\n",
    b"Content-Encoding: br\r\n",
    b"Connection: close\r\n",
    b"\n",
    b"Content-Type: multipart/mixed; boundary=\r\n",
    b"Content-Type: message/rfc822\r\n",
    b"\r",
    b"Location: http://[\r\n",
    b"Retry-After: \xb2\r\n",
    b"Set-Cookie: a=b\r\n",
    b"\r\n",
    b"\0",
    b"From me\r\n",
    b"X:" + b" " * 9000 + b"y\r\n",
]
PARTS = [
    b"\r\n",
    b"5\r\nhello\r\n",
    b"0\r\n\r\n",
    b"-1\r\n",
    b"ffffffffffffffff\r\n",
    b"0;a=b\r\n",
    b"5\r\nhel",
    b"{}",
    b'{"list":[],"next":""}',
    b"\x1f\x8b\x08",
    b"x" * 70_000,
]
responses = st.one_of(
    st.binary(max_size=200),
    st.builds(
        lambda head, lines, parts: head + b"".join(lines) + b"\r\n" + b"".join(parts),
        st.sampled_from(HEADS),
        st.lists(st.sampled_from(LINES), max_size=4),
        st.lists(st.sampled_from(PARTS) | st.binary(max_size=5), max_size=4),
    ),
    st.lists(st.sampled_from([*HEADS, *LINES, *PARTS]), max_size=8).map(b"".join),
)


class Answer:
    """What the server of a law says next, and whether it slams the door."""

    content = b""
    resets = False


@pytest.fixture
def answer(serve: Any) -> tuple[Answer, str]:
    said = Answer()

    def script(line: Any) -> None:
        line.send(said.content)
        if said.resets:
            line.reset()
        line.close()

    return said, serve(script).url


@given(responses, st.booleans())
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n{}", False)
@example(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello", False)
def test_any_bytes_are_a_reply(answer: tuple[Answer, str], content: bytes, resets: bool) -> None:
    said, url = answer
    said.content, said.resets = content, resets
    transport = Transport(timeout_seconds=5, body_limit_bytes=50_000)
    try:
        reply = transport.send("GET", url, {"Accept": "application/json"})
    finally:
        transport.close()
    assert isinstance(reply, Reply)
    assert reply.failure is None or reply.failure.rule in {
        "NET002",
        "NET005",
        "NET006",
        "NET007",
        "NET008",
    }
    assert reply.failure is not None or reply.status is not None
    assert len(reply.body) <= 65_536 or (reply.status is not None and reply.status >= 400)


@given(responses)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_judged(answer: tuple[Answer, str], examine: Any, content: bytes) -> None:
    said, url = answer
    said.content, said.resets = content, False
    outcome = examine(url, timeout=20, max_pages=2)
    assert outcome.report.complete or outcome.errors
    assert (outcome.report.verdict == "pass") == (not outcome.errors)


VISIBLE = "".join(map(chr, range(0x21, 0x7F)))
ENCODINGS = {
    "raw": lambda value: value,
    "URL": lambda value: quote(value, safe=""),
    "base64": lambda value: base64.b64encode(value.encode()).decode(),
    "JSON": lambda value: json.dumps(value)[1:-1],
    "HTML": html.escape,
}
PLACES = ["uid", "msg", "next", "member", "row member", "error page", "reason", "not JSON", "name"]


@cache
def our_own_words() -> str:
    """All that the checker itself could say: what is found there is no echo."""
    names = [path for path in Path(checker.__file__).parent.rglob("*") if path.is_file()]
    return "\n".join(path.read_bytes().decode("utf-8", "replace") for path in names)


@given(
    value=st.text(VISIBLE, min_size=8, max_size=60),
    encodings=st.lists(st.sampled_from(sorted(ENCODINGS)), min_size=1, max_size=2),
    places=st.sets(st.sampled_from(PLACES), min_size=1, max_size=3),
    around=st.sampled_from(["", " ", "a", "=", "%", "\\", "&"]),
    show_data=st.booleans(),
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_header_comes_back(
    serve: Any, value: str, encodings: list[str], places: set[str], around: str, show_data: bool
) -> None:
    assume(not any(encode(value) in our_own_words() for encode in ENCODINGS.values()))
    echo = value
    for encoding in encodings:
        echo = ENCODINGS[encoding](echo)
    echo = around + echo + around

    def at(place: str, otherwise: str) -> str:
        return echo if place in places else otherwise

    row = {"uid": at("uid", "a"), "msg": "<b>{{x}}" + at("msg", "b"), at("row member", "m"): 1}
    page = {"list": [row], "next": at("next", "") and echo + "%20", at("member", "n"): 1}
    body = "{'" + echo if "not JSON" in places else json.dumps(page)
    status = "500" if "error page" in places else "200"
    reason = at("reason", "Hello")
    content = (echo if status == "500" else body).encode()
    head = f"HTTP/1.1 {status} {reason}\r\nContent-Type: x/{at('name', 'y')}\r\n"
    response = head.encode() + b"Content-Length: %d\r\n\r\n" % len(content) + content
    server = serve(lambda line: line.send(response))
    try:
        report = check(
            server.url,
            headers={"X-Key": value},
            timeout=20,
            retries=0,
            max_pages=1,
            probes=False,
            show_data=show_data,
        )
    finally:
        server.close()
    text = "\n".join(render(report, form, Style(color=False, width=100)) for form in FORMATS)
    for encode in ENCODINGS.values():
        assert encode(value) not in text
    assert value not in repr(report)
