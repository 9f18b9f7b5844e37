"""Flask on waitress: the last row's id is the token, and one key in a header opens the door."""

import hmac
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from flask import Flask, Response, abort, jsonify, request

PAGE_SIZE = 400

app = Flask(__name__)


@contextmanager
def database() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(os.environ["DATABASE"])) as connection:
        yield connection


@app.before_request
def require_key() -> None:
    wanted = os.environ.get("API_KEY", "")
    if wanted and not hmac.compare_digest(request.headers.get("X-Api-Key", ""), wanted):
        abort(401)


@app.get("/recipients")
def recipients() -> Response:
    token = request.args.get("next", "")
    if token and not (token.isascii() and token.isdigit()):
        abort(400, "next is not a token of this API")
    with database() as connection:
        rows = connection.execute(
            "SELECT id, line_id, message FROM contacts WHERE id > ? ORDER BY id LIMIT ?",
            (int(token[:18] or 0), PAGE_SIZE + 1),
        ).fetchall()
    page = rows[:PAGE_SIZE]
    return jsonify(
        list=[{"uid": line_id, "msg": message} for _, line_id, message in page],
        next=str(page[-1][0]) if len(rows) > PAGE_SIZE else "",
    )


@app.after_request
def keep_out_of_caches(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
