"""Bodies that are not the JSON they should be."""

import json
from dataclasses import replace
from typing import Any

from mockserver.recipients.exchange import EndpointRequest, Wrap
from mockserver.recipients.faults.fault import (
    Fault,
    changing_body,
    changing_page,
    changing_response,
    changing_row,
)
from mockserver.recipients.faults.net_scripts import short_length

__all__ = ["FAULTS"]

_HTML = {"Content_Type": "text/html; charset=utf-8"}
_LOGIN_PAGE = b"""<!DOCTYPE html>
<html lang="en"><head><title>Sign in</title></head>
<body><h1>Sign in</h1><p>Your session has expired.</p>
<form action="/login" method="post"><input name="user"><input name="password" type="password">
<button>Sign in</button></form></body></html>
"""
_BLOCK_PAGE = b"""<html><head><title>Request blocked</title></head><body>
<h1>Sorry, you have been blocked</h1><p>The web application firewall refused this request.</p>
<p>Support id: 1234567890</p></body></html>
"""
_PHP_NOTICE = (
    b"<br />\n<b>Notice</b>:  Undefined index: msg in "
    b"<b>/var/www/html/api/recipients.php</b> on line <b>42</b><br />\n"
)
_DEPTH = 100


def _json_fault(name: str, summary: str, wrap: Wrap) -> Fault:
    rule = name.partition("-")[0]
    return Fault(name=name, rules=(rule,), summary=summary, wrap_endpoint=wrap)


def _single_quotes(body: bytes) -> bytes:
    return str(json.loads(body)).encode()


def _latin_rows(document: dict[str, Any], _request: EndpointRequest) -> dict[str, Any]:
    rows = [{**row, "msg": "Grüße aus dem Café Müller"} for row in document["list"]]
    return {**document, "list": rows}


def _latin_1(body: bytes) -> bytes:
    return body.decode().encode("latin-1")


def _in_latin_1(handler: Any) -> Any:
    return changing_body(_latin_1)(changing_page(_latin_rows)(handler))


def _character_cut(body: bytes) -> bytes:
    cut = "สวัสดีค่ะ คุณลูกค้า".encode()[:-1]
    return body.replace(b'"msg":"', b'"msg":"' + cut, 1)


def _msg_twice(body: bytes) -> bytes:
    return body.replace(b'"msg":', b'"msg":"draft","msg":', 1)


def _msg_is_nan(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "msg": float("nan")}


def _emoji_cut_in_half(body: bytes) -> bytes:
    return body.replace(b'"msg":"', b'"msg":"Congratulations \\ud83c ', 1)


def _nested(document: dict[str, Any], _request: EndpointRequest) -> dict[str, Any]:
    value: list[Any] = []
    for _ in range(_DEPTH):
        value = [value]
    return {**document, "debug": value}


FAULTS = (
    _json_fault(
        "JSON001",
        "a login page comes in place of the data: the session has ended",
        changing_body(lambda _body: _LOGIN_PAGE, **_HTML),
    ),
    _json_fault(
        "JSON001-blocked",
        "a firewall's block page comes in place of the data",
        changing_body(lambda _body: _BLOCK_PAGE, **_HTML),
    ),
    _json_fault(
        "JSON001-php-notice",
        "PHP printed a notice before the JSON",
        changing_body(lambda body: _PHP_NOTICE + body),
    ),
    _json_fault(
        "JSON001-output-after",
        "debug output follows the JSON",
        changing_body(lambda body: body + b"\n5 rows in 0.01 seconds\n"),
    ),
    _json_fault(
        "JSON001-trailing-comma",
        "the JSON is put together by hand, with a comma after the last row",
        changing_body(lambda body: body.replace(b"}]", b"},]", 1)),
    ),
    _json_fault(
        "JSON001-single-quotes",
        "a Python dict was printed, not encoded: single quotes",
        changing_body(_single_quotes),
    ),
    _json_fault(
        "JSON001-jsonp",
        "the JSON is wrapped into a function call (JSONP)",
        changing_body(lambda body: b"callback(" + body + b");"),
    ),
    _json_fault(
        "JSON001-prefix",
        "the JSON comes after an anti-hijacking prefix",
        changing_body(lambda body: b")]}',\n" + body),
    ),
    _json_fault(
        "JSON001-two-documents",
        "two JSON documents follow one another",
        changing_body(lambda body: body + b"\n" + body),
    ),
    _json_fault(
        "JSON001-cut-short",
        "the JSON ends in the middle, though all promised bytes came",
        changing_body(lambda body: body[: len(body) // 2].decode(errors="ignore").encode()),
    ),
    _json_fault(
        "JSON001-short-length",
        "Content-Length counts characters, not bytes, so the body is cut",
        changing_response(lambda _request, response: replace(response, script=short_length)),
    ),
    _json_fault("JSON002", "the text is Latin-1, not UTF-8", _in_latin_1),
    _json_fault(
        "JSON002-cut",
        "a text in UTF-8 was cut after a number of bytes, in the middle of a character",
        changing_body(_character_cut),
    ),
    _json_fault(
        "JSON002-utf-16",
        "the text is UTF-16",
        changing_body(lambda body: body.decode().encode("utf-16-le")),
    ),
    _json_fault(
        "JSON003",
        "the file was saved with a byte order mark, as Windows editors do",
        changing_body(lambda body: b"\xef\xbb\xbf" + body),
    ),
    _json_fault(
        "JSON004",
        "the page was encoded twice: it is a string that holds the JSON",
        changing_body(lambda body: json.dumps(body.decode()).encode()),
    ),
    _json_fault("JSON005", "a row has the member msg twice", changing_body(_msg_twice)),
    _json_fault("JSON006", "an empty cell of a data frame became NaN", changing_row(_msg_is_nan)),
    _json_fault("JSON007", "an emoji was cut in half", changing_body(_emoji_cut_in_half)),
    _json_fault("JSON008", f"something is nested {_DEPTH} levels deep", changing_page(_nested)),
)
