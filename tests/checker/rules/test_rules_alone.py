"""Each rule by itself, fed with what the engine would feed it: what it finds, and in which words.

No network, no crawl: what a rule judges is built here, on both sides of its condition. The sentences
are in `sentences.txt`, in the order of the cases.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sentences import kept_sentences

from checker.core.config import Config
from checker.core.endpoint import Endpoint
from checker.core.model import (
    ABSENT,
    CrawlEnd,
    Exchange,
    Failure,
    LoadTestResult,
    Location,
    Page,
    Probe,
    Purpose,
)
from checker.engine.findings import Tally
from checker.parsing.page import read_page
from checker.rules import all_rules
from checker.rules.context import RuleContext
from checker.rules.wording import near_miss, type_name
from checker.text.defects import markup_in
from checker.text.redact import Redactor

pytestmark = pytest.mark.pure

SENTENCES = Path(__file__).with_name("sentences.txt")
URL = "http://localhost:8000/recipients"
ENDPOINT = Endpoint.parse(URL)
JSON = ("Content-Type", "application/json")
SECRET = Endpoint.parse(URL + "?api_key=hunter22&a=1")

Subject = Exchange | Page | Probe | CrawlEnd | LoadTestResult


def exchange(status: int | None = 200, *headers: tuple[str, str], **more: Any) -> Exchange:
    values: dict[str, Any] = {
        "purpose": Purpose.PAGE,
        "method": "GET",
        "url": URL,
        "page": 1,
        "status": status,
        "headers": headers,
        "final_url": URL,
    }
    return Exchange(**{**values, **more})


def failed(rule: str, detail: str, **more: Any) -> Exchange:
    return exchange(None, failure=Failure(rule=rule, detail=detail), **more)


def page(document: Any, number: int = 1, **more: Any) -> Page:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    values = {"page": number, "token": None if number == 1 else f"t{number}", "body": body}
    return read_page(exchange(200, JSON, **{**values, **more}), number, ENDPOINT)


def rows(first: int, count: int) -> list[dict[str, str]]:
    return [{"uid": f"u{number}", "msg": "m"} for number in range(first, first + count)]


def worded(*texts: str) -> Page:
    """A page of one row for each text."""
    listed = [{"uid": f"u{number}", "msg": text} for number, text in enumerate(texts)]
    return page({"list": listed, "next": ""})


def full(number: int, first: int = 0, count: int = 2, token: Any = "t") -> Page:
    return page({"list": rows(first, count), "next": token}, number)


def blank(number: int) -> Page:
    return page(b" \r\n", number)


def timed(seconds: list[float], count: int = 100) -> list[Page]:
    return [
        page({"list": rows(count * number, count), "next": "t"}, number + 1, seconds=second)
        for number, second in enumerate(seconds)
    ]


def probe(
    purpose: Purpose,
    answer: Exchange | Page,
    reference: Page | None = None,
    others: tuple[Page, ...] = (),
) -> Probe:
    sent = answer.exchange if isinstance(answer, Page) else answer
    answered = answer if isinstance(answer, Page) else None
    sent = replace(sent, purpose=purpose)
    return Probe(purpose=purpose, exchange=sent, page=answered, reference=reference, others=others)


NO_CONTENT = read_page(exchange(204, page=2), 2, ENDPOINT)
PAGE_BODY = b'{"list": [], "next": ""}'
HTML = b" <!doctype html><html><title>Just a moment</title></html>"


def method(
    status: int,
    *headers: tuple[str, str],
    name: str = "POST",
    first: Page | None = None,
    **more: Any,
) -> Probe:
    sent = exchange(status, *headers, method=name, page=None, **more)
    answered = replace(read_page(sent, 0, ENDPOINT), exchange=sent)
    return replace(probe(Purpose.METHOD, answered), reference=first)


def end(rule: str | None, at: Page, other: int | None = None, ended_by: str = "") -> CrawlEnd:
    named = ended_by or all_rules()[rule or ""].name
    return CrawlEnd(ended_by=named, rule=rule, page=at, other_page=other)


CRAWLED = (full(1), full(2, 2), full(3, 4), full(4, 6))


def done(at: Page) -> CrawlEnd:
    return CrawlEnd(ended_by="empty-next", page=at)


def load(alone: float, loaded: float) -> LoadTestResult:
    return LoadTestResult(
        crawls=4, alone_p95=alone, loaded_p95=loaded, slowest=exchange(), requests=9, bytes=9
    )


HOOKS: dict[type, tuple[str, ...]] = {
    Exchange: ("on_exchange",),
    Page: ("on_page", "on_defects", "on_violations"),
    Probe: ("on_probe",),
    CrawlEnd: ("on_end",),
    LoadTestResult: ("on_load",),
}


def judge(rule_id: str, subjects: Sequence[Subject], **options: Any) -> tuple[Tally, str | None]:
    """What the rule found, and its sentence; None when it found nothing."""
    config = Config(**{"endpoint": ENDPOINT, **options})
    context = RuleContext(config, Redactor([value for _, value in config.headers]))
    rule, tally = all_rules()[rule_id](context), Tally()
    for subject in subjects:
        if isinstance(subject, Page):
            (context.remember if subject.rows else context.skip)(subject)
            for place in rule.on_exchange(subject.exchange):
                tally.add(place)
        for hook in HOOKS[type(subject)]:
            for place in getattr(rule, hook)(subject):
                tally.add(place)
    first = tally.locations[0] if tally.locations else Location()
    return tally, rule.message(tally.count, first) if tally.count else None


def told(place: Location) -> str:
    """A place in one line: the request that it is of, where it is, which value is there."""
    sent = place.exchange
    asked = f"page {place.page}, token {str(place.token)[:9]}"
    if sent is not None and place.page is None:
        asked = f"{sent.purpose.value} {sent.method} {sent.page}"
    value = "" if place.value is ABSENT else f": {str(place.value)[:30]!r}"
    return f"{asked} at {place.pointer}{value}"


DRF = {"count": 2, "previous": None, "results": [], "next": "https://x/?page=2"}
TRACE = b"Traceback (most recent call last):"
HTML = b"<html><title>Just a moment...</title></html>"

FIRES: list[tuple[str, list[Subject], dict[str, Any], str]] = [
    (
        "NET001",
        [failed("NET001", "the host name does not resolve")],
        {},
        "page GET 1 at None",
    ),
    (
        "NET002",
        [failed("NET002", "the connection failed: refused")],
        {},
        "page GET 1 at None",
    ),
    (
        "NET002",
        [failed("NET002", "refused", attempts=2, page=3)],
        {},
        "page GET 3 at None",
    ),
    (
        "NET002",
        [failed("NET002", "refused", attempts=3, page=None)],
        {},
        "page GET None at None",
    ),
    (
        "NET003",
        [failed("NET003", "the certificate is not valid: expired")],
        {},
        "page GET 1 at None",
    ),
    (
        "NET004",
        [failed("NET004", "connecting took more than 3 s")],
        {},
        "page GET 1 at None",
    ),
    (
        "NET005",
        [failed("NET005", "the connection was closed in its headers")],
        {},
        "page GET 1 at None",
    ),
    (
        "NET006",
        [failed("NET006", "bad status line")],
        {},
        "page GET 1 at None",
    ),
    (
        "NET007",
        [failed("NET007", "over 16 MiB")],
        {},
        "page GET 1 at None",
    ),
    (
        "NET008",
        [failed("NET008", "the body is not gzip")],
        {},
        "page GET 1 at None",
    ),
    (
        "NET008",
        [failed("NET008", "the body is not gzip"), failed("NET008", "x", page=2)],
        {},
        "page GET 1 at None",
    ),
    (
        "NET009",
        [exchange(retry_reasons=("503", "reset"), attempts=3)],
        {},
        "page GET 1 at None",
    ),
    (
        "NET009",
        [exchange(retry_reasons=("503",), attempts=2), exchange(retry_reasons=("500",), page=2)],
        {},
        "page GET 1 at None",
    ),
    (
        "HTTP001",
        [exchange(405, reason="Method Not Allowed")],
        {},
        "page GET 1 at None",
    ),
    (
        "HTTP001",
        [exchange(400, ("Allow", "POST"), reason="Bad Request")],
        {},
        "page GET 1 at None",
    ),
    ("HTTP001", [exchange(501)], {}, "page GET 1 at None"),
    (
        "HTTP002",
        [method(200, body=PAGE_BODY)],
        {},
        "method POST None at None",
    ),
    (
        "HTTP002",
        [method(202, name="PUT"), method(201)],
        {},
        "method PUT None at None",
    ),
    (
        "HTTP002",
        [method(415, ("Allow", "GET, post"))],
        {},
        "method POST None at None",
    ),
    (
        "HTTP002",
        [method(200, body=b'{"results": [1]}', first=page({"results": [2]}))],
        {},
        "method POST None at None",
    ),
    (
        "HTTP002",
        [method(200, body=b"[{}]", first=page([{}, {}]))],
        {},
        "method POST None at None",
    ),
    (
        "HTTP003",
        [method(500)],
        {},
        "method POST None at None",
    ),
    (
        "HTTP003",
        [method(599, name="PUT")],
        {},
        "method PUT None at None",
    ),
    (
        "HTTP004",
        [method(405)],
        {},
        "method POST None at None",
    ),
    (
        "HTTP005",
        [exchange(404, reason="Not Found")],
        {},
        "page GET 1 at None",
    ),
    (
        "HTTP005",
        [exchange(206, reason="Partial Content")],
        {},
        "page GET 1 at None",
    ),
    ("HTTP005", [exchange(302)], {}, "page GET 1 at None"),
    (
        "HTTP006",
        [exchange(401, reason="Unauthorized")],
        {},
        "page GET 1 at None",
    ),
    (
        "HTTP006",
        [exchange(403, reason="Forbidden", page=2)],
        {"headers": (("X-Key", "hunter22"), ("X-B", "b"))},
        "page GET 2 at None",
    ),
    (
        "HTTP006",
        [exchange(403, body=HTML)],
        {},
        "page GET 1 at None",
    ),
    (
        "HTTP007",
        [exchange(500, reason="Internal Server Error")],
        {},
        "page GET 1 at None",
    ),
    (
        "HTTP007",
        [exchange(503, attempts=3, page=4)],
        {},
        "page GET 4 at None",
    ),
    (
        "HTTP008",
        [exchange(429, reason="Too Many Requests", attempts=2)],
        {},
        "page GET 1 at None",
    ),
    (
        "HTTP009",
        [exchange(redirects=(URL,), final_url="http://localhost:8000/r/")],
        {},
        "page GET 1 at None",
    ),
    (
        "HTTP009",
        [
            exchange(redirects=(URL, URL + "/a"), final_url=URL + "/b"),
            exchange(500, redirects=(URL,)),
        ],
        {},
        "page GET 1 at None",
    ),
    (
        "HTTP010",
        [failed("HTTP010", "the server redirects (302) to http://other.example/")],
        {},
        "page GET 1 at None",
    ),
    (
        "HTTP010",
        [failed("HTTP010", "the server redirects (302) to https://other.example/login")],
        {},
        "page GET 1 at None",
    ),
    (
        "HTTP011",
        [failed("HTTP011", "more than 5 redirects", page=2)],
        {},
        "page GET 2 at None",
    ),
    (
        "HTTP012",
        [page({"list": [], "next": ""}, headers=())],
        {},
        "page GET 1 at None",
    ),
    (
        "HTTP012",
        [page({"list": [], "next": ""}, headers=(("Content-Type", "text/html"),))],
        {},
        "page GET 1 at None",
    ),
    (
        "HTTP012",
        [
            page({}, headers=(("Content-Type", "text/plain; charset=utf-8"),)),
            page([], 2, headers=()),
        ],
        {},
        "page GET 1 at None",
    ),
    (
        "JSON001",
        [page(b"<html>")],
        {},
        "page GET 1 at : '<html>'",
    ),
    (
        "JSON002",
        [page('["é"]'.encode("latin-1"))],
        {},
        "page GET 1 at ",
    ),
    (
        "JSON002",
        [page('["é"]'.encode("latin-1")), page('["é"]'.encode("latin-1"), 2)],
        {},
        "page GET 1 at ",
    ),
    (
        "JSON003",
        [page(b"\xef\xbb\xbf[]")],
        {},
        "page GET 1 at ",
    ),
    (
        "JSON003",
        [page(b"\xef\xbb\xbf[]"), page(b"\xef\xbb\xbf[]", 2)],
        {},
        "page GET 1 at ",
    ),
    (
        "JSON004",
        [page(b'"{}"')],
        {},
        "page GET 1 at ",
    ),
    (
        "JSON004",
        [page(b'"{}"'), page(b'"[]"', 2)],
        {},
        "page GET 1 at ",
    ),
    (
        "JSON005",
        [page(b'{"name": 1, "name": 2}')],
        {},
        "page GET 1 at ",
    ),
    (
        "JSON005",
        [page(b'{"name": 1, "name": 2}'), page(b'{"a": 1, "a": 2}', 2)],
        {},
        "page GET 1 at ",
    ),
    (
        "JSON006",
        [page(b"[NaN]")],
        {},
        "page GET 1 at ",
    ),
    (
        "JSON006",
        [page(b"[1e999]"), page(b"[NaN]", 2)],
        {},
        "page GET 1 at ",
    ),
    (
        "JSON007",
        [page(b'["\\ud83d"]')],
        {},
        "page GET 1 at : '\\ud83d'",
    ),
    (
        "JSON007",
        [page(b'["\\ud83d"]'), page(b'["\\ud83d"]', 2)],
        {},
        "page GET 1 at : '\\ud83d'",
    ),
    (
        "JSON008",
        [page(b"[" * 65 + b"]" * 65)],
        {},
        "page GET 1 at ",
    ),
    (
        "JSON008",
        [page(b"[" * 65 + b"]" * 65), page(b"[" * 70 + b"]" * 70, 2)],
        {},
        "page GET 1 at ",
    ),
    (
        "PAGE001",
        [page(["row"])],
        {},
        "page GET 1 at : \"['row']\"",
    ),
    (
        "PAGE001",
        [page(5), page("x", 2)],
        {},
        "page GET 1 at : '5'",
    ),
    (
        "PAGE002",
        [page({"next": "", "data": []})],
        {},
        "page GET 1 at : \"{'next': '', 'data': []}\"",
    ),
    (
        "PAGE002",
        [page(DRF)],
        {},
        "page GET 1 at : \"{'count': 2, 'previous': None,\"",
    ),
    (
        "PAGE002",
        [page({"next": ""}), page({"next": ""}, 2)],
        {},
        "page GET 1 at : \"{'next': ''}\"",
    ),
    (
        "PAGE002",
        [page(dict.fromkeys("abcdefgh", 1))],
        {},
        "page GET 1 at : \"{'a': 1, 'b': 1, 'c': 1, 'd': \"",
    ),
    (
        "PAGE002",
        [
            page({"list": [], "next": ""}),
            page({"next": "", "U0123456789abcdef0123456789abcdef": 1}),
        ],
        {"show_data": True},
        "page GET 1 at : \"{'next': '', 'U0123456789abcde\"",
    ),
    (
        "PAGE002",
        [page({"next": "", "m" * 50: 1})],
        {"show_data": True},
        "page GET 1 at : \"{'next': '', 'mmmmmmmmmmmmmmmm\"",
    ),
    (
        "PAGE008",
        [page({"list": [], "next": "", "a/b~c": 1})],
        {"show_data": True},
        "page GET 1 at /a~1b~0c",
    ),
    (
        "PAGE003",
        [page({"list": None, "next": ""})],
        {},
        "page GET 1 at /list: 'None'",
    ),
    (
        "PAGE003",
        [page({"list": " [1]", "next": ""})],
        {},
        "page GET 1 at /list: ' [1]'",
    ),
    (
        "PAGE003",
        [page({"list": "{}", "next": ""})],
        {},
        "page GET 1 at /list: '{}'",
    ),
    (
        "PAGE003",
        [page({"list": "text", "next": ""})],
        {},
        "page GET 1 at /list: 'text'",
    ),
    (
        "PAGE003",
        [page({"list": {}, "next": ""})],
        {},
        "page GET 1 at /list: '{}'",
    ),
    (
        "PAGE003",
        [page({"list": {"first": 1}, "next": ""}), page({"list": 1, "next": ""}, 2)],
        {},
        "page GET 1 at /list: \"{'first': 1}\"",
    ),
    (
        "PAGE004",
        [full(1, 0, 500)],
        {},
        "page GET 1 at /list",
    ),
    (
        "PAGE004",
        [full(1, 0, 600), full(2, 0, 499), full(3, 0, 1200), full(4, 0, 500)],
        {},
        "page GET 1 at /list",
    ),
    (
        "PAGE005",
        [page({"list": []})],
        {},
        "page GET 1 at : \"{'list': []}\"",
    ),
    (
        "PAGE005",
        [page({"list": []}), page({"list": []}, 2)],
        {},
        "page GET 1 at : \"{'list': []}\"",
    ),
    (
        "PAGE006",
        [page({"list": [], "next": ""}), done(page({"list": [], "next": ""}))],
        {},
        "page GET 1 at /list",
    ),
    (
        "PAGE006",
        [page(b""), end(None, page(b""), ended_by="empty-response")],
        {},
        "page GET 1 at /list",
    ),
    (
        "PAGE007",
        [page({"list": [], "next": "t"})],
        {},
        "page GET 1 at /list: '[]'",
    ),
    (
        "PAGE007",
        [page({"list": [], "next": "t"}), page({"list": [], "next": "t"}, 2)],
        {},
        "page GET 1 at /list: '[]'",
    ),
    (
        "PAGE008",
        [page({"list": [], "next": "", "total": 3})],
        {},
        "page GET 1 at /total",
    ),
    (
        "PAGE008",
        [page({"List": [], "next_page": "", "list": [], "next": ""})],
        {},
        "page GET 1 at /List",
    ),
    (
        "PAGE008",
        [page({"nextToken": "t", "list": [], "next": ""})],
        {},
        "page GET 1 at /nextToken",
    ),
    (
        "PAGE008",
        [page({"results": "t", "list": [], "next": ""})],
        {},
        "page GET 1 at /results",
    ),
    (
        "PAGE009",
        [page({})],
        {},
        "page GET 1 at : '{}'",
    ),
    (
        "PAGE009",
        [page([])],
        {},
        "page GET 1 at : '[]'",
    ),
    (
        "PAGE009",
        [page(None), page({}, 2)],
        {},
        "page GET 1 at : 'None'",
    ),
    (
        "PAGE010",
        [full(1), full(2, 2), blank(3), done(blank(3))],
        {},
        "page GET 3 at None: ''",
    ),
    (
        "PAGE010",
        [full(1), full(2, 2, 1), blank(3), done(blank(3))],
        {},
        "page GET 3 at None: ''",
    ),
    (
        "PAGE010",
        [full(1), probe(Purpose.BLANK, blank(2), blank(2)), blank(2), done(blank(2))],
        {},
        "page GET 2 at None: ''",
    ),
    (
        "PAGE010",
        [probe(Purpose.BLANK, exchange(500), blank(1)), blank(1), done(blank(1))],
        {},
        "page GET 1 at None: ''",
    ),
    (
        "PAGE010",
        [probe(Purpose.BLANK, full(1), blank(1)), full(1), done(full(2))],
        {},
        "page GET 1 at None",
    ),
    (
        "ROW001",
        [page({"list": ["x"], "next": ""})],
        {},
        "page GET 1 at /list/0: 'x'",
    ),
    (
        "ROW002",
        [page({"list": [{"msg": "m"}], "next": ""})],
        {},
        "page GET 1 at /list/0: \"{'msg': 'm'}\"",
    ),
    (
        "ROW003",
        [page({"list": [{"uid": 5, "msg": "m"}], "next": ""})],
        {},
        "page GET 1 at /list/0/uid: '5'",
    ),
    (
        "ROW003",
        [page({"list": [{"uid": True, "msg": "m"}, {"uid": None, "msg": "m"}], "next": ""})],
        {},
        "page GET 1 at /list/0/uid: 'True'",
    ),
    (
        "ROW004",
        [page({"list": [{"uid": " ", "msg": "m"}], "next": ""})],
        {},
        "page GET 1 at /list/0/uid: ' '",
    ),
    (
        "ROW005",
        [page({"list": [{"uid": "u"}] * 1200, "next": ""})],
        {},
        "page GET 1 at /list/0: \"{'uid': 'u'}\"",
    ),
    (
        "ROW006",
        [page({"list": [{"uid": "u", "msg": []}], "next": ""})],
        {},
        "page GET 1 at /list/0/msg: '[]'",
    ),
    (
        "ROW006",
        [page({"list": [{"uid": "u", "msg": False}], "next": ""})],
        {},
        "page GET 1 at /list/0/msg: 'False'",
    ),
    (
        "ROW006",
        [page({"list": [{"uid": "u", "msg": {}}], "next": ""})],
        {},
        "page GET 1 at /list/0/msg: '{}'",
    ),
    (
        "ROW007",
        [page({"list": [{"uid": "u", "msg": ""}], "next": ""})],
        {},
        "page GET 1 at /list/0/msg: ''",
    ),
    (
        "ROW008",
        [full(1)],
        {"channel": "line"},
        "page GET 1 at /list/0/uid: 'u0'",
    ),
    (
        "ROW009",
        [page({"list": [{"uid": "u", "msg": "m" * 5001}], "next": ""})],
        {"channel": "line"},
        "page GET 1 at /list/0/msg: 'mmmmmmmmmmmmmmmmmmmmmmmmmmmmmm'",
    ),
    (
        "ROW010",
        [page({"list": [{"uid": "u\x00", "msg": "m\x9f"}], "next": ""})],
        {},
        "page GET 1 at /list/0/uid: 'u\\x00'",
    ),
    (
        "ROW010",
        [page({"list": [{"uid": "u", "msg": "m\x7f"}], "next": ""})],
        {},
        "page GET 1 at /list/0/msg: 'm\\x7f'",
    ),
    (
        "ROW011",
        [page({"list": [{"uid": " u", "msg": "m"}], "next": ""})],
        {},
        "page GET 1 at /list/0/uid: ' u'",
    ),
    (
        "ROW012",
        [page({"list": rows(1, 1) * 2, "next": ""})],
        {},
        "page GET 1 at /list/1: \"{'uid': 'u1', 'msg': 'm'}\"",
    ),
    (
        "ROW012",
        [page({"list": rows(1, 2) * 3, "next": ""}, 4)],
        {},
        "page GET 4 at /list/2: \"{'uid': 'u1', 'msg': 'm'}\"",
    ),
    (
        "ROW013",
        [
            page({"list": [{"uid": "u", "msg": "a"}], "next": "t"}),
            page({"list": [{"uid": "u", "msg": "b"}], "next": ""}, 2),
            done(full(2)),
        ],
        {},
        "page 2, token t2 at /list/0",
    ),
    (
        "ROW013",
        [
            page({"list": [{"uid": "u", "msg": f"{n}"} for n in range(9)], "next": ""}),
            done(full(2)),
        ],
        {},
        "page 1, token None at /list/1",
    ),
    (
        "ROW014",
        [page({"list": [{"uid": "u", "msg": "m", "name": "n", "x": 1}], "next": ""})],
        {},
        "page GET 1 at /list/0/name",
    ),
    (
        "ROW014",
        [page({"list": [{"user_id": "u", "uid": "u", "msg": "m"}, {"Message": "m"}], "next": ""})],
        {},
        "page GET 1 at /list/0/user_id",
    ),
    (
        "ROW014",
        [page({"list": [{"Message": "m"}], "next": ""})],
        {},
        "page GET 1 at /list/0/Message",
    ),
    (
        "ROW015",
        [page({"list": [{"uid": "u", "msg": "Caf\u00c3\u00a9"}], "next": ""})],
        {},
        "page GET 1 at /list/0/msg: 'CafÃ©'",
    ),
    (
        "ROW015",
        [page({"list": [{"uid": "u", "msg": "\ufffd"}], "next": ""})],
        {},
        "page GET 1 at /list/0/msg: '�'",
    ),
    (
        "ROW016",
        [page({"list": [{"uid": "u", "msg": "Hi {{name}}"}], "next": ""})],
        {},
        "page GET 1 at /list/0/msg: 'Hi {{name}}'",
    ),
    (
        "ROW015",
        [worded("??? ???? <n>", "Hello ????", "M?ller <n>"), done(full(2))],
        {},
        "page GET 1 at /list/0/msg: '??? ???? <n>'",
    ),
    (
        "ROW016",
        [worded("Dear [NAME], order 1", "Dear [NAME], order 2", "Dear [NAME]!"), done(full(2))],
        {},
        "page GET 1 at /list/0/msg: 'Dear [NAME], order 1'",
    ),
    (
        "ROW017",
        [page({"list": [{"uid": "u", "msg": "<b>"}], "next": ""})],
        {},
        "page GET 1 at /list/0/msg: '<b>'",
    ),
    (
        "ROW018",
        [page({"list": [{"uid": "6.68E+10", "msg": "m"}], "next": ""})],
        {},
        "page GET 1 at /list/0/uid: '6.68E+10'",
    ),
    (
        "ROW018",
        [page({"list": [{"uid": "66812345678.0", "msg": "m"}], "next": ""})],
        {},
        "page GET 1 at /list/0/uid: '66812345678.0'",
    ),
    (
        "ROW019",
        [worded("Order 1.\\nHello", "Order 2.\\nHello", "Order 3.\\nHello"), done(full(2))],
        {},
        "page GET 1 at /list/0/msg: 'Order 1.\\\\nHello'",
    ),
    (
        "NEXT001",
        [page({"list": [], "next": " "})],
        {},
        "page GET 1 at /next: ' '",
    ),
    (
        "NEXT001",
        [page({"list": [], "next": 1.5})],
        {},
        "page GET 1 at /next: '1.5'",
    ),
    (
        "NEXT001",
        [page({"list": [], "next": True}), page({"list": [], "next": [1]}, 2)],
        {},
        "page GET 1 at /next: 'True'",
    ),
    (
        "NEXT002",
        [page({"list": [], "next": 5})],
        {},
        "page GET 1 at /next: '5'",
    ),
    (
        "NEXT002",
        [page({"list": [], "next": False}), page({"list": [], "next": {}}, 2)],
        {},
        "page GET 1 at /next: 'False'",
    ),
    (
        "NEXT002",
        [page({"list": [], "next": 10**40})],
        {},
        "page GET 1 at /next: '100000000000000000000000000000'",
    ),
    (
        "NEXT003",
        [end("NEXT003", full(3), None)],
        {},
        "page GET 3 at /next: 't'",
    ),
    (
        "NEXT003",
        [end("NEXT003", full(3), 2)],
        {},
        "page GET 3 at /next: 't'",
    ),
    (
        "NEXT003",
        [end("NEXT003", full(3), 3)],
        {},
        "page GET 3 at /next: 't'",
    ),
    (
        "NEXT003",
        [end("NEXT003", full(9), 2)],
        {},
        "page GET 9 at /next: 't'",
    ),
    (
        "NEXT003",
        [end("NEXT003", full(10), 2)],
        {},
        "page GET 10 at /next: 't'",
    ),
    (
        "NEXT004",
        [end("NEXT004", full(2), 1)],
        {"endpoint": Endpoint.parse(URL, "cursor")},
        "page GET 2 at /list",
    ),
    (
        "NEXT005",
        [end("NEXT005", full(7), 3)],
        {},
        "page GET 7 at /list",
    ),
    (
        "NEXT006",
        [
            page(b""),
            full(2),
            page({"list": rows(1, 1), "next": ""}, 3, token="t" * 200),
            done(full(3)),
        ],
        {},
        "page 3, token ttttttttt at /list/0",
    ),
    (
        "NEXT006",
        [full(1), page({"list": rows(1, 1), "next": ""}, 2, token="t" * 201), done(full(2))],
        {},
        "page 2, token None at /list/0",
    ),
    (
        "NEXT006",
        [full(1), full(2, 1), done(full(2))],
        {},
        "page 2, token t2 at /list/0",
    ),
    (
        "NEXT006",
        [full(1, 0, 9), full(2, 0, 10), done(full(2))],
        {},
        "page 2, token t2 at /list/0",
    ),
    (
        "NEXT007",
        [*CRAWLED, probe(Purpose.REPLAY, full(1, 3), full(1)), done(full(4, 6))],
        {},
        "replay GET 1 at None",
    ),
    (
        "NEXT007",
        [
            *CRAWLED,
            probe(Purpose.REPLAY, page({"list": rows(0, 2)[::-1], "next": "t"}), full(1)),
            probe(Purpose.REPLAY, full(1, 1), full(1)),
            done(full(4, 6)),
        ],
        {},
        "replay GET 1 at None",
    ),
    (
        "NEXT007",
        [*CRAWLED, probe(Purpose.REPLAY, full(1, 6), full(1)), done(full(4, 6))],
        {},
        "replay GET 1 at None",
    ),
    (
        "NEXT007",
        [*CRAWLED, probe(Purpose.REPLAY, full(3, 0), full(3, 4)), done(full(4, 6))],
        {},
        "replay GET 3 at None",
    ),
    (
        "NEXT007",
        [*CRAWLED, probe(Purpose.REPLAY, exchange(410, page=3), full(3, 4)), done(full(4, 6))],
        {},
        "replay GET 3 at None",
    ),
    (
        "NEXT008",
        [probe(Purpose.REPLAY, page({"list": [], "next": ""}), full(1)), done(full(2))],
        {},
        "replay GET 1 at None",
    ),
    (
        "NEXT008",
        [probe(Purpose.REPLAY, page(b""), full(1)), done(full(2))],
        {},
        "replay GET 1 at None",
    ),
    (
        "NEXT008",
        [*CRAWLED, probe(Purpose.REPLAY, full(1, 4), full(1)), done(full(4, 6))],
        {},
        "replay GET 1 at None",
    ),
    (
        "NEXT008",
        [*CRAWLED, probe(Purpose.REPLAY, full(1, 2), full(1)), done(full(4, 6))],
        {},
        "replay GET 1 at None",
    ),
    (
        "NEXT008",
        [*CRAWLED, probe(Purpose.REPLAY, full(3, 6), full(3, 4)), done(full(4, 6))],
        {},
        "replay GET 3 at None",
    ),
    (
        "NEXT008",
        [*CRAWLED, probe(Purpose.REPLAY, full(3, 90), full(3, 4)), done(full(4, 6))],
        {},
        "replay GET 3 at None",
    ),
    (
        "NEXT009",
        [probe(Purpose.BAD_TOKEN, full(1), full(1))],
        {},
        "bad-token GET 1 at None",
    ),
    (
        "NEXT009",
        [probe(Purpose.BAD_TOKEN, full(1, 0, 3), full(1, 1, 3))],
        {},
        "bad-token GET 1 at None",
    ),
    (
        "NEXT010",
        [probe(Purpose.BAD_TOKEN, exchange(500), full(1))],
        {},
        "bad-token GET 1 at None",
    ),
    (
        "NEXT010",
        [probe(Purpose.BAD_TOKEN, exchange(599), full(1))],
        {},
        "bad-token GET 1 at None",
    ),
    (
        "NEXT010",
        [probe(Purpose.BAD_TOKEN, failed("NET002", "the connection was reset"), full(1))],
        {},
        "bad-token GET 1 at None",
    ),
    (
        "NEXT011",
        [probe(Purpose.COOKIE, full(2, 2), full(1), (full(2),))],
        {},
        "cookie GET 2 at None",
    ),
    (
        "NEXT011",
        [probe(Purpose.COOKIE, page({"list": [], "next": ""}), full(1), (full(2),))],
        {},
        "cookie GET 1 at None",
    ),
    (
        "NEXT012",
        [full(1, token="a%2Bb")],
        {},
        "page GET 1 at /next: 'a%2Bb'",
    ),
    (
        "NEXT012",
        [full(1, token="%3d"), full(2, token="%C3")],
        {},
        "page GET 1 at /next: '%3d'",
    ),
    (
        "NEXT013",
        [end("NEXT013", full(2, token="https://x/?page=2"))],
        {},
        "page GET 2 at /next: 'https://x/?page=2'",
    ),
    (
        "NEXT013",
        [end("NEXT013", full(1, token="?page=2"))],
        {},
        "page GET 1 at /next: '?page=2'",
    ),
    (
        "NEXT014",
        [end("NEXT014", full(5))],
        {"max_pages": 1200},
        "page GET 5 at /next: 't'",
    ),
    (
        "NEXT014",
        [end("NEXT014", full(1))],
        {"max_pages": 1},
        "page GET 1 at /next: 't'",
    ),
    (
        "NEXT014",
        [replace(end("NEXT014", full(7, count=0)), empty_pages=4)],
        {"max_empty_pages": 3},
        "page GET 7 at /next: 't'",
    ),
    (
        "NEXT015",
        [full(1, token="t" * 1963)],
        {},
        "page GET 1 at /next: 'tttttttttttttttttttttttttttttt'",
    ),
    (
        "NEXT015",
        [full(1, token="%" * 700), full(2, token="t" * 3000)],
        {},
        "page GET 1 at /next: '%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%'",
    ),
    (
        "PERF001",
        [*timed([0.1, 3.0]), done(full(2))],
        {},
        "page GET 2 at None",
    ),
    (
        "PERF001",
        [*timed([0.06, 0.05]), done(full(2))],
        {"slow_page_seconds": 0.05},
        "page GET 1 at None",
    ),
    (
        "PERF002",
        [*timed([0.6 + 0.3 * n for n in range(20)], 1), done(full(20))],
        {},
        "page GET 20 at None",
    ),
    (
        "PERF003",
        [*timed([0.0] * 11, 49), done(full(11))],
        {},
        "page GET 1 at None",
    ),
    (
        "PERF003",
        [*timed([0.0] * 11, 1), done(full(11))],
        {},
        "page GET 1 at None",
    ),
    (
        "PERF003",
        [full(1, 0, 0), full(2, 0, 50), *(full(n, n, 1) for n in range(3, 13)), done(full(12))],
        {},
        "page GET 3 at None",
    ),
    (
        "PERF004",
        [page(b" " * 16384 + b"[]")],
        {},
        "page GET 1 at None",
    ),
    (
        "PERF004",
        [page(b" " * 40000 + b"[]"), page(b" " * 20000 + b"[]", 2)],
        {},
        "page GET 1 at None",
    ),
    (
        "PERF005",
        [
            exchange(closes_connection=True),
            exchange(closes_connection=True),
            exchange(closes_connection=True),
            done(full(2)),
        ],
        {},
        "page GET 1 at None",
    ),
    (
        "PERF006",
        [load(0.1, 2.1)],
        {"load": 4},
        "page GET 1 at None",
    ),
    (
        "PERF006",
        [load(0.07, 0.36)],
        {"load": 4},
        "page GET 1 at None",
    ),
    (
        "SEC001",
        [probe(Purpose.NO_CREDENTIALS, full(1), full(1))],
        {},
        "no-credentials GET 1 at None",
    ),
    (
        "SEC002",
        [exchange(local_peer=False), exchange(local_peer=False, page=2)],
        {},
        "page GET 1 at None",
    ),
    (
        "SEC003",
        [done(full(1))],
        {"endpoint": SECRET},
        "page None, token None at None",
    ),
    (
        "SEC003",
        [exchange(401), exchange(page=2), done(full(1))],
        {"endpoint": SECRET},
        "page GET 1 at None",
    ),
    (
        "SEC003",
        [done(full(1))],
        {"endpoint": Endpoint.parse(URL + "?" + "key-" * 20 + "=1")},
        "page None, token None at None",
    ),
    (
        "SEC008",
        [page({"list": rows(0, 1), "next": ""}, local_peer=False)],
        {},
        "page GET 1 at None",
    ),
    (
        "NEXT016",
        [full(1, 10, 2, "2"), full(2, 20, 2, "3"), full(3, 30, 2, "4"), done(full(4))],
        {},
        "page GET 1 at /next: '2'",
    ),
    (
        "NEXT016",
        [full(1, 0, 5, "5"), full(2, 5, 5, "10"), full(3, 10, 5, "15"), done(full(4))],
        {},
        "page GET 1 at /next: '5'",
    ),
    (
        "SEC004",
        [page({}, headers=(JSON, ("Cache-Control", "public")))],
        {},
        "page GET 1 at None",
    ),
    (
        "SEC004",
        [
            page({}, headers=(JSON, ("Cache-Control", "max-age=9"))),
            page({}, 2, headers=(JSON, ("Cache-Control", "public"))),
        ],
        {},
        "page GET 1 at None",
    ),
    (
        "SEC005",
        [exchange(500, body=TRACE)],
        {},
        "page GET 1 at None",
    ),
    (
        "SEC005",
        [exchange(400, body=TRACE)],
        {},
        "page GET 1 at None",
    ),
    (
        "SEC005",
        [method(404, body=TRACE)],
        {},
        "method POST None at None",
    ),
    (
        "SEC006",
        [page({}, headers=(JSON, ("Access-Control-Allow-Origin", " * ")))],
        {},
        "page GET 1 at None",
    ),
    (
        "SEC006",
        [page({}, headers=(JSON, ("access-control-allow-origin", "*")))] * 2,
        {},
        "page GET 1 at None",
    ),
    (
        "SEC007",
        [
            probe(Purpose.NO_CREDENTIALS, exchange(401), full(1)),
            probe(Purpose.ALTERED_CREDENTIALS, full(1), full(1)),
        ],
        {},
        "altered-credentials GET 1 at None",
    ),
]

SILENT: list[tuple[str, list[Subject], dict[str, Any]]] = [
    ("ROW015", [worded("What???", "Really ??", "Is it M?ller?"), done(full(2))], {}),
    ("ROW015", [worded("https://x.test/a?b=1", "www.x.test/?q", "Ready? Go?"), done(full(2))], {}),
    ("ROW016", [worded("[SALE] Hello", "[SALE] Hi", "[SALE] Hey"), done(full(2))], {}),
    ("ROW016", [worded("Dear [NAME]", "Hello", "Hi"), done(full(2))], {}),
    ("ROW016", [worded("Order #12", "#NameOfTheDay", "Array of offers", "C#/REF")], {}),
    ("ROW018", [page({"list": [{"uid": "U12E5", "msg": "m"}], "next": ""})], {}),
    ("ROW018", [page({"list": [{"uid": "12.0", "msg": "m"}], "next": ""})], {}),
    ("ROW018", [page({"list": [{"uid": "2E10", "msg": "m"}], "next": ""})], {}),
    ("ROW019", [worded("C:\\new\\reports", "C:\\new", "D:\\news"), done(full(2))], {}),
    ("ROW019", [worded("https://x.test/?q=a%20b", "www.x.test/a%20b", "50%20"), done(full(2))], {}),
    ("ROW019", [worded("One\\nrow", "Hello", "Hi", "Hey"), done(full(2))], {}),
    (
        "NEXT016",
        [full(1, 0, 2, "7"), full(2, 2, 2, "19"), full(3, 4, 2, "20"), done(full(4))],
        {},
    ),
    ("NEXT016", [full(1, 0, 2, "2"), full(2, 2, 2, "3"), done(full(3))], {}),
    (
        "NEXT016",
        [full(1, 1, 2, "2"), full(2, 3, 2, "4"), full(3, 5, 2, "6"), done(full(4))],
        {},
    ),
    ("SEC003", [done(full(1))], {"endpoint": Endpoint.parse(URL + "?keyword=a&author=b")}),
    ("SEC003", [done(full(1))], {"endpoint": Endpoint.parse(URL + "?sort_key=name&design=2")}),
    ("SEC008", [page({"list": rows(0, 1), "next": ""}, local_peer=True)], {}),
    ("SEC008", [page({"list": rows(0, 1), "next": ""})], {}),
    ("SEC008", [page({"list": [], "next": ""}, local_peer=False)], {}),
    (
        "SEC008",
        [page({"list": rows(0, 1), "next": ""}, local_peer=False)],
        {"headers": (("X-Key", "hunter22"),)},
    ),
    (
        "SEC008",
        [page({"list": rows(0, 1), "next": ""}, local_peer=False)],
        {"endpoint": Endpoint.parse("https://script.google.com/macros/s/AKfycbx12ab34CD56ef/exec")},
    ),
    ("NET001", [failed("NET002", "x"), exchange()], {}),
    (
        "NET009",
        [
            exchange(),
            exchange(503, retry_reasons=("503",)),
            failed("NET002", "x", retry_reasons=("x",)),
        ],
        {},
    ),
    (
        "HTTP001",
        [exchange(404, ("Allow", "GET, POST")), exchange(200, ("Allow", "POST")), exchange(None)],
        {},
    ),
    ("HTTP001", [replace(failed("NET005", "x"), status=405)], {}),
    ("HTTP002", [method(405), method(302), method(200, name="OPTIONS", body=PAGE_BODY)], {}),
    ("HTTP002", [method(400), method(422, ("Allow", "GET")), method(405, ("Allow", "POST"))], {}),
    ("HTTP002", [method(200), method(204), method(200, body=b'{"error": "GET only"}')], {}),
    ("HTTP002", [method(200, body=HTML), method(202, body=HTML, first=page(HTML))], {}),
    ("HTTP002", [method(200, body=b'{"error": 1}', first=page({"error": 1}))], {}),
    ("HTTP002", [method(201, failure=Failure(rule="NET007", detail="x"))], {}),
    ("HTTP002", [probe(Purpose.REPLAY, exchange(), full(1)), exchange()], {}),
    ("HTTP003", [method(501), method(499), method(600), method(405)], {}),
    ("HTTP003", [method(500, failure=Failure(rule="NET005", detail="x"))], {}),
    ("HTTP003", [probe(Purpose.REPLAY, exchange(500), full(1))], {}),
    ("HTTP004", [method(405, ("Allow", "GET")), method(405, ("Allow", "")), method(501)], {}),
    ("HTTP004", [probe(Purpose.REPLAY, exchange(405), full(1))], {}),
    (
        "HTTP005",
        [exchange(200), exchange(204), exchange(500), exchange(401), failed("NET002", "x")],
        {},
    ),
    ("HTTP006", [exchange(402), exchange(404), exchange(400)], {}),
    ("HTTP007", [exchange(501), exchange(499), exchange(600)], {}),
    ("HTTP008", [exchange(428), exchange(430)], {}),
    (
        "HTTP009",
        [
            exchange(),
            failed("HTTP010", "x", redirects=(URL,)),
            failed("HTTP011", "x", redirects=(URL,)),
        ],
        {},
    ),
    ("PAGE010", [full(1), NO_CONTENT, page({}, 2), page([], 2)], {}),
    ("PAGE010", [probe(Purpose.REPLAY, full(1), blank(1)), probe(Purpose.BLANK, full(1))], {}),
    ("HTTP012", [page(b"", headers=())], {}),
    (
        "HTTP012",
        [
            page({}, headers=(("Content-Type", t),))
            for t in (
                "application/json",
                " Application/JSON ; charset=utf-8",
                "text/json",
                "application/problem+json",
                "application/vnd.api+json;v=1",
            )
        ],
        {},
    ),
    ("JSON001", [page({"list": [], "next": ""}), page(b"[NaN]")], {}),
    ("PAGE002", [page({"list": None, "next": ""})], {}),
    ("PAGE004", [full(1, 0, 499)], {}),
    ("PAGE006", [full(1), done(full(1))], {}),
    (
        "PAGE006",
        [page({"list": [], "next": " "}), end("NEXT001", page({"list": [], "next": " "}))],
        {},
    ),
    ("PAGE006", [CrawlEnd(ended_by="interrupted")], {}),
    (
        "PAGE007",
        [
            page({"list": [], "next": ""}),
            full(2),
            page({"next": "t"}),
            page({"list": {}, "next": "t"}),
            page([]),
        ],
        {},
    ),
    ("PAGE008", [page({"list": []}), page({}), page([1]), page(b"")], {}),
    ("PAGE009", [page({"list": [], "next": ""}), page(b""), page(0), page("")], {}),
    ("ROW008", [full(1)], {}),
    ("ROW009", [page({"list": [{"uid": "u", "msg": "m" * 5001}], "next": ""})], {}),
    ("ROW012", [full(1), full(1), page({"list": [{"uid": "u"}] * 2, "next": ""})], {}),
    (
        "ROW012",
        [
            page(
                {
                    "list": [
                        {"uid": "u", "msg": "a"},
                        {"uid": "u", "msg": "b"},
                        {"uid": "v", "msg": "a"},
                    ],
                    "next": "",
                }
            )
        ],
        {},
    ),
    ("ROW013", [full(1), full(2, 2), full(1), done(full(2))], {}),
    ("ROW014", [full(1), page({"list": [{"uid": "u"}, 5, {}], "next": ""})], {}),
    (
        "NEXT003",
        [
            end("NEXT005", full(3), 2),
            done(full(1)),
            CrawlEnd(ended_by="token-loop", rule="NEXT003"),
        ],
        {},
    ),
    ("NEXT006", [full(1), full(2, 2), done(full(2))], {}),
    (
        "NEXT007",
        [
            probe(Purpose.REPLAY, full(1), full(1)),
            probe(Purpose.REPLAY, full(1, 0, 3), full(1)),
            done(full(2)),
        ],
        {},
    ),
    (
        "NEXT007",
        [
            probe(Purpose.REPLAY, exchange(503), full(1)),
            probe(Purpose.REPLAY, failed("NET004", "x"), full(1)),
            probe(Purpose.REPLAY, full(1, 5)),
            done(full(2)),
        ],
        {},
    ),
    ("NEXT007", [probe(Purpose.BAD_TOKEN, full(1, 5), full(1)), done(full(2))], {}),
    ("NEXT007", [*CRAWLED, probe(Purpose.REPLAY, full(1, 2), full(1)), done(full(4, 6))], {}),
    ("NEXT008", [*CRAWLED, probe(Purpose.REPLAY, full(1), full(1)), done(full(4, 6))], {}),
    ("NEXT008", [*CRAWLED, probe(Purpose.REPLAY, full(1, 1), full(1)), done(full(4, 6))], {}),
    ("NEXT008", [*CRAWLED, probe(Purpose.REPLAY, full(1, 3), full(1)), done(full(4, 6))], {}),
    ("NEXT008", [*CRAWLED, probe(Purpose.REPLAY, full(1, 6), full(1)), done(full(4, 6))], {}),
    ("NEXT008", [*CRAWLED, probe(Purpose.REPLAY, full(3, 0), full(3, 4)), done(full(4, 6))], {}),
    (
        "NEXT008",
        [probe(Purpose.REPLAY, page(b""), page({"list": [], "next": "t"})), done(full(2))],
        {},
    ),
    (
        "NEXT008",
        [
            probe(Purpose.REPLAY, exchange(500), full(1)),
            probe(Purpose.BAD_TOKEN, full(1, 9), full(1)),
            done(full(2)),
        ],
        {},
    ),
    (
        "NEXT009",
        [
            probe(Purpose.BAD_TOKEN, full(1, 2, 4), full(1, 0, 4)),
            probe(Purpose.BAD_TOKEN, exchange(400), full(1)),
        ],
        {},
    ),
    (
        "NEXT009",
        [
            probe(Purpose.REPLAY, full(1), full(1)),
            probe(Purpose.BAD_TOKEN, full(1)),
            probe(Purpose.BAD_TOKEN, page(b""), page(b"")),
        ],
        {},
    ),
    (
        "NEXT010",
        [
            probe(Purpose.BAD_TOKEN, exchange(400), full(1)),
            probe(Purpose.BAD_TOKEN, exchange(600), full(1)),
        ],
        {},
    ),
    (
        "NEXT010",
        [probe(Purpose.BAD_TOKEN, exchange(500)), probe(Purpose.REPLAY, exchange(500), full(1))],
        {},
    ),
    (
        "NEXT010",
        [
            probe(
                Purpose.BAD_TOKEN,
                failed(
                    "NET004",
                    "x",
                ),
                full(1),
            ),
            probe(Purpose.BAD_TOKEN, replace(failed("NET007", "x"), status=500), full(1)),
        ],
        {},
    ),
    (
        "NEXT011",
        [
            probe(Purpose.COOKIE, full(2), full(1), (full(2),)),
            probe(Purpose.COOKIE, exchange(401), full(1)),
        ],
        {},
    ),
    (
        "NEXT011",
        [probe(Purpose.COOKIE, full(2, 2)), probe(Purpose.REPLAY, full(2, 2), full(1))],
        {},
    ),
    (
        "NEXT012",
        [full(1, token="100%"), full(1, token="%zz"), full(1, token=""), full(1, token="a%2")],
        {},
    ),
    ("NEXT013", [end("NEXT003", full(1), 1), done(full(1))], {}),
    ("NEXT015", [full(1, token="t" * 1962), full(1, token=""), full(1, token="%" * 100)], {}),
    ("PERF001", [*timed([0.1, 2.0]), done(full(2))], {}),
    ("PERF001", [*timed([0.1] * 19 + [9.0]), done(full(2))], {}),
    ("PERF001", [done(full(1))], {}),
    ("PERF002", [*timed([0.01 + 0.01 * n for n in range(19)], 1), done(full(20))], {}),
    ("PERF002", [*timed([0.5] * 30, 1), done(full(20))], {}),
    (
        "PERF002",
        [*timed([0.01 + 0.01 * n for n in range(20)], 1), CrawlEnd(ended_by="interrupted")],
        {},
    ),
    ("PERF003", [*timed([0.0] * 11, 50), done(full(11))], {}),
    ("PERF003", [*timed([0.0] * 10, 1), done(full(10))], {}),
    ("PERF003", [*timed([0.0] * 10, 1), page({"list": [], "next": ""}, 11), done(full(11))], {}),
    (
        "PERF004",
        [
            page(b" " * 16382 + b"[]"),
            page(b" " * 40000 + b"[]", headers=(JSON, ("Content-Encoding", "gzip"))),
        ],
        {},
    ),
    (
        "PERF005",
        [exchange(closes_connection=True), exchange(closes_connection=True), done(full(2))],
        {},
    ),
    ("PERF005", [exchange(closes_connection=True)] * 3 + [exchange(), done(full(2))], {}),
    (
        "PERF005",
        [exchange(closes_connection=True)] * 2
        + [
            failed("NET002", "x", closes_connection=True),
            exchange(500, closes_connection=True),
            done(full(2)),
        ],
        {},
    ),
    ("PERF005", [done(full(1))], {}),
    ("PERF006", [load(1.0, 2.0), load(0.05, 0.3), load(0.1, 0.5), load(1.0, 1.9)], {"load": 4}),
    (
        "SEC001",
        [
            probe(Purpose.NO_CREDENTIALS, exchange(401), full(1)),
            probe(Purpose.NO_CREDENTIALS, full(1, 9), full(1)),
        ],
        {},
    ),
    ("SEC001", [probe(Purpose.ALTERED_CREDENTIALS, full(1), full(1))], {}),
    ("SEC002", [exchange(local_peer=True), exchange(local_peer=None)], {}),
    ("SEC002", [exchange(local_peer=False)], {"endpoint": Endpoint.parse("https://localhost/")}),
    ("SEC003", [done(full(1))], {}),
    ("SEC004", [page({}, headers=(JSON, ("Cache-Control", "no-store"))), page({})], {}),
    (
        "SEC005",
        [
            exchange(500, body=b"oops"),
            exchange(200, body=TRACE),
            exchange(399, body=TRACE),
            exchange(None, body=TRACE),
        ],
        {},
    ),
    (
        "SEC006",
        [page({}, headers=(JSON, ("Access-Control-Allow-Origin", "https://a"))), page({})],
        {},
    ),
    (
        "SEC007",
        [
            probe(Purpose.NO_CREDENTIALS, full(1), full(1)),
            probe(Purpose.ALTERED_CREDENTIALS, full(1), full(1)),
        ],
        {},
    ),
    (
        "SEC007",
        [
            probe(Purpose.NO_CREDENTIALS, exchange(401), full(1)),
            probe(Purpose.ALTERED_CREDENTIALS, full(1, 9), full(1)),
        ],
        {},
    ),
    (
        "SEC007",
        [
            probe(Purpose.NO_CREDENTIALS, exchange(401), full(1)),
            probe(Purpose.REPLAY, full(1), full(1)),
        ],
        {},
    ),
    ("SEC007", [probe(Purpose.ALTERED_CREDENTIALS, full(1), full(1))], {}),
]


def test_every_rule_is_judged_by_itself() -> None:
    assert {rule_id for rule_id, *_ in FIRES} == set(all_rules())


@pytest.mark.parametrize(("rule_id", "subjects", "options", "place"), FIRES)
def test_a_rule_finds_the_fault_at_its_place(
    rule_id: str, subjects: list[Subject], options: dict[str, Any], place: str
) -> None:
    tally, _ = judge(rule_id, subjects, **options)
    assert told(tally.locations[0]) == place


@pytest.mark.parametrize("rule_id", list(all_rules()))
def test_a_rule_says_what_it_found(rule_id: str) -> None:
    cases = [(subjects, options) for fires, subjects, options, _ in FIRES if fires == rule_id]
    said = [str(judge(rule_id, subjects, **options)[1]) for subjects, options in cases]
    assert said == kept_sentences(SENTENCES, rule_id, said)


@pytest.mark.parametrize(("rule_id", "subjects", "options"), SILENT)
def test_a_rule_is_silent_otherwise(
    rule_id: str, subjects: list[Subject], options: dict[str, Any]
) -> None:
    tally, _ = judge(rule_id, subjects, **options)
    assert tally.locations == []
    assert tally.count == 0


@pytest.mark.parametrize(
    ("pages", "size", "kept"),
    [(999, 0, True), (1000, 0, False), (7, 2**20, True), (8, 2**20, False)],
)
def test_the_first_pages_stay_to_be_shown_with_a_repeated_row(
    pages: int, size: int, kept: bool
) -> None:
    context = RuleContext(Config(endpoint=ENDPOINT), Redactor())
    rule = all_rules()["NEXT006"](context)
    for number in range(1, pages + 1):
        context.remember(
            page({"list": rows(9 * number, 1), "next": "t", "pad": "x" * size}, number)
        )
    context.remember(full(pages + 1, 9))
    [place] = rule.on_end(done(full(pages + 1)))
    assert (place.page, place.token) == (pages + 1, f"t{pages + 1}")
    assert (place.exchange is not None) == kept
    assert place.exchange is None or place.exchange.page == pages + 1


def test_what_a_rule_shows_is_redacted_and_short() -> None:
    for show_data, name in ((True, "U" * 39 + "…"), (False, "UU…UU (41 characters)")):
        context = RuleContext(
            Config(endpoint=ENDPOINT, show_data=show_data), Redactor(["hunter22"])
        )
        assert context.show("hunter22 and so on", 8) == "••• and…"
        assert context.name("hunter22") == "•••"
        assert context.name("first_name") == "first_name"
        assert context.name("U" * 41) == name
        assert context.name("U" * 40) == ("U" * 40 if show_data else "UU…UU (40 characters)")


def test_the_rules_stand_in_the_contracts_order() -> None:
    families = ["NET", "HTTP", "JSON", "PAGE", "ROW", "NEXT", "PERF", "SEC"]
    ids = list(all_rules())
    assert ids == sorted(ids, key=lambda rule_id: (families.index(rule_id[:-3]), rule_id))


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("List", "list"),
        ("LIST_1", "list"),
        ("data", "list"),
        ("Next-Token", "next"),
        ("pages", None),
        ("", None),
        ("listing", None),
    ],
)
def test_a_near_miss(name: str, meant: str | None) -> None:
    assert near_miss(name, {"list": {"data"}, "next": {"nexttoken"}}) == meant


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (0, "a number"),
        (1.5, "a number"),
        ("", "a string"),
        ([], "an array"),
        ({}, "an object"),
        (ABSENT, "absent"),
    ],
)
def test_a_type_in_words(value: object, words: str) -> None:
    assert type_name(value) == words


@pytest.mark.parametrize(
    ("text", "holds"), [("a <b>", True), ("&amp;", True), ("5 < 6 & 7", False), ("plain", False)]
)
def test_markup_is_told_by_itself(text: str, holds: bool) -> None:
    assert (markup_in(text) is not None) is holds
