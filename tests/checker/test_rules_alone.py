"""Each rule by itself, fed with what the engine would feed it: what it finds, and in which words.

No network, no crawl: what a rule judges is built here, on both sides of its condition.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from checker.config import Config
from checker.endpoint import Endpoint
from checker.findings import Tally
from checker.load import LoadResult
from checker.model import CrawlEnd, Exchange, Failure, Page, Place, Purpose
from checker.pages import read_page
from checker.probes import Probe
from checker.redact import Redactor
from checker.rules import Trail, all_rules

URL = "http://localhost:8000/recipients"
ENDPOINT = Endpoint.parse(URL)
JSON = ("Content-Type", "application/json")
SECRET = Endpoint.parse(URL + "?api_key=hunter22&a=1")

Subject = Exchange | Page | Probe | CrawlEnd | LoadResult


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
    beside: Page | None = None,
    others: tuple[Page, ...] = (),
) -> Probe:
    sent = answer.exchange if isinstance(answer, Page) else answer
    answered = answer if isinstance(answer, Page) else None
    sent = replace(sent, purpose=purpose)
    return Probe(purpose=purpose, exchange=sent, page=answered, beside=beside, others=others)


def method(status: int, *headers: tuple[str, str], name: str = "POST", **more: Any) -> Probe:
    sent = exchange(status, *headers, method=name, page=None, **more)
    return probe(Purpose.METHOD, sent)


def end(rule: str | None, at: Page, other: int | None = None, ended_by: str = "") -> CrawlEnd:
    named = ended_by or all_rules()[rule or ""].name
    return CrawlEnd(ended_by=named, rule=rule, page=at, other_page=other)


def done(at: Page) -> CrawlEnd:
    return CrawlEnd(ended_by="empty-next", page=at)


def load(alone: float, loaded: float) -> LoadResult:
    return LoadResult(
        crawls=4, alone_p95=alone, loaded_p95=loaded, slowest=exchange(), requests=9, bytes=9
    )


HOOKS: dict[type, tuple[str, ...]] = {
    Exchange: ("on_exchange",),
    Page: ("on_page", "on_oddities", "on_violations"),
    Probe: ("on_probe",),
    CrawlEnd: ("on_end",),
    LoadResult: ("on_load",),
}


def judge(rule_id: str, subjects: Sequence[Subject], **options: Any) -> tuple[Tally, str | None]:
    """What the rule found, and its sentence; None when it found nothing."""
    config = Config(**{"endpoint": ENDPOINT, **options})
    trail = Trail(config, Redactor([value for _, value in config.headers]))
    rule, tally = all_rules()[rule_id](trail), Tally()
    for subject in subjects:
        if isinstance(subject, Page):
            trail.remember(subject)
            for place in rule.on_exchange(subject.exchange):
                tally.add(place)
        for hook in HOOKS[type(subject)]:
            for place in getattr(rule, hook)(subject):
                tally.add(place)
    first = tally.places[0] if tally.places else Place()
    return tally, rule.message(tally.count, first) if tally.count else None


DRF = {"count": 2, "previous": None, "results": [], "next": "https://x/?page=2"}
TRACE = b"Traceback (most recent call last):"
HTML = b"<html><title>Just a moment...</title></html>"

FIRES: list[tuple[str, list[Subject], dict[str, Any], str]] = [
    (
        "NET001",
        [failed("NET001", "the host name does not resolve")],
        {},
        "The endpoint's host name does not resolve: no DNS server knows it.",
    ),
    (
        "NET002",
        [failed("NET002", "the connection failed: refused")],
        {},
        "Page 1 could not be had: the connection failed: refused.",
    ),
    (
        "NET002",
        [failed("NET002", "refused", attempts=2, page=3)],
        {},
        "Page 3 could not be had: refused, also after 1 retry.",
    ),
    (
        "NET002",
        [failed("NET002", "refused", attempts=3, page=None)],
        {},
        "The endpoint could not be had: refused, also after 2 retries.",
    ),
    (
        "NET003",
        [failed("NET003", "the certificate is not valid: expired")],
        {},
        "Page 1 could not be had: the certificate is not valid: expired.",
    ),
    (
        "NET004",
        [failed("NET004", "connecting took over 3 s")],
        {},
        "Page 1 could not be had: connecting took over 3 s.",
    ),
    (
        "NET005",
        [failed("NET005", "the connection was closed in its headers")],
        {},
        "Page 1 could not be had: the connection was closed in its headers.",
    ),
    (
        "NET006",
        [failed("NET006", "bad status line")],
        {},
        "Page 1 could not be had: bad status line.",
    ),
    ("NET007", [failed("NET007", "over 16 MiB")], {}, "Page 1 could not be had: over 16 MiB."),
    (
        "NET008",
        [failed("NET008", "the body is not gzip")],
        {},
        "Page 1 cannot be decoded: the body is not gzip.",
    ),
    (
        "NET008",
        [failed("NET008", "the body is not gzip"), failed("NET008", "x", page=2)],
        {},
        "2 pages (the first: page 1) cannot be decoded: the body is not gzip.",
    ),
    (
        "NET009",
        [exchange(setbacks=("503", "reset"), attempts=3)],
        {},
        "1 request succeeded only after a retry; the first had failed with: 503.",
    ),
    (
        "NET009",
        [exchange(setbacks=("503",), attempts=2), exchange(setbacks=("500",), page=2)],
        {},
        "2 requests succeeded only after a retry; the first had failed with: 503.",
    ),
    (
        "HTTP001",
        [exchange(405, reason="Method Not Allowed")],
        {},
        "GET is answered 405 Method Not Allowed.",
    ),
    (
        "HTTP001",
        [exchange(400, ("Allow", "POST"), reason="Bad Request")],
        {},
        "GET is answered 400 Bad Request, and Allow names only POST.",
    ),
    ("HTTP001", [exchange(501)], {}, "GET is answered 501."),
    (
        "HTTP002",
        [method(200)],
        {},
        "POST is answered 200, though only GET may be answered with success.",
    ),
    (
        "HTTP002",
        [method(204, name="PUT"), method(200)],
        {},
        "PUT is answered 204, though only GET may be answered with success.",
    ),
    (
        "HTTP003",
        [method(500)],
        {},
        "POST is answered 500: the server fails where it should refuse with 405.",
    ),
    (
        "HTTP003",
        [method(599, name="PUT")],
        {},
        "PUT is answered 599: the server fails where it should refuse with 405.",
    ),
    (
        "HTTP004",
        [method(405)],
        {},
        "POST is refused with 405, but no Allow header says what is allowed.",
    ),
    ("HTTP005", [exchange(404, reason="Not Found")], {}, "Page 1 is answered 404 Not Found."),
    (
        "HTTP005",
        [exchange(206, reason="Partial Content")],
        {},
        "Page 1 is answered 206 Partial Content.",
    ),
    ("HTTP005", [exchange(302)], {}, "Page 1 is answered 302."),
    (
        "HTTP006",
        [exchange(401, reason="Unauthorized")],
        {},
        "Page 1 is answered 401 Unauthorized and no header was given.",
    ),
    (
        "HTTP006",
        [exchange(403, reason="Forbidden", page=2)],
        {"headers": (("X-Key", "hunter22"), ("X-B", "b"))},
        "Page 2 is answered 403 Forbidden with the headers given (X-Key, X-B).",
    ),
    (
        "HTTP006",
        [exchange(403, body=HTML)],
        {},
        "Page 1 is answered 403 and no header was given; what came is a block page of a firewall or CDN (a WAF).",
    ),
    (
        "HTTP007",
        [exchange(500, reason="Internal Server Error")],
        {},
        "Page 1 is answered 500 Internal Server Error.",
    ),
    (
        "HTTP007",
        [exchange(503, attempts=3, page=4)],
        {},
        "Page 4 is answered 503, also after 2 retries.",
    ),
    (
        "HTTP008",
        [exchange(429, reason="Too Many Requests", attempts=2)],
        {},
        "Page 1 is answered 429 Too Many Requests, also after 1 retry.",
    ),
    (
        "HTTP009",
        [exchange(hops=(URL,), final_url="http://localhost:8000/r/")],
        {},
        "1 request redirected, the first to http://localhost:8000/r/.",
    ),
    (
        "HTTP009",
        [exchange(hops=(URL, URL + "/a"), final_url=URL + "/b"), exchange(500, hops=(URL,))],
        {},
        "2 requests redirected, the first to http://localhost:8000/recipients/a.",
    ),
    (
        "HTTP010",
        [failed("HTTP010", "it redirects to http://other.example/")],
        {},
        "Page 1: it redirects to http://other.example/, which is another server or no longer encrypted; the headers are not sent there, and the crawl does not follow.",
    ),
    (
        "HTTP010",
        [failed("HTTP010", "it redirects to https://other.example/login")],
        {},
        "Page 1: it redirects to https://other.example/login, which is another server or no longer encrypted and seems to be a login page; the headers are not sent there, and the crawl does not follow.",
    ),
    (
        "HTTP011",
        [failed("HTTP011", "more than 5 redirects", page=2)],
        {},
        "Page 2 leads nowhere: more than 5 redirects.",
    ),
    (
        "HTTP012",
        [page({"list": [], "next": ""}, headers=())],
        {},
        "Page 1 came with no Content-Type, though the body is JSON.",
    ),
    (
        "HTTP012",
        [page({"list": [], "next": ""}, headers=(("Content-Type", "text/html"),))],
        {},
        "Page 1 came with the Content-Type text/html, though the body is JSON.",
    ),
    (
        "HTTP012",
        [
            page({}, headers=(("Content-Type", "text/plain; charset=utf-8"),)),
            page([], 2, headers=()),
        ],
        {},
        "2 pages (the first: page 1) came with the Content-Type text/plain; charset=utf-8, though the body is JSON.",
    ),
    (
        "JSON001",
        [page(b"<html>")],
        {},
        "Page 1 cannot be read as JSON: an HTML page in place of JSON (line 1, column 1).",
    ),
    (
        "JSON002",
        [page('["é"]'.encode("latin-1"))],
        {},
        "Page 1 is not UTF-8: at byte 2 it is no UTF-8; it looks like Latin-1 (ISO 8859-1).",
    ),
    (
        "JSON002",
        [page('["é"]'.encode("latin-1")), page('["é"]'.encode("latin-1"), 2)],
        {},
        "2 pages (the first: page 1) are not UTF-8: at byte 2 it is no UTF-8; it looks like Latin-1 (ISO 8859-1).",
    ),
    (
        "JSON003",
        [page(b"\xef\xbb\xbf[]")],
        {},
        "Page 1 begins with a UTF-8 byte order mark (EF BB BF), as Windows editors write it.",
    ),
    (
        "JSON003",
        [page(b"\xef\xbb\xbf[]"), page(b"\xef\xbb\xbf[]", 2)],
        {},
        "2 pages (the first: page 1) begin with a UTF-8 byte order mark (EF BB BF), as Windows editors write it.",
    ),
    (
        "JSON004",
        [page(b'"{}"')],
        {},
        "Page 1 was encoded as JSON twice: the JSON stands inside a JSON string, as after json.dumps twice.",
    ),
    (
        "JSON004",
        [page(b'"{}"'), page(b'"[]"', 2)],
        {},
        "2 pages (the first: page 1) were encoded as JSON twice: the JSON stands inside a JSON string, as after json.dumps twice.",
    ),
    (
        "JSON005",
        [page(b'{"name": 1, "name": 2}')],
        {},
        "Page 1 names a member twice in one object: name.",
    ),
    (
        "JSON005",
        [page(b'{"name": 1, "name": 2}'), page(b'{"a": 1, "a": 2}', 2)],
        {},
        "2 pages (the first: page 1) name a member twice in one object: name.",
    ),
    (
        "JSON006",
        [page(b"[NaN]")],
        {},
        "Page 1 holds a number that JSON does not have: NaN is not JSON.",
    ),
    (
        "JSON006",
        [page(b"[1e999]"), page(b"[NaN]", 2)],
        {},
        "2 pages (the first: page 1) hold a number that JSON does not have: a number of 5 characters, which most parsers read as Infinity.",
    ),
    (
        "JSON007",
        [page(b'["\\ud83d"]')],
        {},
        "Page 1 holds text that no one can send: half of a surrogate pair.",
    ),
    (
        "JSON007",
        [page(b'["\\ud83d"]'), page(b'["\\ud83d"]', 2)],
        {},
        "2 pages (the first: page 1) hold text that no one can send: half of a surrogate pair.",
    ),
    (
        "JSON008",
        [page(b"[" * 65 + b"]" * 65)],
        {},
        "Page 1 is nested too deep: 65 levels deep, 64 are read.",
    ),
    (
        "JSON008",
        [page(b"[" * 65 + b"]" * 65), page(b"[" * 70 + b"]" * 70, 2)],
        {},
        "2 pages (the first: page 1) are nested too deep: 65 levels deep, 64 are read.",
    ),
    (
        "PAGE001",
        [page(["row"])],
        {},
        "Page 1 is not an object with list and next at its root, but an array.",
    ),
    (
        "PAGE001",
        [page(5), page("x", 2)],
        {},
        "2 pages (the first: page 1) are not an object with list and next at its root, but a number.",
    ),
    (
        "PAGE002",
        [page({"next": "", "data": []})],
        {},
        "Page 1 has no member list; its members are next, data.",
    ),
    (
        "PAGE002",
        [page(DRF)],
        {},
        "Page 1 has no member list; its members are count, previous, results, next, as Django REST framework sends it.",
    ),
    (
        "PAGE002",
        [page({"next": ""}), page({"next": ""}, 2)],
        {},
        "2 pages (the first: page 1) have no member list; its members are next.",
    ),
    (
        "PAGE003",
        [page({"list": None, "next": ""})],
        {},
        "Page 1 has a list that is null, not an array.",
    ),
    (
        "PAGE003",
        [page({"list": " [1]", "next": ""})],
        {},
        "Page 1 has a list that is a string that holds JSON, not an array.",
    ),
    (
        "PAGE003",
        [page({"list": "{}", "next": ""})],
        {},
        "Page 1 has a list that is a string that holds JSON, not an array.",
    ),
    (
        "PAGE003",
        [page({"list": "text", "next": ""})],
        {},
        "Page 1 has a list that is a string, not an array.",
    ),
    (
        "PAGE003",
        [page({"list": {}, "next": ""})],
        {},
        "Page 1 has a list that is an empty object, not an array.",
    ),
    (
        "PAGE003",
        [page({"list": {"first": 1}, "next": ""}), page({"list": 1, "next": ""}, 2)],
        {},
        "2 pages (the first: page 1) have a list that is an object (with keys such as first), not an array.",
    ),
    (
        "PAGE004",
        [full(1, 0, 500)],
        {},
        "Page 1 holds too many rows: up to 500, where at most 499 are allowed.",
    ),
    (
        "PAGE004",
        [full(1, 0, 600), full(2, 0, 499), full(3, 0, 1200), full(4, 0, 500)],
        {},
        "3 pages (the first: page 1) hold too many rows: up to 1,200, where at most 499 are allowed.",
    ),
    (
        "PAGE005",
        [page({"list": []})],
        {},
        "Page 1 has no member next, so the crawl can neither go on nor end.",
    ),
    (
        "PAGE005",
        [page({"list": []}), page({"list": []}, 2)],
        {},
        "2 pages (the first: page 1) have no member next, so the crawl can neither go on nor end.",
    ),
    (
        "PAGE006",
        [page({"list": [], "next": ""}), done(page({"list": [], "next": ""}))],
        {},
        "The endpoint says that all its data is done, and there was not one row: nobody to send to.",
    ),
    (
        "PAGE006",
        [page(b""), end(None, page(b""), ended_by="empty-response")],
        {},
        "The endpoint says that all its data is done, and there was not one row: nobody to send to.",
    ),
    (
        "PAGE007",
        [page({"list": [], "next": "t"})],
        {},
        "Page 1 has an empty list and yet a token for a next page.",
    ),
    (
        "PAGE007",
        [page({"list": [], "next": "t"}), page({"list": [], "next": "t"}, 2)],
        {},
        "2 pages (the first: page 1) have an empty list and yet a token for a next page.",
    ),
    (
        "PAGE008",
        [page({"list": [], "next": "", "total": 3})],
        {},
        "The page has members that are ignored, such as total; 1 time in all.",
    ),
    (
        "PAGE008",
        [page({"List": [], "next_page": "", "list": [], "next": ""})],
        {},
        "The page has members that are ignored, such as List (is list meant?); 2 times in all.",
    ),
    (
        "PAGE008",
        [page({"nextToken": "t", "list": [], "next": ""})],
        {},
        "The page has members that are ignored, such as nextToken (is next meant?); 1 time in all.",
    ),
    (
        "PAGE008",
        [page({"results": "t", "list": [], "next": ""})],
        {},
        "The page has members that are ignored, such as results (is list meant?); 1 time in all.",
    ),
    ("PAGE009", [page({})], {}, "Page 1 tells the end of the data by {}."),
    ("PAGE009", [page([])], {}, "Page 1 tells the end of the data by []."),
    (
        "PAGE009",
        [page(None), page({}, 2)],
        {},
        "2 pages (the first: page 1) tell the end of the data by null.",
    ),
    (
        "ROW001",
        [page({"list": ["x"], "next": ""})],
        {},
        "1 row (page 1, /list/0) should be an object with uid and msg; the first is a string.",
    ),
    (
        "ROW002",
        [page({"list": [{"msg": "m"}], "next": ""})],
        {},
        "1 row (page 1, /list/0) without a uid: nobody to send the message to.",
    ),
    (
        "ROW003",
        [page({"list": [{"uid": 5, "msg": "m"}], "next": ""})],
        {},
        "1 row (page 1, /list/0/uid) whose uid is no string; the first is a number.",
    ),
    (
        "ROW003",
        [page({"list": [{"uid": True, "msg": "m"}, {"uid": None, "msg": "m"}], "next": ""})],
        {},
        "2 rows (the first: page 1, /list/0/uid) whose uid is no string; the first is true.",
    ),
    (
        "ROW004",
        [page({"list": [{"uid": " ", "msg": "m"}], "next": ""})],
        {},
        "1 row (page 1, /list/0/uid) with an empty uid: nobody to send the message to.",
    ),
    (
        "ROW005",
        [page({"list": [{"uid": "u"}] * 1200, "next": ""})],
        {},
        "1,200 rows (the first: page 1, /list/0) without a msg: nothing to send.",
    ),
    (
        "ROW006",
        [page({"list": [{"uid": "u", "msg": []}], "next": ""})],
        {},
        "1 row (page 1, /list/0/msg) whose msg is no string; the first is an array.",
    ),
    (
        "ROW006",
        [page({"list": [{"uid": "u", "msg": False}], "next": ""})],
        {},
        "1 row (page 1, /list/0/msg) whose msg is no string; the first is false.",
    ),
    (
        "ROW006",
        [page({"list": [{"uid": "u", "msg": {}}], "next": ""})],
        {},
        "1 row (page 1, /list/0/msg) whose msg is no string; the first is an object.",
    ),
    (
        "ROW007",
        [page({"list": [{"uid": "u", "msg": ""}], "next": ""})],
        {},
        "1 row (page 1, /list/0/msg) with an empty msg: nothing to send.",
    ),
    (
        "ROW008",
        [full(1)],
        {"channel": "line"},
        "2 rows (the first: page 1, /list/0/uid) whose uid is no user id of LINE.",
    ),
    (
        "ROW009",
        [page({"list": [{"uid": "u", "msg": "m" * 5001}], "next": ""})],
        {"channel": "line"},
        "1 row (page 1, /list/0/msg) whose msg is too long for LINE: 5,001 UTF-16 code units, where 5,000 are the limit.",
    ),
    (
        "ROW010",
        [page({"list": [{"uid": "u\x00", "msg": "m\x9f"}], "next": ""})],
        {},
        "2 texts with a control character that no one sees (the first: page 1, /list/0/uid: U+0000).",
    ),
    (
        "ROW010",
        [page({"list": [{"uid": "u", "msg": "m\x7f"}], "next": ""})],
        {},
        "1 text with a control character that no one sees (page 1, /list/0/msg: U+007F).",
    ),
    (
        "ROW011",
        [page({"list": [{"uid": " u", "msg": "m"}], "next": ""})],
        {},
        "1 row (page 1, /list/0/uid) whose uid begins or ends with white space.",
    ),
    (
        "ROW012",
        [page({"list": rows(1, 1) * 2, "next": ""})],
        {},
        "1 row stands twice on one page (page 1, /list/1, also /list/0): the message would be sent twice.",
    ),
    (
        "ROW012",
        [page({"list": rows(1, 2) * 3, "next": ""}, 4)],
        {},
        "4 rows stand twice on one page (the first: page 4, /list/2, also /list/0): the message would be sent twice.",
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
    ),
    (
        "ROW013",
        [
            page({"list": [{"uid": "u", "msg": f"{n}"} for n in range(9)], "next": ""}),
            done(full(2)),
        ],
        {},
        "8 rows (the first: page 1, /list/1) whose uid has another message, too (also page 1, /list/0).",
    ),
    (
        "ROW014",
        [page({"list": [{"uid": "u", "msg": "m", "name": "n", "x": 1}], "next": ""})],
        {},
        "1 row (page 1, /list/0/name) with members that are ignored, such as name.",
    ),
    (
        "ROW014",
        [page({"list": [{"user_id": "u", "uid": "u", "msg": "m"}, {"Message": "m"}], "next": ""})],
        {},
        "2 rows (the first: page 1, /list/0/user_id) with members that are ignored, such as user_id (is uid meant?).",
    ),
    (
        "ROW014",
        [page({"list": [{"Message": "m"}], "next": ""})],
        {},
        "1 row (page 1, /list/0/Message) with members that are ignored, such as Message (is msg meant?).",
    ),
    (
        "ROW015",
        [page({"list": [{"uid": "u", "msg": "Caf\u00c3\u00a9"}], "next": ""})],
        {},
        "1 row (page 1, /list/0/msg) whose msg is garbled: 'Ã©', UTF-8 read as Latin-1.",
    ),
    (
        "ROW015",
        [page({"list": [{"uid": "u", "msg": "\ufffd"}], "next": ""})],
        {},
        "1 row (page 1, /list/0/msg) whose msg is garbled: U+FFFD, which stands for bytes that could not be read.",
    ),
    (
        "ROW016",
        [page({"list": [{"uid": "u", "msg": "Hi {{name}}"}], "next": ""})],
        {},
        "1 row (page 1, /list/0/msg) whose msg was not filled in: it holds {{name}}.",
    ),
    (
        "ROW017",
        [page({"list": [{"uid": "u", "msg": "<b>"}], "next": ""})],
        {},
        "1 row (page 1, /list/0/msg) whose msg holds HTML, which is shown as it is: <b>.",
    ),
    (
        "NEXT001",
        [page({"list": [], "next": " "})],
        {},
        "Page 1 has a blank string as its next, which is no token.",
    ),
    (
        "NEXT001",
        [page({"list": [], "next": 1.5})],
        {},
        "Page 1 has a number as its next, which is no token.",
    ),
    (
        "NEXT001",
        [page({"list": [], "next": True}), page({"list": [], "next": [1]}, 2)],
        {},
        "2 pages (the first: page 1) have true as its next, which is no token.",
    ),
    (
        "NEXT002",
        [page({"list": [], "next": 5})],
        {},
        "Page 1 has 5 as its next, where a string belongs.",
    ),
    (
        "NEXT002",
        [page({"list": [], "next": False}), page({"list": [], "next": {}}, 2)],
        {},
        "2 pages (the first: page 1) have false as its next, where a string belongs.",
    ),
    (
        "NEXT003",
        [end("NEXT003", full(3), 2)],
        {},
        "The crawl would never end: page 3's token leads back to page 2: a loop of 2 pages (2 → 3 → 2).",
    ),
    (
        "NEXT003",
        [end("NEXT003", full(3), 3)],
        {},
        "The crawl would never end: page 3's token leads back to page 3: a loop of 1 page (3 → 3).",
    ),
    (
        "NEXT003",
        [end("NEXT003", full(9), 2)],
        {},
        "The crawl would never end: page 9's token leads back to page 2: a loop of 8 pages (2 → 3 → 4 → 5 → 6 → 7 → 8 → 9 → 2).",
    ),
    (
        "NEXT003",
        [end("NEXT003", full(10), 2)],
        {},
        "The crawl would never end: page 10's token leads back to page 2: a loop of 9 pages (2 → … → 10 → 2).",
    ),
    (
        "NEXT004",
        [end("NEXT004", full(2), 1)],
        {"endpoint": Endpoint.parse(URL, "cursor")},
        "The second page, asked for with ?cursor=…, has the rows of the first page again: the token has no effect.",
    ),
    (
        "NEXT005",
        [end("NEXT005", full(7), 3)],
        {},
        "The paging repeats itself: page 7 has the same rows as page 3, under another token.",
    ),
    (
        "NEXT006",
        [full(1), full(2, 1), done(full(2))],
        {},
        "1 row stands on two pages (page 2, /list/0, also page 1, /list/1): these people would get their message twice, and others may be left out, as with page numbers over data that changes.",
    ),
    (
        "NEXT006",
        [full(1, 0, 9), full(2, 0, 10), done(full(2))],
        {},
        "9 rows stand on two pages (the first: page 2, /list/0, also page 1, /list/0): these people would get their message twice, and others may be left out, as with page numbers over data that changes.",
    ),
    (
        "NEXT007",
        [probe(Purpose.REPLAY, full(1, 3), full(1), (full(2, 2),))],
        {},
        "Page 1, asked twice, gave other rows: the pages have no fixed order, as with OFFSET without ORDER BY.",
    ),
    (
        "NEXT007",
        [
            probe(Purpose.REPLAY, page({"list": rows(0, 2)[::-1], "next": "t"}), full(1)),
            probe(Purpose.REPLAY, full(1, 1), full(1)),
        ],
        {},
        "2 pages (the first: page 1), asked twice, gave another order of the same rows: the pages have no fixed order, as with OFFSET without ORDER BY.",
    ),
    (
        "NEXT007",
        [probe(Purpose.REPLAY, full(2, 9), full(2))],
        {},
        "Page 2, asked twice, gave other rows: the pages have no fixed order, as with OFFSET without ORDER BY.",
    ),
    (
        "NEXT008",
        [probe(Purpose.REPLAY, page({"list": [], "next": ""}), full(1), (full(2, 2),))],
        {},
        "The first page, asked again, is empty: the server itself remembers the position, as a cursor bound to a session does.",
    ),
    (
        "NEXT008",
        [probe(Purpose.REPLAY, page(b""), full(1), (full(2, 2),))],
        {},
        "The first page, asked again, is empty: the server itself remembers the position, as a cursor bound to a session does.",
    ),
    (
        "NEXT008",
        [probe(Purpose.REPLAY, full(1, 4), full(1), (full(2, 2),))],
        {},
        "The first page, asked again, goes on where the crawl was: the server itself remembers the position, as a cursor bound to a session does.",
    ),
    (
        "NEXT008",
        [probe(Purpose.REPLAY, full(1, 2), full(1), (full(2, 2),))],
        {},
        "The first page, asked again, goes on where the crawl was: the server itself remembers the position, as a cursor bound to a session does.",
    ),
    (
        "NEXT009",
        [probe(Purpose.BAD_TOKEN, full(1), full(1))],
        {},
        "A token that was never issued is answered with the first page instead of an error.",
    ),
    (
        "NEXT009",
        [probe(Purpose.BAD_TOKEN, full(1, 0, 3), full(1, 1, 3))],
        {},
        "A token that was never issued is answered with the first page instead of an error.",
    ),
    (
        "NEXT010",
        [probe(Purpose.BAD_TOKEN, exchange(500), full(1))],
        {},
        "A token that was never issued is answered 500: the server fails on it.",
    ),
    (
        "NEXT010",
        [probe(Purpose.BAD_TOKEN, exchange(599), full(1))],
        {},
        "A token that was never issued is answered 599: the server fails on it.",
    ),
    (
        "NEXT011",
        [probe(Purpose.COOKIE, full(2, 2), full(1), (full(2),))],
        {},
        "The second page comes only when the cookies of the first are sent back; the application keeps none, so the paging must not depend on a session.",
    ),
    (
        "NEXT011",
        [probe(Purpose.COOKIE, page({"list": [], "next": ""}), full(1), (full(2),))],
        {},
        "The second page comes only when the cookies of the first are sent back; the application keeps none, so the paging must not depend on a session.",
    ),
    (
        "NEXT012",
        [full(1, token="a%2Bb")],
        {},
        "Page 1 has a token with percent escapes, which arrives encoded twice.",
    ),
    (
        "NEXT012",
        [full(1, token="%3d"), full(2, token="%C3")],
        {},
        "2 pages (the first: page 1) have a token with percent escapes, which arrives encoded twice.",
    ),
    (
        "NEXT013",
        [end("NEXT013", full(2, token="https://x/?page=2"))],
        {},
        "The next of page 2 is the URL of the next page (as Django REST framework and Laravel's paginator send it), where only the token belongs.",
    ),
    (
        "NEXT013",
        [end("NEXT013", full(1, token="?page=2"))],
        {},
        "The next of page 1 is a query string, where only the token belongs.",
    ),
    (
        "NEXT014",
        [end("NEXT014", full(5))],
        {"max_pages": 1200},
        "After 1,200 pages there is still a next one: the crawl does not end.",
    ),
    (
        "NEXT014",
        [end("NEXT014", full(1))],
        {"max_pages": 1},
        "After 1 page there is still a next one: the crawl does not end.",
    ),
    (
        "NEXT015",
        [full(1, token="t" * 1963)],
        {},
        "Page 1 has a token that makes the next URL 2,001 characters long.",
    ),
    (
        "NEXT015",
        [full(1, token="%" * 700), full(2, token="t" * 3000)],
        {},
        "2 pages (the first: page 1) have a token that makes the next URL 2,138 characters long.",
    ),
    (
        "PERF001",
        [*timed([0.1, 3.0]), done(full(2))],
        {},
        "The pages are slow: 95 of 100 take up to 3.0 s, where 2 s is the limit.",
    ),
    (
        "PERF001",
        [*timed([0.06, 0.05]), done(full(2))],
        {"slow_page_seconds": 0.05},
        "The pages are slow: 95 of 100 take up to 0.1 s, where 0.05 s is the limit.",
    ),
    (
        "PERF002",
        [*timed([0.01 + 0.01 * n for n in range(20)], 1), done(full(20))],
        {},
        "The pages get slower the deeper they are, from 35 ms at the beginning to 175 ms at the end, as with OFFSET.",
    ),
    (
        "PERF003",
        [*timed([0.0] * 11, 49), done(full(11))],
        {},
        "The pages are small: 11 pages with 49 rows each.",
    ),
    (
        "PERF003",
        [*timed([0.0] * 11, 1), done(full(11))],
        {},
        "The pages are small: 11 pages with 1 row each.",
    ),
    (
        "PERF004",
        [page(b" " * 16384 + b"[]")],
        {},
        "Page 1 of 16 KiB came uncompressed, though gzip was accepted.",
    ),
    (
        "PERF004",
        [page(b" " * 40000 + b"[]"), page(b" " * 20000 + b"[]", 2)],
        {},
        "2 pages (the first: page 1) of 39 KiB came uncompressed, though gzip was accepted.",
    ),
    (
        "PERF005",
        [exchange(closes=True), exchange(closes=True), exchange(closes=True), done(full(2))],
        {},
        "The server closed the connection after all 3 pages, so each cost a new connection.",
    ),
    (
        "PERF006",
        [load(0.1, 2.1)],
        {"load": 4},
        "The pages are slow under load: 95 of 100 take up to 2.10 s with 4 crawls at once, 0.10 s with one.",
    ),
    (
        "PERF006",
        [load(0.07, 0.36)],
        {"load": 4},
        "The pages are slow under load: 95 of 100 take up to 0.36 s with 4 crawls at once, 0.07 s with one.",
    ),
    (
        "SEC001",
        [probe(Purpose.NO_CREDENTIALS, full(1), full(1))],
        {},
        "The first page is served without the headers, too: anyone who knows the URL gets the data.",
    ),
    (
        "SEC002",
        [exchange(local_peer=False), exchange(local_peer=False, page=2)],
        {},
        "The endpoint is asked over plain http: everyone on the way can read data and headers.",
    ),
    (
        "SEC003",
        [done(full(1))],
        {"endpoint": SECRET},
        "The URL holds what looks like a credential: the parameter api_key.",
    ),
    (
        "SEC004",
        [page({}, headers=(JSON, ("Cache-Control", "public")))],
        {},
        "Page 1 may be kept by shared caches (Cache-Control: public).",
    ),
    (
        "SEC004",
        [
            page({}, headers=(JSON, ("Cache-Control", "max-age=9"))),
            page({}, 2, headers=(JSON, ("Cache-Control", "public"))),
        ],
        {},
        "2 pages (the first: page 1) may be kept by shared caches (Cache-Control: max-age=9).",
    ),
    (
        "SEC005",
        [exchange(500, body=TRACE)],
        {},
        "The inside of the server is shown to everyone: the answer 500 to GET shows a Python traceback.",
    ),
    (
        "SEC005",
        [exchange(400, body=TRACE)],
        {},
        "The inside of the server is shown to everyone: the answer 400 to GET shows a Python traceback.",
    ),
    (
        "SEC005",
        [method(404, body=TRACE)],
        {},
        "The inside of the server is shown to everyone: the answer 404 to POST shows a Python traceback.",
    ),
    (
        "SEC006",
        [page({}, headers=(JSON, ("Access-Control-Allow-Origin", " * ")))],
        {},
        "Page 1 may be read by any web page (Access-Control-Allow-Origin: *).",
    ),
    (
        "SEC006",
        [page({}, headers=(JSON, ("access-control-allow-origin", "*")))] * 2,
        {},
        "2 pages (the first: page 1) may be read by any web page (Access-Control-Allow-Origin: *).",
    ),
    (
        "SEC007",
        [
            probe(Purpose.NO_CREDENTIALS, exchange(401), full(1)),
            probe(Purpose.ALTERED_CREDENTIALS, full(1), full(1)),
        ],
        {},
        "The first page is refused without the credential, yet served with a wrong one.",
    ),
]

SILENT: list[tuple[str, list[Subject], dict[str, Any]]] = [
    ("NET001", [failed("NET002", "x"), exchange()], {}),
    (
        "NET009",
        [exchange(), exchange(503, setbacks=("503",)), failed("NET002", "x", setbacks=("x",))],
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
        [exchange(), failed("HTTP010", "x", hops=(URL,)), failed("HTTP011", "x", hops=(URL,))],
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
    ("PERF005", [exchange(closes=True), exchange(closes=True), done(full(2))], {}),
    ("PERF005", [exchange(closes=True)] * 3 + [exchange(), done(full(2))], {}),
    (
        "PERF005",
        [exchange(closes=True)] * 2
        + [failed("NET002", "x", closes=True), exchange(500, closes=True), done(full(2))],
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


@pytest.mark.parametrize(("rule_id", "subjects", "options", "sentence"), FIRES)
def test_a_rule_says_what_it_found(
    rule_id: str, subjects: list[Subject], options: dict[str, Any], sentence: str
) -> None:
    _, said = judge(rule_id, subjects, **options)
    assert said == sentence


@pytest.mark.parametrize(("rule_id", "subjects", "options"), SILENT)
def test_a_rule_is_silent_otherwise(
    rule_id: str, subjects: list[Subject], options: dict[str, Any]
) -> None:
    tally, _ = judge(rule_id, subjects, **options)
    assert tally.places == []
    assert tally.count == 0
