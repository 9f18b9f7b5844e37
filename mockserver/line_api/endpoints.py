"""The endpoints that accept messages, as two steps without I/O: `admit`, then `execute`.

Between the steps the server may play a fault or let time pass. A key's first request counts from
`admit`; the effect happens in `execute`, whole or not at all.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import NamedTuple, Protocol

import orjson

from mockserver.line_api.buckets import Bucket
from mockserver.line_api.config import Ids
from mockserver.line_api.ledger import Ledger
from mockserver.line_api.messages import (
    AddressedMessages,
    read_multicast,
    read_push,
    read_validation,
)
from mockserver.line_api.responses import (
    CONCURRENT,
    FAILED_TO_SEND,
    MONTHLY_LIMIT,
    RATE_LIMIT,
    RETRY_KEY_ACCEPTED,
    RETRY_KEY_INVALID,
    ApiResponse,
    refusal,
    request_id,
)
from mockserver.line_api.stand_in import StandIn

__all__ = [
    "AdmittedRequest",
    "ApiEndpoint",
    "ApiRequest",
    "LineEndpoint",
    "rate_limited",
    "request_digest",
]

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_NOTHING = b"{}"


class ApiRequest(NamedTuple):
    """A request as an endpoint sees it."""

    number: int
    path: str
    headers: Mapping[str, str]
    body: bytes


class AdmittedRequest(NamedTuple):
    """A request that may go on; `row` is its key's row, if it has a key."""

    key: bytes | None
    row: int
    attempt: int

    def identity(self, number: int) -> bytes:
        """What a fault is drawn by: the key, or the request's number where there is none."""
        return self.key if self.key is not None else number.to_bytes(16, "big")


class ApiEndpoint(Protocol):
    """The two steps of an endpoint, as the server calls them."""

    ledger: Ledger

    def admit(self, request: ApiRequest) -> AdmittedRequest | ApiResponse:
        """Admit a request, or refuse it."""

    def execute(self, request: ApiRequest, admitted: AdmittedRequest) -> ApiResponse:
        """Do what the request asks for, once."""


def request_digest(request: ApiRequest) -> int:
    """What must be the same whenever a key comes again: path and body."""
    content = hashlib.blake2b(request.path.encode() + b"\0" + request.body, digest_size=8).digest()
    return int.from_bytes(content, "big")


def rate_limited(stand_in: StandIn, message: str) -> ApiResponse:
    """429, with Retry-After if the limits say so."""
    seconds = stand_in.limits.retry_after_seconds
    return refusal(429, message, **({} if seconds is None else {"Retry_After": str(seconds)}))


class LineEndpoint:
    """LINE's endpoints."""

    def __init__(self, stand_in: StandIn) -> None:
        config = stand_in.config
        self.ledger = stand_in.line
        self._stand_in = stand_in
        self._authorization = f"Bearer {config.token}".encode()
        self._any_ids = config.any_ids
        self._unknown = Ids(config.unknown)
        self._blocked = Ids(config.blocked)

    def admit(self, request: ApiRequest) -> AdmittedRequest | ApiResponse:
        """Admit a push or a multicast: token, content type, retry key, rates."""
        if refused := self.unauthorized(request) or _unsupported(request):
            return refused
        stand_in = self._stand_in
        text = request.headers.get("X-Line-Retry-Key")
        admitted = AdmittedRequest(None, -1, 1)
        at = stand_in.now()
        if text is not None:
            if not _UUID.fullmatch(text):
                return refusal(400, RETRY_KEY_INVALID)
            key = bytes.fromhex(text.replace("-", ""))
            key_use = self.ledger.record_use(key, request_digest(request), at)
            admitted = AdmittedRequest(key, key_use.row, key_use.attempt)
        if not self._bucket(request).allow(at):
            return rate_limited(stand_in, RATE_LIMIT)
        if 0 < stand_in.limits.concurrency <= stand_in.in_flight:
            return rate_limited(stand_in, CONCURRENT)
        return admitted

    def unauthorized(self, request: ApiRequest) -> ApiResponse | None:
        """401 without the right token."""
        given = request.headers.get("Authorization", "").encode()
        known = hmac.compare_digest(given, self._authorization)
        if known and not self._stand_in.plan.faults.unauthorized:
            return None
        reason = "invalid token" if given else "no authorization header"
        return refusal(
            401,
            f"Authentication failed due to the following reason: {reason}. "
            "Confirm that the access token in the authorization header is valid.",
        )

    def _bucket(self, request: ApiRequest) -> Bucket:
        multicast = request.path.endswith("/multicast")
        return self._stand_in.multicast_bucket if multicast else self._stand_in.push_bucket

    def execute(self, request: ApiRequest, admitted: AdmittedRequest) -> ApiResponse:
        """Deliver, unless this key was accepted before, the body is wrong, or the month is full."""
        accepted = self.ledger.keys.accepted(admitted.row) if admitted.key else 0
        is_push = request.path.endswith("/push")
        sending = (read_push if is_push else read_multicast)(request.body, any_ids=self._any_ids)
        if accepted:
            return self._repeated(accepted, sending if is_push else None)
        if isinstance(sending, ApiResponse):
            return sending
        if is_push and sending.uids[0] in self._unknown:
            return refusal(400, FAILED_TO_SEND)
        reached = [
            uid for uid in sending.uids if uid not in self._blocked and uid not in self._unknown
        ]
        monthly = self._stand_in.limits.monthly
        if monthly is not None and self.ledger.effects + len(reached) > monthly:
            return refusal(429, MONTHLY_LIMIT)
        self.ledger.deliver(
            number=request.number,
            at=self._stand_in.now(),
            key=admitted.key,
            uids=reached,
            texts=sending.texts,
        )
        return ApiResponse(200, _sent(request.number, sending) if is_push else _NOTHING)

    def _repeated(self, accepted: int, push: AddressedMessages | ApiResponse | None) -> ApiResponse:
        self.ledger.repeats_refused += 1
        body = {"message": RETRY_KEY_ACCEPTED}
        content = orjson.dumps(body)
        if isinstance(push, AddressedMessages):
            content = content[:-1] + b"," + _sent(accepted, push)[1:]
        return ApiResponse(409, content, {"x-line-accepted-request-id": request_id(accepted)})

    def validate(self, request: ApiRequest) -> ApiResponse:
        """Judge message objects: no target, no retry key, no quota."""
        if refused := self.unauthorized(request) or _unsupported(request):
            return refused
        if "X-Line-Retry-Key" in request.headers:
            return refusal(400, RETRY_KEY_INVALID)
        return read_validation(request.body) or ApiResponse(200, _NOTHING)

    def quota(self, request: ApiRequest) -> ApiResponse:
        """How many messages the month allows."""
        monthly = self._stand_in.limits.monthly
        none: dict[str, object] = {"type": "none"}
        content = none if monthly is None else {"type": "limited", "value": monthly}
        return self.unauthorized(request) or ApiResponse(200, orjson.dumps(content))

    def consumption(self, request: ApiRequest) -> ApiResponse:
        """How many messages were delivered."""
        content = orjson.dumps({"totalUsage": self.ledger.effects})
        return self.unauthorized(request) or ApiResponse(200, content)


def _unsupported(request: ApiRequest) -> ApiResponse | None:
    given = request.headers.get("Content-Type", "")
    if given.partition(";")[0].strip().lower() == "application/json":
        return None
    return refusal(415, f"The content type, {given or 'none'}, is not supported")


def _sent(number: int, sending: AddressedMessages) -> bytes:
    sent = [
        {"id": str(number * 8 + place), "quoteToken": f"quote-{number * 8 + place}"}
        for place in range(len(sending.texts))
    ]
    return orjson.dumps({"sentMessages": sent})
