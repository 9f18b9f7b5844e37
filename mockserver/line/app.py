"""The stand-in as an aiohttp application: requests in, answers out, faults on the wire.

What is answered is decided in `doors.py` and `webhook.py`; what is asked of the stand-in itself
stands in `control.py` and `page.py`.
"""

import asyncio
import logging
import socket
import struct
from collections.abc import Callable
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from mockserver.line.answers import (
    CONCURRENT,
    RATE_LIMIT,
    SERVER_ERROR,
    Answer,
    refusal,
    request_id,
)
from mockserver.line.control import add_control
from mockserver.line.doors import Ask, Begun, Door, LineDoor, rate_limited
from mockserver.line.faults import FAULTS, Fault, Manner
from mockserver.line.page import add_page
from mockserver.line.standin import StandIn
from mockserver.line.webhook import WebhookDoor

__all__ = ["create_app"]

_BODY_BYTES = 2 * 1024 * 1024
"""LINE: a larger request is answered 413."""
_POLL_SECONDS = 0.05
_log = logging.getLogger(__name__)


def create_app(stand_in: StandIn, stopping: asyncio.Event) -> web.Application:
    """Return the application; hanging answers end when `stopping` is set."""
    app = web.Application(middlewares=[_shell(stand_in)], client_max_size=_BODY_BYTES)
    line = LineDoor(stand_in)
    push = _Sender(stand_in, line, stopping)
    webhook = _Sender(stand_in, WebhookDoor(stand_in), stopping)
    post, get = app.router.add_post, app.router.add_get
    post("/v2/bot/message/push", push.serve)
    post("/v2/bot/message/multicast", push.serve)
    post("/v2/bot/message/validate/push", _plain(stand_in, line, line.validate))
    get("/v2/bot/message/quota", _plain(stand_in, line, line.quota))
    get("/v2/bot/message/quota/consumption", _plain(stand_in, line, line.consumption))
    post("/webhook", webhook.serve)
    add_control(app, stand_in)
    add_page(app, stand_in)
    return app


def _shell(stand_in: StandIn) -> Middleware:
    @web.middleware
    async def shell(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPException as error:
            message = "Not found" if error.status == 404 else error.reason
            headers = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
            return _response(refusal(error.status, message, **headers), stand_in.next_number())
        except Exception:  # noqa: BLE001 - the last door: a sentence in place of a traceback
            _log.exception("the stand-in failed on %s", request.path)
            message = "the stand-in itself failed; its log says why"
            return _response(refusal(500, message), stand_in.next_number())

    return shell


def _plain(stand_in: StandIn, door: LineDoor, answer_to: Callable[[Ask], Answer]) -> Handler:
    """An endpoint that sends nothing to anyone: no faults but latency and a revoked token."""

    async def serve(request: web.Request) -> web.StreamResponse:
        ask = await _ask(request, stand_in)
        door.ledger.requests += 1
        if seconds := stand_in.plan.faults.latency_seconds:
            await asyncio.sleep(seconds)
        answer = answer_to(ask)
        door.ledger.statuses[str(answer.status)] += 1
        return _response(answer, ask.number)

    return serve


async def _ask(request: web.Request, stand_in: StandIn) -> Ask:
    body = await request.read()
    return Ask(stand_in.next_number(), request.path, request.headers, body)


def _response(answer: Answer, number: int) -> web.Response:
    headers = {"x-line-request-id": request_id(number), **answer.headers}
    headers["Content-Type"] = "application/json"
    return web.Response(status=answer.status, body=answer.body, headers=headers)


class _Sender:
    """Serves a door, with latency and faults."""

    def __init__(self, stand_in: StandIn, door: Door, stopping: asyncio.Event) -> None:
        self._stand_in = stand_in
        self._door = door
        self._stopping = stopping

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        ask = await _ask(request, self._stand_in)
        self._door.ledger.requests += 1
        try:
            return await self._serve(request, ask)
        except Exception:  # the state file can't be written, say
            self._door.ledger.statuses["500"] += 1
            raise

    async def _serve(self, request: web.Request, ask: Ask) -> web.StreamResponse:
        begun = self._door.begin(ask)
        if isinstance(begun, Answer):
            return self._answered(begun, ask.number)
        self._stand_in.in_flight += 1
        try:
            return await self._go_on(request, ask, begun)
        finally:
            self._stand_in.in_flight -= 1

    async def _go_on(self, request: web.Request, ask: Ask, begun: Begun) -> web.StreamResponse:
        plan = self._stand_in.plan
        name = plan.draw(begun.identity(ask.number), begun.attempt)
        fault = FAULTS[name] if name else None
        half_seconds = plan.faults.latency_seconds / 2
        slow_seconds = plan.faults.slow_seconds
        if half_seconds:
            await asyncio.sleep(half_seconds)
        answer = self._door.finish(ask, begun) if fault is None or fault.delivers else None
        if half_seconds:
            await asyncio.sleep(half_seconds)
        if fault is None and answer is not None:
            return self._answered(answer, ask.number)
        if fault is not None and fault.manner is Manner.SLOW:
            await asyncio.sleep(slow_seconds)
        return await self._played(request, ask, answer, fault)

    async def _played(
        self, request: web.Request, ask: Ask, answer: Answer | None, fault: Fault | None
    ) -> web.StreamResponse:
        manner = fault.manner if fault else Manner.ERROR
        if manner is Manner.RATE:
            return self._answered(rate_limited(self._stand_in, RATE_LIMIT), ask.number)
        if manner is Manner.CONCURRENT:
            return self._answered(rate_limited(self._stand_in, CONCURRENT), ask.number)
        if manner is Manner.SLOW and answer is not None:
            return self._answered(answer, ask.number)
        if manner is Manner.ERROR:
            return self._answered(refusal(500, SERVER_ERROR), ask.number)
        self._door.ledger.statuses["none"] += 1
        if manner is Manner.HANG:
            await self._hang(request)
        unsent = answer or refusal(500, SERVER_ERROR)
        _break_off(request, manner, unsent, ask.number)
        return _response(unsent, ask.number)  # to a connection that is closed

    async def _hang(self, request: web.Request) -> None:
        # aiohttp has no event for a client that leaves while its request is being handled.
        while (transport := request.transport) is not None and not transport.is_closing():
            if self._stopping.is_set():
                return
            await asyncio.sleep(_POLL_SECONDS)

    def _answered(self, answer: Answer, number: int) -> web.Response:
        self._door.ledger.statuses[str(answer.status)] += 1
        return _response(answer, number)


def _break_off(request: web.Request, manner: Manner, answer: Answer, number: int) -> None:
    """End the connection as the fault asks for."""
    transport = request.transport
    if transport is None:
        return
    if manner is Manner.RESET:
        linger_no_time = struct.pack("ii", 1, 0)
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_no_time)
        transport.abort()
        return
    if manner is Manner.HALF:
        transport.write(_half_of(answer, number))
    transport.close()


def _half_of(answer: Answer, number: int) -> bytes:
    lines = [
        f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}",
        "Content-Type: application/json",
        f"Content-Length: {len(answer.body)}",
        f"x-line-request-id: {request_id(number)}",
        *(f"{name}: {value}" for name, value in answer.headers.items()),
    ]
    head = "\r\n".join(lines).encode() + b"\r\n\r\n"
    return head + answer.body[: len(answer.body) // 2]
