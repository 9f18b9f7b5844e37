"""A club's API on FastAPI: signed tokens, a bearer token, and compressed pages."""

import base64
import hashlib
import hmac
import os
from typing import Annotated

from fastapi import Depends, FastAPI, Header, HTTPException, Query, Response
from fastapi.middleware.gzip import GZipMiddleware
from pydantic import BaseModel

PAGE_SIZE = 200
SECRET = os.environ.get("TOKEN_SECRET", "change me").encode()

app = FastAPI()
app.add_middleware(GZipMiddleware, minimum_size=1000)


class Recipient(BaseModel):
    uid: str
    msg: str


class Page(BaseModel):
    list: list[Recipient]
    next: str


def members() -> list[Recipient]:
    """Read them from wherever they are; the tests put their own in its place."""
    return []


def admitted(authorization: Annotated[str, Header()] = "") -> None:
    wanted = f"Bearer {os.environ.get('API_TOKEN', '')}"
    if len(wanted) < 10 or not hmac.compare_digest(authorization.encode(), wanted.encode()):
        raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})


def token_of(start: int) -> str:
    signature = hmac.digest(SECRET, str(start).encode(), hashlib.sha256)[:12]
    return f"{start}.{base64.urlsafe_b64encode(signature).decode()}"


def start_of(token: Annotated[str, Query(alias="next")] = "") -> int:
    start = token.partition(".")[0]
    if not token:
        return 0
    if not start.isdecimal() or not hmac.compare_digest(
        token.encode(), token_of(int(start)).encode()
    ):
        raise HTTPException(400, "next is not a token of this API")
    return int(start)


@app.get("/recipients", dependencies=[Depends(admitted)])
def recipients(
    response: Response,
    start: Annotated[int, Depends(start_of)],
    everyone: Annotated[list[Recipient], Depends(members)],
) -> Page:
    response.headers["Cache-Control"] = "no-store"
    end = start + PAGE_SIZE
    return Page(list=everyone[start:end], next=token_of(end) if end < len(everyone) else "")
