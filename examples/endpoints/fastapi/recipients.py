"""Who gets which message, page by page."""

import base64
import hmac
import os
import re
import sqlite3
from contextlib import closing
from typing import Annotated

from fastapi import Depends, FastAPI, Header, HTTPException, Query, Request, Response
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException as StarletteHTTPException

PAGE_SIZE = 400  # fewer than 500

app = FastAPI()
app.add_middleware(GZipMiddleware, minimum_size=1000)


class Recipient(BaseModel):
    uid: str
    msg: str


class Page(BaseModel):
    list: list[Recipient]
    next: str


def check_key(x_api_key: Annotated[str, Header()] = "") -> None:
    wanted = os.environ.get("API_KEY", "")
    if wanted == "" or not hmac.compare_digest(x_api_key.encode(), wanted.encode()):
        raise HTTPException(401, "X-Api-Key is missing or wrong")


def position(token: Annotated[str, Query(alias="next")] = "") -> int:
    """Give the id after which the page begins; 0 for the first page."""
    if token == "":
        return 0
    try:
        text = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode("ascii")
        found = re.fullmatch(r"after:([0-9]{1,18})", text)
    except ValueError:
        found = None
    if found is None:
        raise HTTPException(400, "next is not a token of this API")
    return int(found[1])


def token_after(row_id: int) -> str:
    return base64.urlsafe_b64encode(f"after:{row_id}".encode()).decode().rstrip("=")


# GET and HEAD; FastAPI answers every other method with 405 and Allow.
@app.api_route("/recipients", methods=["GET", "HEAD"], dependencies=[Depends(check_key)])
def recipients(response: Response, after: Annotated[int, Depends(position)]) -> Page:
    response.headers["Cache-Control"] = "no-store"
    with closing(sqlite3.connect(os.environ.get("DATABASE", "recipients.db"))) as database:
        rows = database.execute(
            "SELECT id, uid, msg FROM recipients WHERE id > ? ORDER BY id LIMIT ?",
            (after, PAGE_SIZE + 1),
        ).fetchall()
    page = rows[:PAGE_SIZE]
    return Page(
        list=[Recipient(uid=str(uid), msg=str(msg)) for _, uid, msg in page],
        next=token_after(page[-1][0]) if len(rows) > PAGE_SIZE else "",
    )


@app.exception_handler(StarletteHTTPException)
def error_as_json(request: Request, error: StarletteHTTPException) -> JSONResponse:
    return JSONResponse(
        {"error": error.detail},
        error.status_code,
        {**(error.headers or {}), "Cache-Control": "no-store"},
    )
