"""No framework at all: a WSGI function, tokens with a signature, 204 after the last row."""

import hashlib
import hmac
import json
import os
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from typing import Any
from urllib.parse import parse_qs
from wsgiref.types import StartResponse, WSGIEnvironment

PAGE_SIZE = 401  # three full pages of 1,203 rows
SIGNING_KEY = b"only for these tests"


def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    status, headers, document = answer(environ)
    body = b""
    if document is not None:
        body = json.dumps(document, ensure_ascii=False).encode()
        headers["Content-Type"] = "application/json; charset=utf-8"
        headers["Content-Length"] = str(len(body))
    start_response(status, [("Cache-Control", "no-store"), *headers.items()])
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def answer(environ: WSGIEnvironment) -> tuple[str, dict[str, str], Any]:
    if environ["PATH_INFO"] != "/recipients":
        return "404 Not Found", {}, {"error": "there is nothing here"}
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        return "405 Method Not Allowed", {"Allow": "GET, HEAD"}, {"error": "use GET"}
    wanted = os.environ.get("API_TOKEN", "")
    given = environ.get("HTTP_AUTHORIZATION", "")
    if wanted and not hmac.compare_digest(given.encode(), f"Token {wanted}".encode()):
        return "401 Unauthorized", {"WWW-Authenticate": "Token"}, {"error": "not authorized"}
    query = parse_qs(environ["QUERY_STRING"], keep_blank_values=True)
    after = position_of(query.get("next", [""])[0])
    if after is None:
        return "400 Bad Request", {}, {"error": "next is not a token of this API"}
    page = read_page(after)
    if not page:
        return "204 No Content", {}, None
    rows = [{"uid": line_id, "msg": message} for _, line_id, message in page]
    return "200 OK", {}, {"list": rows, "next": token_of(page[-1][0])}


def read_page(after: int) -> list[tuple[int, str, str]]:
    with closing(sqlite3.connect(os.environ["DATABASE"])) as connection:
        return connection.execute(
            "SELECT id, line_id, message FROM contacts WHERE id > ? ORDER BY id LIMIT ?",
            (after, PAGE_SIZE),
        ).fetchall()


def token_of(position: int) -> str:
    signature = hmac.new(SIGNING_KEY, str(position).encode(), hashlib.sha256).hexdigest()
    return f"{position}:{signature}"


def position_of(token: str) -> int | None:
    """The position in a token; 0 without a token, None for one that was not issued here."""
    if not token:
        return 0
    digits = token.partition(":")[0]
    if not (digits.isascii() and digits.isdigit() and len(digits) < 18):
        return None
    return (
        int(digits) if hmac.compare_digest(token.encode(), token_of(int(digits)).encode()) else None
    )
