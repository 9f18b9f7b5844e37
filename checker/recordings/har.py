"""An exchange as an entry of a HAR 1.2 file, and back. Pure.

What HAR has no place for, and the rules need, stands in the entry's `_broadcast`
(schemas/recording.schema.json).
"""

import base64
import binascii
from collections.abc import Callable
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from checker.core.model import Exchange, Failure, Headers, Purpose

__all__ = ["BadEntryError", "body_of", "entry_of", "exchange_of", "headers_of"]


class BadEntryError(ValueError):
    """An entry is not what it should be; says which member, and what was expected."""


def entry_of(
    exchange: Exchange,
    *,
    started: datetime,
    body: bytes | None,
    mask: Callable[[str], str],
    request_headers: Headers,
) -> dict[str, Any]:
    """The entry. `body` is the masked body, None when it is left out; `mask` hides secrets."""
    milliseconds = exchange.seconds * 1000
    url = mask(exchange.url)
    return {
        "startedDateTime": started.isoformat(timespec="milliseconds"),
        "time": milliseconds,
        "request": {
            "method": exchange.method,
            "url": url,
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": [{"name": name, "value": value} for name, value in request_headers],
            "queryString": _query(url),
            "headersSize": -1,
            "bodySize": 0,
        },
        "response": _response(exchange, body, mask),
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
        "_broadcast": _custom(exchange, body, mask),
    }


def _query(url: str) -> list[dict[str, str]]:
    pairs = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    return [{"name": name, "value": value} for name, value in pairs]


def _response(exchange: Exchange, body: bytes | None, mask: Callable[[str], str]) -> dict[str, Any]:
    return {
        "status": exchange.status or 0,
        "statusText": mask(exchange.reason),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [{"name": mask(name), "value": mask(value)} for name, value in exchange.headers],
        "content": {
            "size": len(exchange.body),
            "mimeType": mask(exchange.header("Content-Type") or ""),
            **_content(body),
        },
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": exchange.wire_bytes,
    }


def _content(body: bytes | None) -> dict[str, str]:
    if body is None:
        return {"comment": "The body is left out: it is too large, or cannot be masked."}
    try:
        return {"text": body.decode("utf-8")}
    except UnicodeDecodeError:
        return {"text": base64.b64encode(body).decode("ascii"), "encoding": "base64"}


def _custom(exchange: Exchange, body: bytes | None, mask: Callable[[str], str]) -> dict[str, Any]:
    failure = exchange.failure
    return {
        "purpose": exchange.purpose.value,
        "page": exchange.page,
        "token": None if exchange.token is None else mask(exchange.token),
        "seconds": exchange.seconds,
        "setbacks": [mask(why) for why in exchange.retry_reasons],
        "hops": [mask(url) for url in exchange.redirects],
        "final_url": mask(exchange.final_url),
        "failure": failure and _failure(failure, mask),
        "local_peer": exchange.local_peer,
        "closes": exchange.closes_connection,
        "body_left_out": body is None,
    }


def _failure(failure: Failure, mask: Callable[[str], str]) -> dict[str, str]:
    seen = {"seen": mask(failure.seen)} if failure.seen else {}
    return {"rule": failure.rule, "detail": mask(failure.detail), **seen}


def exchange_of(entry: dict[str, Any]) -> Exchange:
    """The exchange of an entry, ours or a browser's. Raises BadEntryError."""
    try:
        return _exchange_of(entry)
    except BadEntryError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError):
        raise BadEntryError("an entry of HAR 1.2 with a request and a response") from None


def _exchange_of(entry: dict[str, Any]) -> Exchange:
    request, response = entry["request"], entry["response"]
    custom = entry.get("_broadcast") or {}
    failure = custom.get("failure")
    retry_reasons = tuple(map(str, custom.get("setbacks", ())))
    url = str(request["url"])
    time = entry.get("time")
    seconds = time / 1000 if isinstance(time, int | float) and time > 0 else 0.0
    size = response.get("bodySize")
    page = custom.get("page")
    return Exchange(
        purpose=Purpose(custom.get("purpose", "page")),
        method=str(request["method"]),
        url=url,
        token=custom.get("token"),
        page=page if isinstance(page, int) else None,
        request_headers=headers_of(request),
        status=int(response["status"]) or None,
        reason=str(response.get("statusText") or ""),
        headers=_with_date(headers_of(response), entry),
        body=body_of(response) or b"",
        wire_bytes=size if isinstance(size, int) and size > 0 else 0,
        seconds=float(custom.get("seconds", seconds)),
        attempts=len(retry_reasons) + 1,
        retry_reasons=retry_reasons,
        redirects=tuple(map(str, custom.get("hops", ()))),
        final_url=str(custom.get("final_url", url)),
        failure=failure
        and Failure(
            rule=str(failure["rule"]),
            detail=str(failure["detail"]),
            seen=str(failure.get("seen", "")),
        ),
        local_peer=custom.get("local_peer"),
        closes_connection=bool(custom.get("closes", False)),
    )


def headers_of(message: dict[str, Any]) -> Headers:
    """The headers of a request or response."""
    return tuple(
        (str(header["name"]), str(header["value"])) for header in message.get("headers") or ()
    )


def _with_date(headers: Headers, entry: dict[str, Any]) -> Headers:
    """With a Date, so that an Expires is still compared with the time of the request."""
    names = {name.lower() for name, _ in headers}
    if "expires" not in names or "date" in names:
        return headers
    started = datetime.fromisoformat(str(entry["startedDateTime"]))
    return (*headers, ("Date", format_datetime(started)))


def body_of(response: dict[str, Any]) -> bytes | None:
    """The body's bytes; None when the file holds none. Raises BadEntryError."""
    content = response.get("content") or {}
    text = content.get("text")
    if text is None:
        return None
    if not isinstance(text, str):
        raise BadEntryError("text in response.content.text")
    if content.get("encoding") != "base64":
        return text.encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadEntryError("base64 in response.content.text") from None
