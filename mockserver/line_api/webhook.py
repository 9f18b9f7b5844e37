"""A plain sink for webhooks: takes any JSON, once for each idempotency key, and checks signatures.

The signature is that of Standard Webhooks: HMAC-SHA256 over `id.timestamp.body`, in base64.
"""

import base64
import hashlib
import hmac
from typing import Any

import orjson

from mockserver.line_api.endpoints import AdmittedRequest, ApiRequest, rate_limited, request_digest
from mockserver.line_api.responses import RATE_LIMIT, ApiResponse, refusal
from mockserver.line_api.stand_in import StandIn

__all__ = ["WebhookEndpoint"]

_TOLERANCE_SECONDS = 300
"""Standard Webhooks advises to refuse older timestamps; its libraries take five minutes."""


class WebhookEndpoint:
    """`POST /webhook`."""

    def __init__(self, stand_in: StandIn) -> None:
        self.ledger = stand_in.webhook
        self._stand_in = stand_in
        self._secret = stand_in.config.signing_key
        self._honours = stand_in.config.honour_idempotency_key

    def admit(self, request: ApiRequest) -> AdmittedRequest | ApiResponse:
        """Admit a webhook: signature, JSON, key, rate."""
        stand_in = self._stand_in
        verdict = self._signature(request)
        stand_in.signatures[verdict] += 1
        self._record(request, verdict)
        if self._secret and verdict != "valid":
            return refusal(401, f"The signature is {verdict}")
        if isinstance(content := _json(request.body), ApiResponse):
            return content
        key = _key(request)
        at = stand_in.now()
        admitted = AdmittedRequest(None, -1, 1)
        if key is not None:
            key_use = self.ledger.record_use(key, request_digest(request), at)
            if self._honours and not key_use.identical:
                return refusal(422, "The idempotency key was used for another request")
            admitted = AdmittedRequest(key, key_use.row, key_use.attempt)
        if not stand_in.push_bucket.allow(at):
            return rate_limited(stand_in, RATE_LIMIT)
        if 0 < stand_in.limits.concurrency <= stand_in.in_flight:
            return rate_limited(stand_in, "Too many requests at the same time")
        return admitted

    def _signature(self, request: ApiRequest) -> str:
        names = ("webhook-id", "webhook-timestamp", "webhook-signature")
        identity, timestamp, signatures = (request.headers.get(name, "") for name in names)
        if not (identity and timestamp and signatures):
            return "missing"
        if not self._secret:
            return "unchecked"
        signed = f"{identity}.{timestamp}.".encode() + request.body
        wanted = base64.b64encode(hmac.digest(self._secret, signed, hashlib.sha256))
        given = [
            each.removeprefix("v1,").encode() for each in signatures.split() if each[:3] == "v1,"
        ]
        if not any(hmac.compare_digest(each, wanted) for each in given):
            return "invalid"
        # By the real clock: a clock put forward is to age keys, not signatures.
        age = abs(self._stand_in.config.clock() - _number(timestamp))
        return "valid" if age <= _TOLERANCE_SECONDS else "too old"

    def _record(self, request: ApiRequest, verdict: str) -> None:
        names = ("Idempotency-Key", "webhook-id", "webhook-timestamp", "webhook-signature")
        headers = {name.lower(): request.headers.get(name) for name in names}
        self._stand_in.recent_webhooks.append(
            {"number": request.number, **headers, "verdict": verdict}
        )

    def execute(self, request: ApiRequest, admitted: AdmittedRequest) -> ApiResponse:
        """Count the effect, unless the key was accepted before and keys are honoured."""
        if admitted.key and self._honours and self.ledger.keys.accepted(admitted.row):
            self.ledger.repeats_refused += 1
            return ApiResponse(
                200, b'{"accepted":true,"repeated":true}', {"Idempotent-Replayed": "true"}
            )
        content = orjson.loads(request.body)
        self.ledger.deliver(
            number=request.number,
            at=self._stand_in.now(),
            key=admitted.key,
            uids=(_uid(content),),
            texts=(_text(content, request.body),),
        )
        return ApiResponse(200, b'{"accepted":true,"repeated":false}')


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        return refusal(400, f"The body is not JSON: {error}")


def _key(request: ApiRequest) -> bytes | None:
    """The idempotency key; Standard Webhooks gives its own header the same meaning."""
    text = request.headers.get("Idempotency-Key") or request.headers.get("webhook-id")
    return text.encode("utf-8", "surrogateescape") if text else None


def _uid(content: Any) -> str:
    uid = content.get("uid") if isinstance(content, dict) else None
    return uid if isinstance(uid, str) else ""


def _text(content: Any, body: bytes) -> str:
    text = content.get("msg") if isinstance(content, dict) else None
    return text if isinstance(text, str) else body.decode()


def _number(text: str) -> float:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else float("-inf")
