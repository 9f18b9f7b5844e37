"""The stand-in as an aiohttp application: requests in, answers out, faults on the wire.

What is answered is decided in `endpoints.py` and `webhook.py`; what is asked of the stand-in itself
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

from mockserver.line_api.control import add_control
from mockserver.line_api.endpoints import (
    AdmittedRequest,
    ApiEndpoint,
    ApiRequest,
    LineEndpoint,
    rate_limited,
)
from mockserver.line_api.faults import FAULTS, FaultKind, LineFault
from mockserver.line_api.page import add_page
from mockserver.line_api.responses import (
    CONCURRENT,
    RATE_LIMIT,
    SERVER_ERROR,
    ApiResponse,
    refusal,
    request_id,
)
from mockserver.line_api.stand_in import StandIn
from mockserver.line_api.webhook import WebhookEndpoint

__all__ = ["create_app"]

_BODY_BYTES = 2 * 1024 * 1024
"""LINE: a larger request is answered 413."""
_POLL_SECONDS = 0.05
_log = logging.getLogger(__name__)


def create_app(stand_in: StandIn, stopping: asyncio.Event) -> web.Application:
    """Return the application; hanging answers end when `stopping` is set."""
    app = web.Application(middlewares=[_shell(stand_in)], client_max_size=_BODY_BYTES)
    line = LineEndpoint(stand_in)
    push = _Sender(stand_in, line, stopping)
    webhook = _Sender(stand_in, WebhookEndpoint(stand_in), stopping)
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
            return _web_response(refusal(error.status, message, **headers), stand_in.next_number())
        except Exception:  # noqa: BLE001 - the outermost handler: a sentence in place of a traceback
            _log.exception("the stand-in failed on %s", request.path)
            message = "the stand-in itself failed; its log says why"
            return _web_response(refusal(500, message), stand_in.next_number())

    return shell


def _plain(
    stand_in: StandIn, endpoint: LineEndpoint, answer_to: Callable[[ApiRequest], ApiResponse]
) -> Handler:
    """An endpoint that sends nothing to anyone: no faults but latency and a revoked token."""

    async def serve(http_request: web.Request) -> web.StreamResponse:
        request = await _api_request(http_request, stand_in)
        endpoint.ledger.requests += 1
        if seconds := stand_in.plan.faults.latency_seconds:
            await asyncio.sleep(seconds)
        response = answer_to(request)
        endpoint.ledger.statuses[str(response.status)] += 1
        return _web_response(response, request.number)

    return serve


async def _api_request(http_request: web.Request, stand_in: StandIn) -> ApiRequest:
    body = await http_request.read()
    return ApiRequest(stand_in.next_number(), http_request.path, http_request.headers, body)


def _web_response(response: ApiResponse, number: int) -> web.Response:
    headers = {"x-line-request-id": request_id(number), **response.headers}
    headers["Content-Type"] = "application/json"
    return web.Response(status=response.status, body=response.body, headers=headers)


class _Sender:
    """Serves an endpoint, with latency and faults."""

    def __init__(self, stand_in: StandIn, endpoint: ApiEndpoint, stopping: asyncio.Event) -> None:
        self._stand_in = stand_in
        self._endpoint = endpoint
        self._stopping = stopping

    async def serve(self, http_request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        request = await _api_request(http_request, self._stand_in)
        self._endpoint.ledger.requests += 1
        try:
            return await self._serve(http_request, request)
        except Exception:  # the state file can't be written, say
            self._endpoint.ledger.statuses["500"] += 1
            raise

    async def _serve(self, http_request: web.Request, request: ApiRequest) -> web.StreamResponse:
        admitted = self._endpoint.admit(request)
        if isinstance(admitted, ApiResponse):
            return self._answered(admitted, request.number)
        self._stand_in.in_flight += 1
        try:
            return await self._go_on(http_request, request, admitted)
        finally:
            self._stand_in.in_flight -= 1

    async def _go_on(
        self, http_request: web.Request, request: ApiRequest, admitted: AdmittedRequest
    ) -> web.StreamResponse:
        plan = self._stand_in.plan
        name = plan.draw(admitted.identity(request.number), admitted.attempt)
        fault = FAULTS[name] if name else None
        half_seconds = plan.faults.latency_seconds / 2
        slow_seconds = plan.faults.slow_seconds
        if half_seconds:
            await asyncio.sleep(half_seconds)
        response = (
            self._endpoint.execute(request, admitted) if fault is None or fault.delivers else None
        )
        if half_seconds:
            await asyncio.sleep(half_seconds)
        if fault is None and response is not None:
            return self._answered(response, request.number)
        if fault is not None and fault.kind is FaultKind.SLOW:
            await asyncio.sleep(slow_seconds)
        return await self._played(http_request, request, response, fault)

    async def _played(
        self,
        http_request: web.Request,
        request: ApiRequest,
        response: ApiResponse | None,
        fault: LineFault | None,
    ) -> web.StreamResponse:
        kind = fault.kind if fault else FaultKind.ERROR
        if kind is FaultKind.RATE:
            return self._answered(rate_limited(self._stand_in, RATE_LIMIT), request.number)
        if kind is FaultKind.CONCURRENT:
            return self._answered(rate_limited(self._stand_in, CONCURRENT), request.number)
        if kind is FaultKind.SLOW and response is not None:
            return self._answered(response, request.number)
        if kind is FaultKind.ERROR:
            return self._answered(refusal(500, SERVER_ERROR), request.number)
        self._endpoint.ledger.statuses["none"] += 1
        if kind is FaultKind.HANG:
            await self._hang(http_request)
        unsent = response or refusal(500, SERVER_ERROR)
        _break_off(http_request, kind, unsent, request.number)
        return _web_response(unsent, request.number)  # to a connection that is closed

    async def _hang(self, http_request: web.Request) -> None:
        # aiohttp has no event for a client that leaves while its request is being handled.
        while (transport := http_request.transport) is not None and not transport.is_closing():
            if self._stopping.is_set():
                return
            await asyncio.sleep(_POLL_SECONDS)

    def _answered(self, response: ApiResponse, number: int) -> web.Response:
        self._endpoint.ledger.statuses[str(response.status)] += 1
        return _web_response(response, number)


def _break_off(
    http_request: web.Request, kind: FaultKind, response: ApiResponse, number: int
) -> None:
    """End the connection as the fault asks for."""
    transport = http_request.transport
    if transport is None:
        return
    if kind is FaultKind.RESET:
        linger_no_time = struct.pack("ii", 1, 0)
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_no_time)
        transport.abort()
        return
    if kind is FaultKind.HALF:
        transport.write(_half_of(response, number))
    transport.close()


def _half_of(response: ApiResponse, number: int) -> bytes:
    lines = [
        f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}",
        "Content-Type: application/json",
        f"Content-Length: {len(response.body)}",
        f"x-line-request-id: {request_id(number)}",
        *(f"{name}: {value}" for name, value in response.headers.items()),
    ]
    head = "\r\n".join(lines).encode() + b"\r\n\r\n"
    return head + response.body[: len(response.body) // 2]
