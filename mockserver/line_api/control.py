"""The control API: what tests and benchmarks read of the stand-in, and set while it runs."""

import uuid
from collections.abc import Callable
from typing import Any, TypeVar

import orjson
from aiohttp import web

from mockserver.errors import BadOption
from mockserver.line_api.config import Limits
from mockserver.line_api.faults import Faults
from mockserver.line_api.inboxes import Inbox
from mockserver.line_api.ledger import Ledger
from mockserver.line_api.stand_in import StandIn

__all__ = ["add_control", "shown_inbox"]

Read = TypeVar("Read")
_PAGE = 1000
_LARGEST_PAGE = 10_000


def add_control(app: web.Application, stand_in: StandIn) -> None:
    """Mount everything below `/_control/`."""
    control = _Control(stand_in)
    app.router.add_routes(
        [
            web.get("/_control/summary", control.summary),
            web.get("/_control/effects", control.effects),
            web.get("/_control/keys", control.keys),
            web.get("/_control/webhooks", control.webhooks),
            web.get("/_control/faults", control.faults),
            web.post("/_control/faults", control.set_faults),
            web.get("/_control/limits", control.limits),
            web.post("/_control/limits", control.set_limits),
            web.get("/_control/clock", control.clock),
            web.post("/_control/clock", control.advance),
            web.post("/_control/reset", control.reset),
        ]
    )


def shown_inbox(inbox: Inbox) -> dict[str, Any]:
    """An inbox as JSON shows it; `texts` only if texts are kept."""
    shown: dict[str, Any] = {
        "uid": inbox.uid,
        "count": inbox.received,
        "digest": f"{inbox.digest:016x}",
        "last_at": inbox.last_at,
    }
    if inbox.deliveries:
        shown["texts"] = [text for delivery in inbox.deliveries for text in delivery.texts]
    return shown


class _Control:
    def __init__(self, stand_in: StandIn) -> None:
        self._stand_in = stand_in

    async def summary(self, _request: web.Request) -> web.Response:
        return _json(self._stand_in.summary())

    async def effects(self, request: web.Request) -> web.StreamResponse:
        inboxes = self._ledger(request).inboxes
        if (uid := request.query.get("uid")) is not None:
            found = inboxes.get(uid)
            return _json({"users": [shown_inbox(found)] if found else [], "next": None})
        if request.query.get("format") == "jsonl":
            return await _streamed(request, len(inboxes), inboxes.listed)
        start, limit = _place(request)
        users = [shown_inbox(inbox) for inbox in inboxes.listed(start, limit)]
        return _json({"users": users, "next": _onward(start, limit, len(inboxes))})

    async def keys(self, request: web.Request) -> web.Response:
        ledger = self._ledger(request)
        start, limit = _place(request)
        listed = [
            {"key": _key(ledger, key), "attempts": attempts, "effects": effects}
            for key, attempts, effects in ledger.keys.listed(start, limit)
        ]
        return _json({"keys": listed, "next": _onward(start, limit, len(ledger.keys))})

    async def webhooks(self, _request: web.Request) -> web.Response:
        return _json({"newest_first": list(reversed(self._stand_in.recent_webhooks))})

    async def faults(self, _request: web.Request) -> web.Response:
        return _json(self._stand_in.plan.faults)

    async def set_faults(self, request: web.Request) -> web.Response:
        faults = await _read(request, Faults.of)
        self._stand_in.plan.set(faults)
        return _json(faults)

    async def limits(self, _request: web.Request) -> web.Response:
        return _json(self._stand_in.limits)

    async def set_limits(self, request: web.Request) -> web.Response:
        limits: Limits = await _read(request, self._stand_in.limits.changed)
        self._stand_in.set_limits(limits)
        return _json(limits)

    async def clock(self, _request: web.Request) -> web.Response:
        stand_in = self._stand_in
        return _json({"now": stand_in.now(), "advanced_seconds": stand_in.advanced_seconds})

    async def advance(self, request: web.Request) -> web.Response:
        self._stand_in.advance(await _read(request, _seconds))
        return await self.clock(request)

    async def reset(self, request: web.Request) -> web.Response:
        await _read(request, dict)
        self._stand_in.reset()
        return _json({})

    def _ledger(self, request: web.Request) -> Ledger:
        name = request.query.get("of", "line")
        if name not in ("line", "webhook"):
            raise _bad(f"of is line or webhook, not {name!r}")
        return self._stand_in.line if name == "line" else self._stand_in.webhook


def _json(content: Any) -> web.Response:
    return web.Response(body=orjson.dumps(content), content_type="application/json")


def _bad(sentence: str) -> web.HTTPBadRequest:
    return web.HTTPBadRequest(reason=sentence.replace("\n", " ").replace("\r", " "))


async def _read(request: web.Request, read: Callable[[dict[str, Any]], Read]) -> Read:
    # A web page of another origin can't send this type without asking first.
    if request.content_type != "application/json":
        raise _bad("send application/json")
    try:
        content = orjson.loads(await request.read() or b"{}")
    except orjson.JSONDecodeError as error:
        raise _bad(f"not JSON: {error}") from None
    if not isinstance(content, dict):
        raise _bad("send a JSON object")
    try:
        return read(content)
    except BadOption as error:
        raise _bad(str(error)) from None


def _seconds(content: dict[str, Any]) -> float:
    seconds = content.get("advance_seconds")
    if not isinstance(seconds, int | float) or isinstance(seconds, bool) or not 0 <= seconds < 1e10:
        raise BadOption("send {'advance_seconds': a number from 0 on}")
    return float(seconds)


def _place(request: web.Request) -> tuple[int, int]:
    after, limit = request.query.get("after", "0"), request.query.get("limit", str(_PAGE))
    if not all(text.isascii() and text.isdigit() and len(text) < 16 for text in (after, limit)):
        raise _bad("after and limit are numbers")
    return int(after), max(1, min(int(limit), _LARGEST_PAGE))


def _onward(start: int, limit: int, count: int) -> int | None:
    return start + limit if start + limit < count else None


def _key(ledger: Ledger, key: bytes) -> str:
    if ledger.name == "line":
        return str(uuid.UUID(bytes=key))
    return key.decode("utf-8", "replace")


async def _streamed(
    request: web.Request, count: int, listed: Callable[[int, int], Any]
) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/jsonl"})
    await response.prepare(request)
    for start in range(0, count, _PAGE):
        lines = (orjson.dumps(shown_inbox(inbox)) for inbox in listed(start, _PAGE))
        await response.write(b"\n".join(lines) + b"\n")
    await response.write_eof()
    return response
