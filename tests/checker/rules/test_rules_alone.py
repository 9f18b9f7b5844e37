"""Each rule by itself, fed with what the engine would feed it: what it finds, and in which words.

No network, no crawl: what a rule judges is built here, on both sides of its condition.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

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

URL = "http://localhost:8000/recipients"
ENDPOINT = Endpoint.parse(URL)
JSON = ("Content-Type", "application/json")
SECRET = Endpoint.parse(URL + "?api_key=hunter22&a=1")

Subject = Exchange | Page | Probe | CrawlEnd | LoadTestResult


def exchange(status: int | None = 200, *headers: tuple[str, str], **more: Any) -> Exchange:
    values: dict[str, Any] = {
        "purpose": Purpose.PAGE, "method": "GET", "url": URL, "page": 1, "status": status,
        "headers": headers, "final_url": URL,
    }  # fmt: skip
    return Exchange(**{**values, **more})


def failed(rule: str, detail: str, **more: Any) -> Exchange:
    return exchange(None, failure=Failure(rule=rule, detail=detail), **more)


def page(document: Any, number: int = 1, **more: Any) -> Page:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    values = {"page": number, "token": None if number == 1 else f"t{number}", "body": body}
    return read_page(exchange(200, JSON, **{**values, **more}), number, ENDPOINT)


def rows(first: int, count: int) -> list[dict[str, str]]:
    return [{"uid": f"u{number}", "msg": "m"} for number in range(first, first + count)]


def full(number: int, first: int = 0, count: int = 2, token: Any = "t") -> Page:
    return page({"list": rows(first, count), "next": token}, number)


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


def method(status: int, *headers: tuple[str, str], name: str = "POST", **more: Any) -> Probe:
    sent = exchange(status, *headers, method=name, page=None, **more)
    return probe(Purpose.METHOD, sent)


def end(rule: str | None, at: Page, other: int | None = None, ended_by: str = "") -> CrawlEnd:
    named = ended_by or all_rules()[rule or ""].name
    return CrawlEnd(ended_by=named, rule=rule, page=at, other_page=other)


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
    first = tally.places[0] if tally.places else Location()
    return tally, rule.message(tally.count, first) if tally.count else None


def told(place: Location) -> str:
    """A place in one line: the request that it is of, where it is, what stands there."""
    sent = place.exchange
    asked = f"page {place.page}, token {str(place.token)[:9]}"
    if sent is not None and place.page is None:
        asked = f"{sent.purpose.value} {sent.method} {sent.page}"
    value = "" if place.value is ABSENT else f": {str(place.value)[:30]!r}"
    return f"{asked} at {place.pointer}{value} ({place.note[:20]})"


DRF = {"count": 2, "previous": None, "results": [], "next": "https://x/?page=2"}
TRACE = b"Traceback (most recent call last):"
HTML = b"<html><title>Just a moment...</title></html>"

FIRES: list[tuple[str, list[Subject], dict[str, Any], str, str]] = [
    (
        "NET001",
        [failed("NET001", "the host name does not resolve")],
        {},
        "The endpoint's host name does not resolve: no DNS server knows it.",
        "page GET 1 at None (the host name does n)",
    ),
    (
        "NET002",
        [failed("NET002", "the connection failed: refused")],
        {},
        "Page 1 could not be had: the connection failed: refused.",
        "page GET 1 at None (the connection faile)",
    ),
    (
        "NET002",
        [failed("NET002", "refused", attempts=2, page=3)],
        {},
        "Page 3 could not be had: refused, also after 1 retry.",
        "page GET 3 at None (refused)",
    ),
    (
        "NET002",
        [failed("NET002", "refused", attempts=3, page=None)],
        {},
        "The endpoint could not be had: refused, also after 2 retries.",
        "page GET None at None (refused)",
    ),
    (
        "NET003",
        [failed("NET003", "the certificate is not valid: expired")],
        {},
        "Page 1 could not be had: the certificate is not valid: expired.",
        "page GET 1 at None (the certificate is n)",
    ),
    (
        "NET004",
        [failed("NET004", "connecting took over 3 s")],
        {},
        "Page 1 could not be had: connecting took over 3 s.",
        "page GET 1 at None (connecting took over)",
    ),
    (
        "NET005",
        [failed("NET005", "the connection was closed in its headers")],
        {},
        "Page 1 could not be had: the connection was closed in its headers.",
        "page GET 1 at None (the connection was c)",
    ),
    (
        "NET006",
        [failed("NET006", "bad status line")],
        {},
        "Page 1 could not be had: bad status line.",
        "page GET 1 at None (bad status line)",
    ),
    (
        "NET007",
        [failed("NET007", "over 16 MiB")],
        {},
        "Page 1 could not be had: over 16 MiB.",
        "page GET 1 at None (over 16 MiB)",
    ),
    (
        "NET008",
        [failed("NET008", "the body is not gzip")],
        {},
        "Page 1 cannot be decoded: the body is not gzip.",
        "page GET 1 at None (the body is not gzip)",
    ),
    (
        "NET008",
        [failed("NET008", "the body is not gzip"), failed("NET008", "x", page=2)],
        {},
        "2 pages (the first: page 1) cannot be decoded: the body is not gzip.",
        "page GET 1 at None (the body is not gzip)",
    ),
    (
        "NET009",
        [exchange(retry_reasons=("503", "reset"), attempts=3)],
        {},
        "1 request succeeded only after a retry; the first had failed with: 503.",
        "page GET 1 at None (503)",
    ),
    (
        "NET009",
        [exchange(retry_reasons=("503",), attempts=2), exchange(retry_reasons=("500",), page=2)],
        {},
        "2 requests succeeded only after a retry; the first had failed with: 503.",
        "page GET 1 at None (503)",
    ),
    (
        "HTTP001",
        [exchange(405, reason="Method Not Allowed")],
        {},
        "GET is answered 405 Method Not Allowed.",
        "page GET 1 at None (405 Method Not Allow)",
    ),
    (
        "HTTP001",
        [exchange(400, ("Allow", "POST"), reason="Bad Request")],
        {},
        "GET is answered 400 Bad Request, and Allow names only POST.",
        "page GET 1 at None (400 Bad Request)",
    ),
    ("HTTP001", [exchange(501)], {}, "GET is answered 501.", "page GET 1 at None (501)"),
    (
        "HTTP002",
        [method(200)],
        {},
        "POST is answered 200, though only GET may be answered with success.",
        "method POST None at None (POST is answered 200)",
    ),
    (
        "HTTP002",
        [method(204, name="PUT"), method(200)],
        {},
        "PUT is answered 204, though only GET may be answered with success.",
        "method PUT None at None (PUT is answered 204)",
    ),
    (
        "HTTP003",
        [method(500)],
        {},
        "POST is answered 500: the server fails where it should refuse with 405.",
        "method POST None at None (POST is answered 500)",
    ),
    (
        "HTTP003",
        [method(599, name="PUT")],
        {},
        "PUT is answered 599: the server fails where it should refuse with 405.",
        "method PUT None at None (PUT is answered 599)",
    ),
    (
        "HTTP004",
        [method(405)],
        {},
        "POST is refused with 405, but no Allow header says what is allowed.",
        "method POST None at None (POST)",
    ),
    (
        "HTTP005",
        [exchange(404, reason="Not Found")],
        {},
        "Page 1 is answered 404 Not Found.",
        "page GET 1 at None (404 Not Found)",
    ),
    (
        "HTTP005",
        [exchange(206, reason="Partial Content")],
        {},
        "Page 1 is answered 206 Partial Content.",
        "page GET 1 at None (206 Partial Content)",
    ),
    ("HTTP005", [exchange(302)], {}, "Page 1 is answered 302.", "page GET 1 at None (302)"),
    (
        "HTTP006",
        [exchange(401, reason="Unauthorized")],
        {},
        "Page 1 is answered 401 Unauthorized and no header was given.",
        "page GET 1 at None (401 Unauthorized)",
    ),
    (
        "HTTP006",
        [exchange(403, reason="Forbidden", page=2)],
        {"headers": (("X-Key", "hunter22"), ("X-B", "b"))},
        "Page 2 is answered 403 Forbidden with the headers given (X-Key, X-B).",
        "page GET 2 at None (403 Forbidden)",
    ),
    (
        "HTTP006",
        [exchange(403, body=HTML)],
        {},
        "Page 1 is answered 403 and no header was given; what came is a block page of a firewall or CDN (a WAF).",
        "page GET 1 at None (403)",
    ),
    (
        "HTTP007",
        [exchange(500, reason="Internal Server Error")],
        {},
        "Page 1 is answered 500 Internal Server Error.",
        "page GET 1 at None (500 Internal Server )",
    ),
    (
        "HTTP007",
        [exchange(503, attempts=3, page=4)],
        {},
        "Page 4 is answered 503, also after 2 retries.",
        "page GET 4 at None (503)",
    ),
    (
        "HTTP008",
        [exchange(429, reason="Too Many Requests", attempts=2)],
        {},
        "Page 1 is answered 429 Too Many Requests, also after 1 retry.",
        "page GET 1 at None (429 Too Many Request)",
    ),
    (
        "HTTP009",
        [exchange(redirects=(URL,), final_url="http://localhost:8000/r/")],
        {},
        "1 request redirected, the first to http://localhost:8000/r/.",
        "page GET 1 at None (http://localhost:800)",
    ),
    (
        "HTTP009",
        [
            exchange(redirects=(URL, URL + "/a"), final_url=URL + "/b"),
            exchange(500, redirects=(URL,)),
        ],
        {},
        "2 requests redirected, the first to http://localhost:8000/recipients/a.",
        "page GET 1 at None (http://localhost:800)",
    ),
    (
        "HTTP010",
        [failed("HTTP010", "it redirects to http://other.example/")],
        {},
        "Page 1: it redirects to http://other.example/, which is another server or no longer encrypted; the headers are not sent there, and the crawl does not follow.",
        "page GET 1 at None (it redirects to http)",
    ),
    (
        "HTTP010",
        [failed("HTTP010", "it redirects to https://other.example/login")],
        {},
        "Page 1: it redirects to https://other.example/login, which is another server or no longer encrypted and seems to be a login page; the headers are not sent there, and the crawl does not follow.",
        "page GET 1 at None (it redirects to http)",
    ),
    (
        "HTTP011",
        [failed("HTTP011", "more than 5 redirects", page=2)],
        {},
        "Page 2 leads nowhere: more than 5 redirects.",
        "page GET 2 at None (more than 5 redirect)",
    ),
    (
        "HTTP012",
        [page({"list": [], "next": ""}, headers=())],
        {},
        "Page 1 came with no Content-Type, though the body is JSON.",
        "page GET 1 at None (no Content-Type)",
    ),
    (
        "HTTP012",
        [page({"list": [], "next": ""}, headers=(("Content-Type", "text/html"),))],
        {},
        "Page 1 came with the Content-Type text/html, though the body is JSON.",
        "page GET 1 at None (the Content-Type tex)",
    ),
    (
        "HTTP012",
        [
            page({}, headers=(("Content-Type", "text/plain; charset=utf-8"),)),
            page([], 2, headers=()),
        ],
        {},
        "2 pages (the first: page 1) came with the Content-Type text/plain; charset=utf-8, though the body is JSON.",
        "page GET 1 at None (the Content-Type tex)",
    ),
    (
        "JSON001",
        [page(b"<html>")],
        {},
        "Page 1 cannot be read as JSON: an HTML page in place of JSON (line 1, column 1).",
        "page GET 1 at : '<html>' (an HTML page in plac)",
    ),
    (
        "JSON002",
        [page('["é"]'.encode("latin-1"))],
        {},
        "Page 1 is not UTF-8: at byte 2 it is no UTF-8; it looks like Latin-1 (ISO 8859-1).",
        "page GET 1 at  (at byte 2 it is no U)",
    ),
    (
        "JSON002",
        [page('["é"]'.encode("latin-1")), page('["é"]'.encode("latin-1"), 2)],
        {},
        "2 pages (the first: page 1) are not UTF-8: at byte 2 it is no UTF-8; it looks like Latin-1 (ISO 8859-1).",
        "page GET 1 at  (at byte 2 it is no U)",
    ),
    (
        "JSON003",
        [page(b"\xef\xbb\xbf[]")],
        {},
        "Page 1 begins with a UTF-8 byte order mark (EF BB BF), as Windows editors write it.",
        "page GET 1 at  (a UTF-8 byte order m)",
    ),
    (
        "JSON003",
        [page(b"\xef\xbb\xbf[]"), page(b"\xef\xbb\xbf[]", 2)],
        {},
        "2 pages (the first: page 1) begin with a UTF-8 byte order mark (EF BB BF), as Windows editors write it.",
        "page GET 1 at  (a UTF-8 byte order m)",
    ),
    (
        "JSON004",
        [page(b'"{}"')],
        {},
        "Page 1 was encoded as JSON twice: the JSON stands inside a JSON string, as after json.dumps twice.",
        "page GET 1 at  (the JSON stands insi)",
    ),
    (
        "JSON004",
        [page(b'"{}"'), page(b'"[]"', 2)],
        {},
        "2 pages (the first: page 1) were encoded as JSON twice: the JSON stands inside a JSON string, as after json.dumps twice.",
        "page GET 1 at  (the JSON stands insi)",
    ),
    (
        "JSON005",
        [page(b'{"name": 1, "name": 2}')],
        {},
        "Page 1 names a member twice in one object: name.",
        "page GET 1 at  (name)",
    ),
    (
        "JSON005",
        [page(b'{"name": 1, "name": 2}'), page(b'{"a": 1, "a": 2}', 2)],
        {},
        "2 pages (the first: page 1) name a member twice in one object: name.",
        "page GET 1 at  (name)",
    ),
    (
        "JSON006",
        [page(b"[NaN]")],
        {},
        "Page 1 holds a number that JSON does not have: NaN is not JSON.",
        "page GET 1 at  (NaN is not JSON)",
    ),
    (
        "JSON006",
        [page(b"[1e999]"), page(b"[NaN]", 2)],
        {},
        "2 pages (the first: page 1) hold a number that JSON does not have: a number of 5 characters, which most parsers read as Infinity.",
        "page GET 1 at  (a number of 5 charac)",
    ),
    (
        "JSON007",
        [page(b'["\\ud83d"]')],
        {},
        "Page 1 holds text that no one can send: half of a surrogate pair.",
        "page GET 1 at : '\\ud83d' (half of a surrogate )",
    ),
    (
        "JSON007",
        [page(b'["\\ud83d"]'), page(b'["\\ud83d"]', 2)],
        {},
        "2 pages (the first: page 1) hold text that no one can send: half of a surrogate pair.",
        "page GET 1 at : '\\ud83d' (half of a surrogate )",
    ),
    (
        "JSON008",
        [page(b"[" * 65 + b"]" * 65)],
        {},
        "Page 1 is nested too deep: 65 levels deep, 64 are read.",
        "page GET 1 at  (65 levels deep, 64 a)",
    ),
    (
        "JSON008",
        [page(b"[" * 65 + b"]" * 65), page(b"[" * 70 + b"]" * 70, 2)],
        {},
        "2 pages (the first: page 1) are nested too deep: 65 levels deep, 64 are read.",
        "page GET 1 at  (65 levels deep, 64 a)",
    ),
    (
        "PAGE001",
        [page(["row"])],
        {},
        "Page 1 is not an object with list and next at its root, but an array.",
        "page GET 1 at : \"['row']\" (an array)",
    ),
    (
        "PAGE001",
        [page(5), page("x", 2)],
        {},
        "2 pages (the first: page 1) are not an object with list and next at its root, but a number.",
        "page GET 1 at : '5' (a number)",
    ),
    (
        "PAGE002",
        [page({"next": "", "data": []})],
        {},
        "Page 1 has no member list; its members are next, data.",
        "page GET 1 at : \"{'next': '', 'data': []}\" (an object)",
    ),
    (
        "PAGE002",
        [page(DRF)],
        {},
        "Page 1 has no member list; its members are count, previous, results, next, as Django REST framework sends it.",
        "page GET 1 at : \"{'count': 2, 'previous': None,\" (an object)",
    ),
    (
        "PAGE002",
        [page({"next": ""}), page({"next": ""}, 2)],
        {},
        "2 pages (the first: page 1) have no member list; its members are next.",
        "page GET 1 at : \"{'next': ''}\" (an object)",
    ),
    (
        "PAGE002",
        [page(dict.fromkeys("abcdefgh", 1))],
        {},
        "Page 1 has no member list; its members are a, b, c, d, e, f.",
        "page GET 1 at : \"{'a': 1, 'b': 1, 'c': 1, 'd': \" (an object)",
    ),
    (
        "PAGE002",
        [
            page({"list": [], "next": ""}),
            page({"next": "", "U0123456789abcdef0123456789abcdef": 1}),
        ],
        {"show_data": True},
        "Page 1 has no member list; its members are next, U0123456789abcdef0123456789abcdef.",
        "page GET 1 at : \"{'next': '', 'U0123456789abcde\" (an object)",
    ),
    (
        "PAGE002",
        [page({"next": "", "m" * 50: 1})],
        {"show_data": True},
        "Page 1 has no member list; its members are next, mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm….",
        "page GET 1 at : \"{'next': '', 'mmmmmmmmmmmmmmmm\" (an object)",
    ),
    (
        "PAGE008",
        [page({"list": [], "next": "", "a/b~c": 1})],
        {"show_data": True},
        "The page has members that are ignored, such as a/b~c; 1 time in all.",
        "page GET 1 at /a~1b~0c (a/b~c)",
    ),
    (
        "PAGE003",
        [page({"list": None, "next": ""})],
        {},
        "Page 1 has a list that is null, not an array.",
        "page GET 1 at /list: 'None' (null)",
    ),
    (
        "PAGE003",
        [page({"list": " [1]", "next": ""})],
        {},
        "Page 1 has a list that is a string that holds JSON, not an array.",
        "page GET 1 at /list: ' [1]' (a string that holds )",
    ),
    (
        "PAGE003",
        [page({"list": "{}", "next": ""})],
        {},
        "Page 1 has a list that is a string that holds JSON, not an array.",
        "page GET 1 at /list: '{}' (a string that holds )",
    ),
    (
        "PAGE003",
        [page({"list": "text", "next": ""})],
        {},
        "Page 1 has a list that is a string, not an array.",
        "page GET 1 at /list: 'text' (a string)",
    ),
    (
        "PAGE003",
        [page({"list": {}, "next": ""})],
        {},
        "Page 1 has a list that is an empty object, not an array.",
        "page GET 1 at /list: '{}' (an empty object)",
    ),
    (
        "PAGE003",
        [page({"list": {"first": 1}, "next": ""}), page({"list": 1, "next": ""}, 2)],
        {},
        "2 pages (the first: page 1) have a list that is an object (with keys such as first), not an array.",
        "page GET 1 at /list: \"{'first': 1}\" (an object (with keys)",
    ),
    (
        "PAGE004",
        [full(1, 0, 500)],
        {},
        "Page 1 holds too many rows: up to 500, where at most 499 are allowed.",
        "page GET 1 at /list (500 rows)",
    ),
    (
        "PAGE004",
        [full(1, 0, 600), full(2, 0, 499), full(3, 0, 1200), full(4, 0, 500)],
        {},
        "3 pages (the first: page 1) hold too many rows: up to 1,200, where at most 499 are allowed.",
        "page GET 1 at /list (600 rows)",
    ),
    (
        "PAGE005",
        [page({"list": []})],
        {},
        "Page 1 has no member next, so the crawl can neither go on nor end.",
        "page GET 1 at : \"{'list': []}\" (an object)",
    ),
    (
        "PAGE005",
        [page({"list": []}), page({"list": []}, 2)],
        {},
        "2 pages (the first: page 1) have no member next, so the crawl can neither go on nor end.",
        "page GET 1 at : \"{'list': []}\" (an object)",
    ),
    (
        "PAGE006",
        [page({"list": [], "next": ""}), done(page({"list": [], "next": ""}))],
        {},
        "The endpoint says that all its data is done, and there was not one row: nobody to send to.",
        "page GET 1 at /list ()",
    ),
    (
        "PAGE006",
        [page(b""), end(None, page(b""), ended_by="empty-response")],
        {},
        "The endpoint says that all its data is done, and there was not one row: nobody to send to.",
        "page GET 1 at /list ()",
    ),
    (
        "PAGE007",
        [page({"list": [], "next": "t"})],
        {},
        "Page 1 has an empty list and yet a token for a next page.",
        "page GET 1 at /list: '[]' ()",
    ),
    (
        "PAGE007",
        [page({"list": [], "next": "t"}), page({"list": [], "next": "t"}, 2)],
        {},
        "2 pages (the first: page 1) have an empty list and yet a token for a next page.",
        "page GET 1 at /list: '[]' ()",
    ),
    (
        "PAGE008",
        [page({"list": [], "next": "", "total": 3})],
        {},
        "The page has members that are ignored, such as total; 1 time in all.",
        "page GET 1 at /total (total)",
    ),
    (
        "PAGE008",
        [page({"List": [], "next_page": "", "list": [], "next": ""})],
        {},
        "The page has members that are ignored, such as List (is list meant?); 2 times in all.",
        "page GET 1 at /List (List (is list meant?)",
    ),
    (
        "PAGE008",
        [page({"nextToken": "t", "list": [], "next": ""})],
        {},
        "The page has members that are ignored, such as nextToken (is next meant?); 1 time in all.",
        "page GET 1 at /nextToken (nextToken (is next m)",
    ),
    (
        "PAGE008",
        [page({"results": "t", "list": [], "next": ""})],
        {},
        "The page has members that are ignored, such as results (is list meant?); 1 time in all.",
        "page GET 1 at /results (results (is list mea)",
    ),
    (
        "PAGE009",
        [page({})],
        {},
        "Page 1 tells the end of the data by {}.",
        "page GET 1 at : '{}' ()",
    ),
    (
        "PAGE009",
        [page([])],
        {},
        "Page 1 tells the end of the data by [].",
        "page GET 1 at : '[]' ()",
    ),
    (
        "PAGE009",
        [page(None), page({}, 2)],
        {},
        "2 pages (the first: page 1) tell the end of the data by null.",
        "page GET 1 at : 'None' ()",
    ),
    (
        "ROW001",
        [page({"list": ["x"], "next": ""})],
        {},
        "1 row (page 1, /list/0) should be an object with uid and msg; the first is a string.",
        "page GET 1 at /list/0: 'x' (a string)",
    ),
    (
        "ROW002",
        [page({"list": [{"msg": "m"}], "next": ""})],
        {},
        "1 row (page 1, /list/0) without a uid: nobody to send the message to.",
        "page GET 1 at /list/0: \"{'msg': 'm'}\" (an object)",
    ),
    (
        "ROW003",
        [page({"list": [{"uid": 5, "msg": "m"}], "next": ""})],
        {},
        "1 row (page 1, /list/0/uid) whose uid is no string; the first is a number.",
        "page GET 1 at /list/0/uid: '5' (a number)",
    ),
    (
        "ROW003",
        [page({"list": [{"uid": True, "msg": "m"}, {"uid": None, "msg": "m"}], "next": ""})],
        {},
        "2 rows (the first: page 1, /list/0/uid) whose uid is no string; the first is true.",
        "page GET 1 at /list/0/uid: 'True' (true)",
    ),
    (
        "ROW004",
        [page({"list": [{"uid": " ", "msg": "m"}], "next": ""})],
        {},
        "1 row (page 1, /list/0/uid) with an empty uid: nobody to send the message to.",
        "page GET 1 at /list/0/uid: ' ' (a string)",
    ),
    (
        "ROW005",
        [page({"list": [{"uid": "u"}] * 1200, "next": ""})],
        {},
        "1,200 rows (the first: page 1, /list/0) without a msg: nothing to send.",
        "page GET 1 at /list/0: \"{'uid': 'u'}\" (an object)",
    ),
    (
        "ROW006",
        [page({"list": [{"uid": "u", "msg": []}], "next": ""})],
        {},
        "1 row (page 1, /list/0/msg) whose msg is no string; the first is an array.",
        "page GET 1 at /list/0/msg: '[]' (an array)",
    ),
    (
        "ROW006",
        [page({"list": [{"uid": "u", "msg": False}], "next": ""})],
        {},
        "1 row (page 1, /list/0/msg) whose msg is no string; the first is false.",
        "page GET 1 at /list/0/msg: 'False' (false)",
    ),
    (
        "ROW006",
        [page({"list": [{"uid": "u", "msg": {}}], "next": ""})],
        {},
        "1 row (page 1, /list/0/msg) whose msg is no string; the first is an object.",
        "page GET 1 at /list/0/msg: '{}' (an object)",
    ),
    (
        "ROW007",
        [page({"list": [{"uid": "u", "msg": ""}], "next": ""})],
        {},
        "1 row (page 1, /list/0/msg) with an empty msg: nothing to send.",
        "page GET 1 at /list/0/msg: '' (a string)",
    ),
    (
        "ROW008",
        [full(1)],
        {"channel": "line"},
        "2 rows (the first: page 1, /list/0/uid) whose uid is no user id of LINE.",
        "page GET 1 at /list/0/uid: 'u0' (2 characters)",
    ),
    (
        "ROW009",
        [page({"list": [{"uid": "u", "msg": "m" * 5001}], "next": ""})],
        {"channel": "line"},
        "1 row (page 1, /list/0/msg) whose msg is too long for LINE: 5,001 UTF-16 code units, where 5,000 are the limit.",
        "page GET 1 at /list/0/msg: 'mmmmmmmmmmmmmmmmmmmmmmmmmmmmmm' (5,001 UTF-16 code un)",
    ),
    (
        "ROW010",
        [page({"list": [{"uid": "u\x00", "msg": "m\x9f"}], "next": ""})],
        {},
        "2 texts with a control character that no one sees (the first: page 1, /list/0/uid: U+0000).",
        "page GET 1 at /list/0/uid: 'u\\x00' (U+0000)",
    ),
    (
        "ROW010",
        [page({"list": [{"uid": "u", "msg": "m\x7f"}], "next": ""})],
        {},
        "1 text with a control character that no one sees (page 1, /list/0/msg: U+007F).",
        "page GET 1 at /list/0/msg: 'm\\x7f' (U+007F)",
    ),
    (
        "ROW011",
        [page({"list": [{"uid": " u", "msg": "m"}], "next": ""})],
        {},
        "1 row (page 1, /list/0/uid) whose uid begins or ends with white space.",
        "page GET 1 at /list/0/uid: ' u' ()",
    ),
    (
        "ROW012",
        [page({"list": rows(1, 1) * 2, "next": ""})],
        {},
        "1 row stands twice on one page (page 1, /list/1, also /list/0): the message would be sent twice.",
        "page GET 1 at /list/1: \"{'uid': 'u1', 'msg': 'm'}\" (also /list/0)",
    ),
    (
        "ROW012",
        [page({"list": rows(1, 2) * 3, "next": ""}, 4)],
        {},
        "4 rows stand twice on one page (the first: page 4, /list/2, also /list/0): the message would be sent twice.",
        "page GET 4 at /list/2: \"{'uid': 'u1', 'msg': 'm'}\" (also /list/0)",
    ),
    (
        "ROW013",
        [
            page({"list": [{"uid": "u", "msg": "a"}], "next": "t"}),
            page({"list": [{"uid": "u", "msg": "b"}], "next": ""}, 2),
            done(full(2)),
        ],
        {},
        "1 row (page 2, /list/0) whose uid has another message, too (also page 1, /list/0).",
        "page 2, token t2 at /list/0 (also page 1, /list/0)",
    ),
    (
        "ROW013",
        [
            page({"list": [{"uid": "u", "msg": f"{n}"} for n in range(9)], "next": ""}),
            done(full(2)),
        ],
        {},
        "8 rows (the first: page 1, /list/1) whose uid has another message, too (also page 1, /list/0).",
        "page 1, token None at /list/1 (also page 1, /list/0)",
    ),
    (
        "ROW014",
        [page({"list": [{"uid": "u", "msg": "m", "name": "n", "x": 1}], "next": ""})],
        {},
        "1 row (page 1, /list/0/name) with members that are ignored, such as name.",
        "page GET 1 at /list/0/name (name)",
    ),
    (
        "ROW014",
        [page({"list": [{"user_id": "u", "uid": "u", "msg": "m"}, {"Message": "m"}], "next": ""})],
        {},
        "2 rows (the first: page 1, /list/0/user_id) with members that are ignored, such as user_id (is uid meant?).",
        "page GET 1 at /list/0/user_id (user_id (is uid mean)",
    ),
    (
        "ROW014",
        [page({"list": [{"Message": "m"}], "next": ""})],
        {},
        "1 row (page 1, /list/0/Message) with members that are ignored, such as Message (is msg meant?).",
        "page GET 1 at /list/0/Message (Message (is msg mean)",
    ),
    (
        "ROW015",
        [page({"list": [{"uid": "u", "msg": "Caf\u00c3\u00a9"}], "next": ""})],
        {},
        "1 row (page 1, /list/0/msg) whose msg is garbled: 'Ã©', UTF-8 read as Latin-1.",
        "page GET 1 at /list/0/msg: 'CafÃ©' ('Ã©', UTF-8 read as )",
    ),
    (
        "ROW015",
        [page({"list": [{"uid": "u", "msg": "\ufffd"}], "next": ""})],
        {},
        "1 row (page 1, /list/0/msg) whose msg is garbled: U+FFFD, which stands for bytes that could not be read.",
        "page GET 1 at /list/0/msg: '�' (U+FFFD, which stands)",
    ),
    (
        "ROW016",
        [page({"list": [{"uid": "u", "msg": "Hi {{name}}"}], "next": ""})],
        {},
        "1 row (page 1, /list/0/msg) whose msg was not filled in: it holds {{name}}.",
        "page GET 1 at /list/0/msg: 'Hi {{name}}' ({{name}})",
    ),
    (
        "ROW017",
        [page({"list": [{"uid": "u", "msg": "<b>"}], "next": ""})],
        {},
        "1 row (page 1, /list/0/msg) whose msg holds HTML, which is shown as it is: <b>.",
        "page GET 1 at /list/0/msg: '<b>' (<b>)",
    ),
    (
        "NEXT001",
        [page({"list": [], "next": " "})],
        {},
        "Page 1 has a blank string as its next, which is no token.",
        "page GET 1 at /next: ' ' (a blank string)",
    ),
    (
        "NEXT001",
        [page({"list": [], "next": 1.5})],
        {},
        "Page 1 has a number as its next, which is no token.",
        "page GET 1 at /next: '1.5' (a number)",
    ),
    (
        "NEXT001",
        [page({"list": [], "next": True}), page({"list": [], "next": [1]}, 2)],
        {},
        "2 pages (the first: page 1) have true as its next, which is no token.",
        "page GET 1 at /next: 'True' (true)",
    ),
    (
        "NEXT002",
        [page({"list": [], "next": 5})],
        {},
        "Page 1 has 5 as its next, where a string belongs.",
        "page GET 1 at /next: '5' (5)",
    ),
    (
        "NEXT002",
        [page({"list": [], "next": False}), page({"list": [], "next": {}}, 2)],
        {},
        "2 pages (the first: page 1) have false as its next, where a string belongs.",
        "page GET 1 at /next: 'False' (false)",
    ),
    (
        "NEXT002",
        [page({"list": [], "next": 10**40})],
        {},
        "Page 1 has 10000000000000000000000000000… as its next, where a string belongs.",
        "page GET 1 at /next: '100000000000000000000000000000' (10000000000000000000)",
    ),
    (
        "NEXT003",
        [end("NEXT003", full(3), None)],
        {},
        "The crawl would never end: page 3's token leads back to page 3: a loop of 1 page (3 → 3).",
        "page GET 3 at /next: 't' (page 3's token leads)",
    ),
    (
        "NEXT003",
        [end("NEXT003", full(3), 2)],
        {},
        "The crawl would never end: page 3's token leads back to page 2: a loop of 2 pages (2 → 3 → 2).",
        "page GET 3 at /next: 't' (page 3's token leads)",
    ),
    (
        "NEXT003",
        [end("NEXT003", full(3), 3)],
        {},
        "The crawl would never end: page 3's token leads back to page 3: a loop of 1 page (3 → 3).",
        "page GET 3 at /next: 't' (page 3's token leads)",
    ),
    (
        "NEXT003",
        [end("NEXT003", full(9), 2)],
        {},
        "The crawl would never end: page 9's token leads back to page 2: a loop of 8 pages (2 → 3 → 4 → 5 → 6 → 7 → 8 → 9 → 2).",
        "page GET 9 at /next: 't' (page 9's token leads)",
    ),
    (
        "NEXT003",
        [end("NEXT003", full(10), 2)],
        {},
        "The crawl would never end: page 10's token leads back to page 2: a loop of 9 pages (2 → … → 10 → 2).",
        "page GET 10 at /next: 't' (page 10's token lead)",
    ),
    (
        "NEXT004",
        [end("NEXT004", full(2), 1)],
        {"endpoint": Endpoint.parse(URL, "cursor")},
        "The second page, asked for with ?cursor=…, has the rows of the first page again: the token has no effect.",
        "page GET 2 at /list (2 rows)",
    ),
    (
        "NEXT005",
        [end("NEXT005", full(7), 3)],
        {},
        "The paging repeats itself: page 7 has the same rows as page 3, under another token.",
        "page GET 7 at /list (page 7 has the same )",
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
        "1 row stands on two pages (page 3, /list/0, also page 2, /list/1): these people would get their message twice, and others may be left out, as with page numbers over data that changes.",
        "page 3, token ttttttttt at /list/0 (also page 2, /list/1)",
    ),
    (
        "NEXT006",
        [full(1), page({"list": rows(1, 1), "next": ""}, 2, token="t" * 201), done(full(2))],
        {},
        "1 row stands on two pages (page 2, /list/0, also page 1, /list/1): these people would get their message twice, and others may be left out, as with page numbers over data that changes.",
        "page 2, token None at /list/0 (also page 1, /list/1)",
    ),
    (
        "NEXT006",
        [full(1), full(2, 1), done(full(2))],
        {},
        "1 row stands on two pages (page 2, /list/0, also page 1, /list/1): these people would get their message twice, and others may be left out, as with page numbers over data that changes.",
        "page 2, token t2 at /list/0 (also page 1, /list/1)",
    ),
    (
        "NEXT006",
        [full(1, 0, 9), full(2, 0, 10), done(full(2))],
        {},
        "9 rows stand on two pages (the first: page 2, /list/0, also page 1, /list/0): these people would get their message twice, and others may be left out, as with page numbers over data that changes.",
        "page 2, token t2 at /list/0 (also page 1, /list/0)",
    ),
    (
        "NEXT007",
        [probe(Purpose.REPLAY, full(1, 3), full(1), (full(2, 2),))],
        {},
        "Page 1, asked twice, gave other rows: the pages have no fixed order, as with OFFSET without ORDER BY.",
        "replay GET 1 at None (other rows)",
    ),
    (
        "NEXT007",
        [
            probe(Purpose.REPLAY, page({"list": rows(0, 2)[::-1], "next": "t"}), full(1)),
            probe(Purpose.REPLAY, full(1, 1), full(1)),
        ],
        {},
        "2 pages (the first: page 1), asked twice, gave another order of the same rows: the pages have no fixed order, as with OFFSET without ORDER BY.",
        "replay GET 1 at None (another order of the)",
    ),
    (
        "NEXT007",
        [probe(Purpose.REPLAY, full(2, 9), full(2))],
        {},
        "Page 2, asked twice, gave other rows: the pages have no fixed order, as with OFFSET without ORDER BY.",
        "replay GET 2 at None (other rows)",
    ),
    (
        "NEXT008",
        [probe(Purpose.REPLAY, page({"list": [], "next": ""}), full(1), (full(2, 2),))],
        {},
        "The first page, asked again, is empty: the server itself remembers the position, as a cursor bound to a session does.",
        "replay GET 1 at None (is empty)",
    ),
    (
        "NEXT008",
        [probe(Purpose.REPLAY, page(b""), full(1), (full(2, 2),))],
        {},
        "The first page, asked again, is empty: the server itself remembers the position, as a cursor bound to a session does.",
        "replay GET 1 at None (is empty)",
    ),
    (
        "NEXT008",
        [probe(Purpose.REPLAY, full(1, 4), full(1), (full(2, 2),))],
        {},
        "The first page, asked again, goes on where the crawl was: the server itself remembers the position, as a cursor bound to a session does.",
        "replay GET 1 at None (goes on where the cr)",
    ),
    (
        "NEXT008",
        [probe(Purpose.REPLAY, full(1, 2), full(1), (full(2, 2),))],
        {},
        "The first page, asked again, goes on where the crawl was: the server itself remembers the position, as a cursor bound to a session does.",
        "replay GET 1 at None (goes on where the cr)",
    ),
    (
        "NEXT009",
        [probe(Purpose.BAD_TOKEN, full(1), full(1))],
        {},
        "A token that was never issued is answered with the first page instead of an error.",
        "bad-token GET 1 at None ()",
    ),
    (
        "NEXT009",
        [probe(Purpose.BAD_TOKEN, full(1, 0, 3), full(1, 1, 3))],
        {},
        "A token that was never issued is answered with the first page instead of an error.",
        "bad-token GET 1 at None ()",
    ),
    (
        "NEXT010",
        [probe(Purpose.BAD_TOKEN, exchange(500), full(1))],
        {},
        "A token that was never issued is answered 500: the server fails on it.",
        "bad-token GET 1 at None (500)",
    ),
    (
        "NEXT010",
        [probe(Purpose.BAD_TOKEN, exchange(599), full(1))],
        {},
        "A token that was never issued is answered 599: the server fails on it.",
        "bad-token GET 1 at None (599)",
    ),
    (
        "NEXT011",
        [probe(Purpose.COOKIE, full(2, 2), full(1), (full(2),))],
        {},
        "The second page comes only when the cookies of the first are sent back; the application keeps none, so the paging must not depend on a session.",
        "cookie GET 2 at None ()",
    ),
    (
        "NEXT011",
        [probe(Purpose.COOKIE, page({"list": [], "next": ""}), full(1), (full(2),))],
        {},
        "The second page comes only when the cookies of the first are sent back; the application keeps none, so the paging must not depend on a session.",
        "cookie GET 1 at None ()",
    ),
    (
        "NEXT012",
        [full(1, token="a%2Bb")],
        {},
        "Page 1 has a token with percent escapes, which arrives encoded twice.",
        "page GET 1 at /next: 'a%2Bb' ()",
    ),
    (
        "NEXT012",
        [full(1, token="%3d"), full(2, token="%C3")],
        {},
        "2 pages (the first: page 1) have a token with percent escapes, which arrives encoded twice.",
        "page GET 1 at /next: '%3d' ()",
    ),
    (
        "NEXT013",
        [end("NEXT013", full(2, token="https://x/?page=2"))],
        {},
        "The next of page 2 is the URL of the next page (as Django REST framework and Laravel's paginator send it), where only the token belongs.",
        "page GET 2 at /next: 'https://x/?page=2' ()",
    ),
    (
        "NEXT013",
        [end("NEXT013", full(1, token="?page=2"))],
        {},
        "The next of page 1 is a query string, where only the token belongs.",
        "page GET 1 at /next: '?page=2' ()",
    ),
    (
        "NEXT014",
        [end("NEXT014", full(5))],
        {"max_pages": 1200},
        "After 1,200 pages there is still a next one: the crawl does not end.",
        "page GET 5 at /next: 't' ()",
    ),
    (
        "NEXT014",
        [end("NEXT014", full(1))],
        {"max_pages": 1},
        "After 1 page there is still a next one: the crawl does not end.",
        "page GET 1 at /next: 't' ()",
    ),
    (
        "NEXT015",
        [full(1, token="t" * 1963)],
        {},
        "Page 1 has a token that makes the next URL 2,001 characters long.",
        "page GET 1 at /next: 'tttttttttttttttttttttttttttttt' (2,001 characters)",
    ),
    (
        "NEXT015",
        [full(1, token="%" * 700), full(2, token="t" * 3000)],
        {},
        "2 pages (the first: page 1) have a token that makes the next URL 2,138 characters long.",
        "page GET 1 at /next: '%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%' (2,138 characters)",
    ),
    (
        "PERF001",
        [*timed([0.1, 3.0]), done(full(2))],
        {},
        "The pages are slow: 95 of 100 take up to 3.0 s, where 2 s is the limit.",
        "page GET 2 at None (3.0 s)",
    ),
    (
        "PERF001",
        [*timed([0.06, 0.05]), done(full(2))],
        {"slow_page_seconds": 0.05},
        "The pages are slow: 95 of 100 take up to 0.1 s, where 0.05 s is the limit.",
        "page GET 1 at None (0.1 s)",
    ),
    (
        "PERF002",
        [*timed([0.6 + 0.3 * n for n in range(20)], 1), done(full(20))],
        {},
        "The pages get slower the deeper they are, from 1350 ms at the beginning to 5550 ms at the end, as with OFFSET.",
        "page GET 20 at None (from 1350 ms at the )",
    ),
    (
        "PERF003",
        [*timed([0.0] * 11, 49), done(full(11))],
        {},
        "The pages are small: 11 pages with 49 rows each.",
        "page GET 1 at None (11 pages with 49 row)",
    ),
    (
        "PERF003",
        [*timed([0.0] * 11, 1), done(full(11))],
        {},
        "The pages are small: 11 pages with 1 row each.",
        "page GET 1 at None (11 pages with 1 row )",
    ),
    (
        "PERF003",
        [full(1, 0, 0), full(2, 0, 50), *(full(n, n, 1) for n in range(3, 13)), done(full(12))],
        {},
        "The pages are small: 11 pages with 5 rows each.",
        "page GET 3 at None (11 pages with 5 rows)",
    ),
    (
        "PERF004",
        [page(b" " * 16384 + b"[]")],
        {},
        "Page 1 of 16 KiB came uncompressed, though gzip was accepted.",
        "page GET 1 at None (16 KiB)",
    ),
    (
        "PERF004",
        [page(b" " * 40000 + b"[]"), page(b" " * 20000 + b"[]", 2)],
        {},
        "2 pages (the first: page 1) of 39 KiB came uncompressed, though gzip was accepted.",
        "page GET 1 at None (39 KiB)",
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
        "The server closed the connection after all 3 pages, so each cost a new connection.",
        "page GET 1 at None (all 3 pages)",
    ),
    (
        "PERF006",
        [load(0.1, 2.1)],
        {"load": 4},
        "The pages are slow under load: 95 of 100 take up to 2.10 s with 4 crawls at once, 0.10 s with one.",
        "page GET 1 at None (2.10 s with 4 crawls)",
    ),
    (
        "PERF006",
        [load(0.07, 0.36)],
        {"load": 4},
        "The pages are slow under load: 95 of 100 take up to 0.36 s with 4 crawls at once, 0.07 s with one.",
        "page GET 1 at None (0.36 s with 4 crawls)",
    ),
    (
        "SEC001",
        [probe(Purpose.NO_CREDENTIALS, full(1), full(1))],
        {},
        "The first page is served without the headers, too: anyone who knows the URL gets the data.",
        "no-credentials GET 1 at None ()",
    ),
    (
        "SEC002",
        [exchange(local_peer=False), exchange(local_peer=False, page=2)],
        {},
        "The endpoint is asked over plain http: everyone on the way can read data and headers.",
        "page GET 1 at None ()",
    ),
    (
        "SEC003",
        [done(full(1))],
        {"endpoint": SECRET},
        "The URL holds what looks like a credential: the parameter api_key.",
        "page None, token None at None (api_key)",
    ),
    (
        "SEC003",
        [exchange(401), exchange(page=2), done(full(1))],
        {"endpoint": SECRET},
        "The URL holds what looks like a credential: the parameter api_key.",
        "page GET 1 at None (api_key)",
    ),
    (
        "SEC003",
        [done(full(1))],
        {"endpoint": Endpoint.parse(URL + "?" + "key" * 20 + "=1")},
        "The URL holds what looks like a credential: the parameter keykeykeykeykeykeykeykeykeykeykeykeykey….",
        "page None, token None at None (keykeykeykeykeykeyke)",
    ),
    (
        "SEC004",
        [page({}, headers=(JSON, ("Cache-Control", "public")))],
        {},
        "Page 1 may be kept by shared caches (Cache-Control: public).",
        "page GET 1 at None (Cache-Control: publi)",
    ),
    (
        "SEC004",
        [
            page({}, headers=(JSON, ("Cache-Control", "max-age=9"))),
            page({}, 2, headers=(JSON, ("Cache-Control", "public"))),
        ],
        {},
        "2 pages (the first: page 1) may be kept by shared caches (Cache-Control: max-age=9).",
        "page GET 1 at None (Cache-Control: max-a)",
    ),
    (
        "SEC005",
        [exchange(500, body=TRACE)],
        {},
        "The inside of the server is shown to everyone: the answer 500 to GET shows a Python traceback.",
        "page GET 1 at None (the answer 500 to GE)",
    ),
    (
        "SEC005",
        [exchange(400, body=TRACE)],
        {},
        "The inside of the server is shown to everyone: the answer 400 to GET shows a Python traceback.",
        "page GET 1 at None (the answer 400 to GE)",
    ),
    (
        "SEC005",
        [method(404, body=TRACE)],
        {},
        "The inside of the server is shown to everyone: the answer 404 to POST shows a Python traceback.",
        "method POST None at None (the answer 404 to PO)",
    ),
    (
        "SEC006",
        [page({}, headers=(JSON, ("Access-Control-Allow-Origin", " * ")))],
        {},
        "Page 1 may be read by any web page (Access-Control-Allow-Origin: *).",
        "page GET 1 at None ()",
    ),
    (
        "SEC006",
        [page({}, headers=(JSON, ("access-control-allow-origin", "*")))] * 2,
        {},
        "2 pages (the first: page 1) may be read by any web page (Access-Control-Allow-Origin: *).",
        "page GET 1 at None ()",
    ),
    (
        "SEC007",
        [
            probe(Purpose.NO_CREDENTIALS, exchange(401), full(1)),
            probe(Purpose.ALTERED_CREDENTIALS, full(1), full(1)),
        ],
        {},
        "The first page is refused without the credential, yet served with a wrong one.",
        "altered-credentials GET 1 at None ()",
    ),
]

SILENT: list[tuple[str, list[Subject], dict[str, Any]]] = [
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
    ("HTTP002", [method(405), method(302), method(200, name="OPTIONS")], {}),
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
        [probe(Purpose.REPLAY, full(1), full(1)), probe(Purpose.REPLAY, full(1, 0, 3), full(1))],
        {},
    ),
    (
        "NEXT007",
        [probe(Purpose.REPLAY, exchange(500), full(1)), probe(Purpose.REPLAY, full(1, 5))],
        {},
    ),
    ("NEXT007", [probe(Purpose.BAD_TOKEN, full(1, 5), full(1))], {}),
    ("NEXT007", [probe(Purpose.REPLAY, full(1, 2), full(1), (full(2, 2),))], {}),
    ("NEXT008", [probe(Purpose.REPLAY, full(1), full(1), (full(2, 2),))], {}),
    ("NEXT008", [probe(Purpose.REPLAY, full(1, 1), full(1), (full(2, 2),))], {}),
    ("NEXT008", [probe(Purpose.REPLAY, full(1, 3), full(1), (full(2, 2),))], {}),
    ("NEXT008", [probe(Purpose.REPLAY, full(2, 9), full(2), (full(3, 2),))], {}),
    (
        "NEXT008",
        [probe(Purpose.REPLAY, page(b""), page({"list": [], "next": "t"}), (full(2),))],
        {},
    ),
    (
        "NEXT008",
        [
            probe(Purpose.REPLAY, exchange(500), full(1)),
            probe(Purpose.BAD_TOKEN, full(1, 9), full(1)),
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
            probe(Purpose.BAD_TOKEN, replace(failed("NET005", "x"), status=500), full(1)),
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


@pytest.mark.parametrize(("rule_id", "subjects", "options", "sentence", "place"), FIRES)
def test_a_rule_says_what_it_found(
    rule_id: str, subjects: list[Subject], options: dict[str, Any], sentence: str, place: str
) -> None:
    tally, said = judge(rule_id, subjects, **options)
    assert said == sentence
    assert told(tally.places[0]) == place


@pytest.mark.parametrize(("rule_id", "subjects", "options"), SILENT)
def test_a_rule_is_silent_otherwise(
    rule_id: str, subjects: list[Subject], options: dict[str, Any]
) -> None:
    tally, _ = judge(rule_id, subjects, **options)
    assert tally.places == []
    assert tally.count == 0


UNJUDGED: list[tuple[str, list[Subject], dict[str, Any], str | None]] = [
    ("ROW008", [], {}, "asked for only with --channel"),
    ("ROW008", [], {"channel": "line"}, None),
    ("ROW009", [], {}, "asked for only with --channel"),
    ("PERF006", [], {}, "asked for only with --load"),
    ("PERF006", [], {"load": 1}, None),
    ("PERF002", timed([0.1] * 19, 1), {}, "needs at least 20 pages"),
    ("PERF002", [*timed([0.1] * 19, 1), page(b"", 20)], {}, "needs at least 20 pages"),
    ("PERF002", timed([0.1] * 20, 1), {}, None),
    ("ROW013", [full(1)], {}, None),
    ("NEXT006", [full(1)], {}, None),
    ("PAGE004", [], {}, None),
]


@pytest.mark.parametrize(("rule_id", "subjects", "options", "reason"), UNJUDGED)
def test_a_rule_says_when_it_has_nothing_to_judge(
    rule_id: str, subjects: list[Page], options: dict[str, Any], reason: str | None
) -> None:
    context = RuleContext(Config(**{"endpoint": ENDPOINT, **options}), Redactor())
    rule = all_rules()[rule_id](context)
    for subject in subjects:
        list(rule.on_page(subject))
    assert rule.cannot_judge() == reason


@pytest.mark.parametrize("rule_id", ["NEXT006", "ROW013"])
def test_beyond_the_rows_that_are_remembered_a_rule_says_so(
    rule_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("checker.rules.row_memory.ROWS_REMEMBERED", 1)
    context = RuleContext(Config(endpoint=ENDPOINT), Redactor())
    rule = all_rules()[rule_id](context)
    context.remember(full(1))
    assert rule.cannot_judge() == "only the first 20,000,000 rows are compared with each other"


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
        (None, "null"), (True, "true"), (False, "false"), (0, "a number"), (1.5, "a number"),
        ("", "a string"), ([], "an array"), ({}, "an object"), (ABSENT, "absent"),
    ],
)  # fmt: skip
def test_a_type_in_words(value: object, words: str) -> None:
    assert type_name(value) == words


@pytest.mark.parametrize(
    ("text", "holds"), [("a <b>", True), ("&amp;", True), ("5 < 6 & 7", False), ("plain", False)]
)
def test_markup_is_told_by_itself(text: str, holds: bool) -> None:
    assert (markup_in(text) is not None) is holds
