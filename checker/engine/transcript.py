"""One exchange as a report may show it: what was sent, what came back. Pure.

Secrets are masked before any cut; the values of the user's headers and of cookies by their place,
too, since a probe sends altered ones. Of customers' data only the outline is left.
"""

import re
from urllib.parse import urlsplit

import orjson

from checker.core.config import Config
from checker.core.endpoint import looks_secret
from checker.core.model import Exchange, Headers
from checker.core.report import Transcript
from checker.text.display import cut, plural
from checker.text.prose import without_customers
from checker.text.redact import MASK, Redactor, masked_value

__all__ = ["transcript_of"]

_COOKIES = frozenset({"cookie", "set-cookie"})
_HEADERS_SHOWN = 40
_HEADER_LENGTH = 300
_URL_LENGTH = 2_000
_BODY_LENGTH = 1_200
_MEMBERS_SHOWN = 8
_PARSED_BYTES = 4 * 1024 * 1024
_CONSIDERED = 8 * 1024  # masking takes time
_LONGEST_SECRET = 6 * 1024  # that much of one tells the redactor, in the longest of escapes
_ROW_POINTER = re.compile(r"/list/(\d{1,9})(?:/|\Z)")


def transcript_of(
    exchange: Exchange, pointer: str | None, config: Config, redactor: Redactor
) -> Transcript:
    """The exchange masked and cut short; of a page's rows those that the pointer leads to."""
    return Transcript(
        sent=_sent(exchange, config, redactor),
        received=_received(exchange, redactor),
        body=_body(exchange, pointer, redactor, show_data=config.show_data),
    )


def _sent(exchange: Exchange, config: Config, redactor: Redactor) -> str:
    parts = urlsplit(exchange.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = [
        f"{exchange.method} {cut(redactor.text(target), _URL_LENGTH)} HTTP/1.1",
        f"Host: {redactor.text(parts.netloc)}",
    ]
    users = {name.lower() for name, _ in config.headers} - {"accept", "user-agent"}
    lines += _header_lines(exchange.request_headers, redactor, hidden=users | _COOKIES)
    if exchange.method not in ("GET", "HEAD"):
        lines.append("Content-Length: 0")
    return "\n".join(lines)


def _received(exchange: Exchange, redactor: Redactor) -> str:
    lines = []
    if exchange.attempts > 1:
        lines.append(f"({plural(exchange.attempts, 'attempt')}; this is the last)")
    if exchange.redirects:
        shown = cut(redactor.text(exchange.final_url), _URL_LENGTH)
        lines.append(f"({plural(len(exchange.redirects), 'redirect')}, to {shown})")
    if exchange.status is not None:
        lines.append(f"HTTP {exchange.status} {redactor.text(exchange.reason)}".rstrip())
        lines += _header_lines(exchange.headers, redactor, hidden=_COOKIES)
    if exchange.failure is not None:
        lines.append(f"({cut(redactor.text(exchange.failure.detail), _HEADER_LENGTH)})")
    return "\n".join(lines)


def _header_lines(
    headers: Headers, redactor: Redactor, hidden: set[str] | frozenset[str]
) -> list[str]:
    lines = []
    for name, value in headers[:_HEADERS_SHOWN]:
        masked = MASK if name.lower() in hidden else redactor.text(value)
        lines.append(f"{cut(redactor.text(name), 80)}: {cut(masked, _HEADER_LENGTH)}")
    if len(headers) > _HEADERS_SHOWN:
        lines.append(f"(… {plural(len(headers) - _HEADERS_SHOWN, 'more header')})")
    return lines


def _body(exchange: Exchange, pointer: str | None, redactor: Redactor, *, show_data: bool) -> str:
    """The beginning of the body, or its outline."""
    body = exchange.body
    if not body:
        return ""
    if not show_data and len(body) <= _PARSED_BYTES:
        try:
            document = orjson.loads(body)
        except orjson.JSONDecodeError:
            pass
        else:
            return cut(_outline(document, pointer, redactor), 4 * _BODY_LENGTH)
    text = body[:_CONSIDERED].decode("utf-8", "replace")
    masked = redactor.text(text)
    if len(body) > _CONSIDERED:
        masked = masked[: max(0, len(masked) - _LONGEST_SECRET)]  # a secret may have been cut
    is_error = exchange.status is not None and exchange.status >= 400
    shown = masked if show_data else without_customers(masked, is_error=is_error)
    left = plural(len(body), "byte")
    return shown if len(shown) <= _BODY_LENGTH else f"{shown[:_BODY_LENGTH]}… ({left} in all)"


def _outline(document: object, pointer: str | None, redactor: Redactor) -> str:
    """A page member by member, a `list` row by row around the place that is meant."""
    if not isinstance(document, dict):
        return _value(document, "", redactor)
    lines = []
    for name, value in list(document.items())[:_MEMBERS_SHOWN]:
        shown = cut(redactor.text(name), 60)
        if name == "list" and isinstance(value, list) and value:
            lines.append(f'  "{shown}": [\n{_rows(value, pointer, redactor)}\n  ]')
        else:
            lines.append(f'  "{shown}": {_value(value, name, redactor)}')
    if len(document) > _MEMBERS_SHOWN:
        lines.append(f"  (… {plural(len(document) - _MEMBERS_SHOWN, 'more member')})")
    return "{\n" + ",\n".join(lines) + "\n}" if lines else "{}"


def _value(value: object, name: str, redactor: Redactor) -> str:
    if name == "next" and isinstance(value, str):
        shown = cut(redactor.text(value[:_CONSIDERED]), 200)
        return f'"{shown}"'
    if looks_secret(name):
        return MASK
    return masked_value(value, f"/{name}", show_data=False, redactor=redactor) or ""


def _rows(rows: list[object], pointer: str | None, redactor: Redactor) -> str:
    meant = _ROW_POINTER.match(pointer or "")
    start = max(0, min(int(meant[1]) - 1 if meant else 0, len(rows) - 3))
    lines = [f"    (… {plural(start, 'row')} before)"] if start else []
    for index, row in enumerate(rows[start : start + 3], start):
        shown = masked_value(row, f"/list/{index}", show_data=False, redactor=redactor)
        lines.append(f"    {shown}")
    left = len(rows) - start - 3
    if left > 0:
        lines.append(f"    (… {plural(left, 'more row')})")
    return "\n".join(lines)
