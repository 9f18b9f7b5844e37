"""A shop's API: who gets which message, page by page. The token is the last row's number."""

import hmac
import os
import sqlite3

from flask import Flask, abort, jsonify, request

PAGE_SIZE = 400

app = Flask(__name__)
app.config.update(DATABASE="shop.db", API_KEY=os.environ.get("API_KEY", ""))


@app.get("/recipients")
def recipients():
    wanted, given = app.config["API_KEY"], request.headers.get("X-Api-Key", "")
    if not wanted or not hmac.compare_digest(given.encode(), wanted.encode()):
        abort(401)
    rows = read_rows(after=position(request.args.get("next", "")))
    page, more = rows[:PAGE_SIZE], len(rows) > PAGE_SIZE
    response = jsonify(
        list=[{"uid": row["line_id"], "msg": row["message"]} for row in page],
        next=str(page[-1]["id"]) if more else "",
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def position(token):
    if not token:
        return 0
    if not token.isascii() or not token.isdigit() or len(token) > 18:
        abort(400, "next is not a token of this API")
    return int(token)


def read_rows(after):
    database = sqlite3.connect(app.config["DATABASE"])
    database.row_factory = sqlite3.Row
    try:
        return database.execute(
            "SELECT id, line_id, message FROM outbox WHERE id > ? ORDER BY id LIMIT ?",
            (after, PAGE_SIZE + 1),
        ).fetchall()
    finally:
        database.close()
