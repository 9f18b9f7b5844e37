"""Who gets which message, page by page."""

import base64
import hmac
import os
import re
import sqlite3
from contextlib import closing

from flask import Flask, abort, jsonify, request
from werkzeug.exceptions import HTTPException

PAGE_SIZE = 400  # fewer than 500

app = Flask(__name__)


@app.get("/recipients")
def recipients():
    if not key_is_right(request.headers.get("X-Api-Key", "")):
        abort(401, "X-Api-Key is missing or wrong")
    rows = rows_after(position(request.args.get("next", "")))
    page = rows[:PAGE_SIZE]
    return jsonify(
        list=[{"uid": str(row["uid"]), "msg": str(row["msg"])} for row in page],
        next=token_after(page[-1]["id"]) if len(rows) > PAGE_SIZE else "",
    )


def key_is_right(given):
    wanted = os.environ.get("API_KEY", "")
    return wanted != "" and hmac.compare_digest(given.encode(), wanted.encode())


def position(token):
    """Give the id after which the page begins; 0 for the first page."""
    if token == "":
        return 0
    try:
        text = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode("ascii")
        return int(re.fullmatch(r"after:([0-9]{1,18})", text)[1])
    except (ValueError, TypeError):
        abort(400, "next is not a token of this API")


def token_after(id_):
    return base64.urlsafe_b64encode(f"after:{id_}".encode()).decode().rstrip("=")


def rows_after(id_):
    with closing(sqlite3.connect(os.environ.get("DATABASE", "recipients.db"))) as database:
        database.row_factory = sqlite3.Row
        return database.execute(
            "SELECT id, uid, msg FROM recipients WHERE id > ? ORDER BY id LIMIT ?",
            (id_, PAGE_SIZE + 1),
        ).fetchall()


@app.errorhandler(HTTPException)
def error_as_json(error):
    response = error.get_response()  # keeps the Allow header of 405
    response.data = app.json.dumps({"error": error.description})
    response.content_type = "application/json"
    return response


@app.after_request
def keep_out_of_caches(response):
    response.headers["Cache-Control"] = "no-store"
    return response
