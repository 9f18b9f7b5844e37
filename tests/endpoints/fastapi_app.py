"""FastAPI on uvicorn: opaque tokens in base64, a bearer token, pages compressed by middleware."""

import base64
import binascii
import os
import secrets
import sqlite3
from contextlib import closing
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Query, Response
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel

PAGE_SIZE = 499

app = FastAPI(openapi_url=None)
app.add_middleware(GZipMiddleware, minimum_size=1000)


class Recipient(BaseModel):
    uid: str
    msg: str


class Page(BaseModel):
    list: list[Recipient]
    next: str


def require_token(
    given: Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))],
) -> None:
    wanted = os.environ.get("API_TOKEN", "")
    if not wanted:
        return
    if given is None or not secrets.compare_digest(given.credentials, wanted):
        raise HTTPException(401, "not authorized", {"WWW-Authenticate": "Bearer"})


def token_of(position: int) -> str:
    """Plain base64, with + and / and =: the caller encodes it for the URL."""
    return base64.b64encode(position.to_bytes(8)).decode()


def position(token: Annotated[str, Query(alias="next")] = "") -> int:
    """The row that the page begins behind."""
    if not token:
        return 0
    try:
        found = int.from_bytes(base64.b64decode(token, validate=True)[:8])
    except binascii.Error:
        found = -1
    if not 0 <= found < 2**63 or token_of(found) != token:
        raise HTTPException(400, "next is not a token of this API")
    return found


@app.get("/recipients", dependencies=[Depends(require_token)])
def recipients(response: Response, after: Annotated[int, Depends(position)]) -> Page:
    response.headers["Cache-Control"] = "private, no-store"
    with closing(sqlite3.connect(os.environ["DATABASE"])) as connection:
        rows = connection.execute(
            "SELECT id, line_id, message FROM contacts WHERE id > ? ORDER BY id LIMIT ?",
            (after, PAGE_SIZE + 1),
        ).fetchall()
    page = rows[:PAGE_SIZE]
    return Page(
        list=[Recipient(uid=line_id, msg=message) for _, line_id, message in page],
        next=token_of(page[-1][0]) if len(rows) > PAGE_SIZE else "",
    )
