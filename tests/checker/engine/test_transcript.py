"""What a report shows of an exchange: secrets masked by value and place, customers by outline."""

import json

import pytest

from checker.core.config import Config
from checker.core.endpoint import Endpoint
from checker.core.model import Exchange, Failure, Purpose
from checker.core.report import Transcript
from checker.engine.transcript import transcript_of
from checker.text.redact import Redactor

pytestmark = pytest.mark.pure

SECRET = "Zq8-demo-secret-71"
URL = "https://api.example.com/recipients?key=abcdef-key&next=t1"


def shown(
    body: bytes | str = b"", *, pointer: str | None = None, show_data: bool = False, **more: object
) -> Transcript:
    config = Config(
        endpoint=Endpoint.parse(URL),
        headers=(("Authorization", f"Bearer {SECRET}"),),
        show_data=show_data,
    )
    given = {
        "purpose": Purpose.PAGE,
        "method": "GET",
        "url": URL,
        "request_headers": (
            ("Accept", "application/json"),
            ("authorization", "Bearer Ct1-altered"),
        ),
        "status": 200,
        "reason": "OK",
        "headers": (("Content-Type", "application/json"), ("X-Echo", f"it is {SECRET}!")),
        **more,
    }
    body = body.encode() if isinstance(body, str) else body
    redactor = Redactor([f"Bearer {SECRET}", "abcdef-key"])
    return transcript_of(Exchange(body=body, **given), pointer, config, redactor)  # type: ignore[arg-type]


def test_the_heads_are_lines() -> None:
    found = shown()
    assert found.sent == (
        "GET /recipients?key=•••&next=t1 HTTP/1.1\n"
        "Host: api.example.com\n"
        "Accept: application/json\n"
        "authorization: •••"
    )
    assert found.received == "HTTP 200 OK\nContent-Type: application/json\nX-Echo: it is •••!"
    assert found.body == ""


def test_cookies_are_masked_by_their_place() -> None:
    found = shown(
        request_headers=(("Cookie", "session=abc"),),
        headers=(("Set-Cookie", "session=abc; Secure"),),
    )
    assert "session" not in found.sent + found.received


def test_retries_redirects_and_failures_are_told() -> None:
    found = shown(
        attempts=3,
        redirects=(URL,),
        final_url="https://api.example.com/v2?key=abcdef-key",
        status=None,
        headers=(),
        failure=Failure(rule="NET005", detail="closed after 3 bytes"),
    )
    assert found.received == (
        "(3 attempts; this is the last)\n"
        "(1 redirect, to https://api.example.com/v2?key=•••)\n"
        "(closed after 3 bytes)"
    )


def test_a_header_is_masked_before_it_is_cut() -> None:
    value = "x" * 295 + SECRET
    assert "Zq8" not in shown(headers=(("X-Long", value),)).received


def test_many_headers_are_counted() -> None:
    found = shown(headers=tuple((f"X-{n}", "1") for n in range(50)))
    assert found.received.endswith("(… 10 more headers)")


ROWS = [{"uid": f"U{n:032d}", "msg": f"Dear customer {n}, thank you"} for n in range(9)]


def test_a_page_is_shown_by_its_outline_around_the_place() -> None:
    page = json.dumps({"list": ROWS, "next": "t2", "api_key": "hunter2", "total": 9})
    body = shown(page, pointer="/list/5/msg").body
    assert body.splitlines()[:4] == [
        "{",
        '  "list": [',
        "    (… 4 rows before)",
        '    {"uid": U0…04 (33 characters), "msg": Dear custome… (26 characters)}',
    ]
    assert "(… 2 more rows)" in body
    assert '"next": "t2"' in body
    assert "hunter2" not in body
    assert "thank you" not in body


def test_the_data_is_shown_when_asked_for() -> None:
    page = json.dumps({"list": ROWS, "next": SECRET})
    body = shown(page, show_data=True).body
    assert "Dear customer 0, thank you" in body
    assert SECRET not in body


@pytest.mark.parametrize(
    "text",
    [
        '{"list": [{"uid": "U4af498062901234", "msg": "Dear Ann"},], "next": ""}',
        "{'list': [{'uid': 'U4af498062901234', 'msg': 'Dear Ann'}]}",
        '<br />Warning: x<br />{"list": [{"uid": "U4af498062901234", "msg": "Dear Ann"}]}',
        'callback({"list": [{"uid": "U4af498062901234", "msg": "Dear Ann"}]})',
        "U4af498062901234,Dear Ann\n",
    ],
)
def test_of_a_broken_page_only_the_shape_is_shown(text: str) -> None:
    body = shown(text).body
    assert len(body) == len(text)
    for part in ("4af", "498", "ear", "nn"):
        assert part not in body
    if "uid" in text:
        assert "uid" in body
        assert "msg" in body


def test_an_error_page_keeps_its_words() -> None:
    text = "<h1>502 Bad Gateway</h1> by a.user@example.com, request 7f3a91c04d"
    body = shown(text, status=502).body
    assert body.startswith("<h1>502 Bad Gateway</h1> by ")
    assert "user" not in body
    assert "7f3a" not in body


def test_a_long_body_is_masked_before_it_is_cut() -> None:
    for start in range(1_180, 1_200):
        body = shown(" " * start + f"<{SECRET}" + "y" * 2_000, status=500, show_data=True).body
        assert "Zq8" not in body
        assert body.endswith("bytes in all)")


def test_a_secret_cut_by_the_limit_of_what_is_read_is_not_shown() -> None:
    for left_over in range(1, len(SECRET)):
        echo = " " * (8 * 1024 - left_over) + SECRET
        assert "Zq8" not in shown(echo, status=500, show_data=True).body
        echo = (SECRET * 1_000)[: 8 * 1024 - left_over] + SECRET
        assert "Zq8" not in shown(echo, status=500, show_data=True).body


def test_a_huge_page_is_not_parsed() -> None:
    page = json.dumps({"list": ROWS * 10_000, "next": ""})
    body = shown(page + " " * (4 * 1024 * 1024 - 20)).body
    assert "Dear" not in body
    assert body.startswith('{"list": [{"uid": "U00')
