"""The page at `/`: what each user received, for a person to look at. No script in it."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from mockserver.line_api.inboxes import Inbox
from mockserver.line_api.stand_in import StandIn

__all__ = ["add_page"]

_USERS = 50
_TEXTS = 20
_WEB = Path(__file__).parent / "web"
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def add_page(app: web.Application, stand_in: StandIn) -> None:
    """Mount the page and its style."""
    environment = Environment(
        loader=FileSystemLoader(_WEB), autoescape=True, undefined=StrictUndefined
    )
    template = environment.get_template("inboxes.html")
    style = (_WEB / "inboxes.css").read_text("utf-8")

    async def page(request: web.Request) -> web.Response:
        text = template.render(_shown(stand_in, request))
        return web.Response(text=text, content_type="text/html", headers=_HEADERS)

    async def sheet(_request: web.Request) -> web.Response:
        return web.Response(text=style, content_type="text/css", headers=_HEADERS)

    app.router.add_get("/", page)
    app.router.add_get("/inboxes.css", sheet)


def _shown(stand_in: StandIn, request: web.Request) -> dict[str, Any]:
    of = "webhook" if request.query.get("of") == "webhook" else "line"
    ledger = stand_in.webhook if of == "webhook" else stand_in.line
    search = request.query.get("q", "").strip()
    start = _number(request.query.get("start", ""))
    found = list(ledger.inboxes.newest_first(start, _USERS + 1, search))
    return {
        "of": of,
        "search": search,
        "refresh": min(_number(request.query.get("refresh", "")), 3600),
        "start": start,
        "earlier": max(start - _USERS, 0) if start else None,
        "later": start + _USERS if len(found) > _USERS else None,
        "users": [_user(inbox) for inbox in found[:_USERS]],
        "keeps_texts": ledger.inboxes.keep_texts,
        "figures": ledger.summary(),
    }


def _user(inbox: Inbox) -> dict[str, Any]:
    newest = [
        {"at": _time(delivery.at), "texts": [_visible(text) for text in delivery.texts]}
        for delivery in reversed(inbox.deliveries[-_TEXTS:])
    ]
    return {
        "uid": _visible(inbox.uid),
        "count": inbox.received,
        "last": _time(inbox.last_at),
        "deliveries": newest,
        "unshown": len(inbox.deliveries) - len(newest),
    }


def _time(at: float) -> str:
    try:
        return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")
    except (OverflowError, ValueError, OSError):
        return "at an unknown time"


def _visible(text: str) -> str:
    """The text with characters that a page would swallow as pictures of them."""
    return _CONTROL.sub(_picture, text)


def _picture(found: re.Match[str]) -> str:
    code = ord(found[0])
    return "\u2421" if code == 0x7F else chr(0x2400 + code)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
