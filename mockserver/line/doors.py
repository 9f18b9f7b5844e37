"""The two doors through which messages come, as steps without I/O: `begin`, then `finish`.

Between the steps the server may play a fault or let time pass. A key's first request counts from
`begin`; the effect happens in `finish`, whole or not at all.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import NamedTuple, Protocol

import orjson

from mockserver.line.answers import (
    CONCURRENT,
    FAILED_TO_SEND,
    MONTHLY_LIMIT,
    RATE_LIMIT,
    RETRY_KEY_ACCEPTED,
    RETRY_KEY_INVALID,
    Answer,
    refusal,
    request_id,
)
from mockserver.line.buckets import Bucket
from mockserver.line.config import Ids
from mockserver.line.ledger import Ledger
from mockserver.line.messages import Sending, read_multicast, read_push, read_validation
from mockserver.line.standin import StandIn

__all__ = ["Ask", "Begun", "Door", "LineDoor", "ask_digest", "rate_limited"]

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_NOTHING = b"{}"


class Ask(NamedTuple):
    """A request as a door sees it."""

    number: int
    path: str
    headers: Mapping[str, str]
    body: bytes


class Begun(NamedTuple):
    """A request that may go on; `row` is its key's row, if it has a key."""

    key: bytes | None
    row: int
    attempt: int

    def identity(self, number: int) -> bytes:
        """What a fault is drawn by: the key, or the request's number where there is none."""
        return self.key if self.key is not None else number.to_bytes(16, "big")


class Door(Protocol):
    """What the server asks of a door."""

    ledger: Ledger

    def begin(self, ask: Ask) -> Begun | Answer:
        """Admit a request, or refuse it."""

    def finish(self, ask: Ask, begun: Begun) -> Answer:
        """Do what the request asks for, once."""


def ask_digest(ask: Ask) -> int:
    """What must be the same whenever a key comes again: path and body."""
    content = hashlib.blake2b(ask.path.encode() + b"\0" + ask.body, digest_size=8).digest()
    return int.from_bytes(content, "big")


def rate_limited(stand_in: StandIn, message: str) -> Answer:
    """429, with Retry-After if the limits say so."""
    seconds = stand_in.limits.retry_after_seconds
    return refusal(429, message, **({} if seconds is None else {"Retry_After": str(seconds)}))


class LineDoor:
    """LINE's endpoints."""

    def __init__(self, stand_in: StandIn) -> None:
        config = stand_in.config
        self.ledger = stand_in.line
        self._stand_in = stand_in
        self._authorization = f"Bearer {config.token}".encode()
        self._any_ids = config.any_ids
        self._unknown = Ids(config.unknown)
        self._blocked = Ids(config.blocked)

    def begin(self, ask: Ask) -> Begun | Answer:
        """Admit a push or a multicast: token, content type, retry key, rates."""
        if refused := self.unauthorized(ask) or _unsupported(ask):
            return refused
        stand_in = self._stand_in
        text = ask.headers.get("X-Line-Retry-Key")
        begun = Begun(None, -1, 1)
        at = stand_in.now()
        if text is not None:
            if not _UUID.fullmatch(text):
                return refusal(400, RETRY_KEY_INVALID)
            key = bytes.fromhex(text.replace("-", ""))
            met = self.ledger.meet(key, ask_digest(ask), at)
            begun = Begun(key, met.row, met.attempt)
        if not self._bucket(ask).take(at):
            return rate_limited(stand_in, RATE_LIMIT)
        if 0 < stand_in.limits.concurrency <= stand_in.in_flight:
            return rate_limited(stand_in, CONCURRENT)
        return begun

    def unauthorized(self, ask: Ask) -> Answer | None:
        """401 without the right token."""
        given = ask.headers.get("Authorization", "").encode()
        known = hmac.compare_digest(given, self._authorization)
        if known and not self._stand_in.plan.faults.unauthorized:
            return None
        reason = "invalid token" if given else "no authorization header"
        return refusal(
            401,
            f"Authentication failed due to the following reason: {reason}. "
            "Confirm that the access token in the authorization header is valid.",
        )

    def _bucket(self, ask: Ask) -> Bucket:
        multicast = ask.path.endswith("/multicast")
        return self._stand_in.multicast_bucket if multicast else self._stand_in.push_bucket

    def finish(self, ask: Ask, begun: Begun) -> Answer:
        """Deliver, unless this key was accepted before, the body is wrong, or the month is full."""
        accepted = self.ledger.keys.accepted(begun.row) if begun.key else 0
        is_push = ask.path.endswith("/push")
        sending = (read_push if is_push else read_multicast)(ask.body, any_ids=self._any_ids)
        if accepted:
            return self._repeated(accepted, sending if is_push else None)
        if isinstance(sending, Answer):
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
            number=ask.number,
            at=self._stand_in.now(),
            key=begun.key,
            uids=reached,
            texts=sending.texts,
        )
        return Answer(200, _sent(ask.number, sending) if is_push else _NOTHING)

    def _repeated(self, accepted: int, push: Sending | Answer | None) -> Answer:
        self.ledger.repeats_refused += 1
        body = {"message": RETRY_KEY_ACCEPTED}
        content = orjson.dumps(body)
        if isinstance(push, Sending):
            content = content[:-1] + b"," + _sent(accepted, push)[1:]
        return Answer(409, content, {"x-line-accepted-request-id": request_id(accepted)})

    def validate(self, ask: Ask) -> Answer:
        """Judge message objects: no target, no retry key, no quota."""
        if refused := self.unauthorized(ask) or _unsupported(ask):
            return refused
        if "X-Line-Retry-Key" in ask.headers:
            return refusal(400, RETRY_KEY_INVALID)
        return read_validation(ask.body) or Answer(200, _NOTHING)

    def quota(self, ask: Ask) -> Answer:
        """How many messages the month allows."""
        monthly = self._stand_in.limits.monthly
        none: dict[str, object] = {"type": "none"}
        content = none if monthly is None else {"type": "limited", "value": monthly}
        return self.unauthorized(ask) or Answer(200, orjson.dumps(content))

    def consumption(self, ask: Ask) -> Answer:
        """How many messages were delivered."""
        content = orjson.dumps({"totalUsage": self.ledger.effects})
        return self.unauthorized(ask) or Answer(200, content)


def _unsupported(ask: Ask) -> Answer | None:
    given = ask.headers.get("Content-Type", "")
    if given.partition(";")[0].strip().lower() == "application/json":
        return None
    return refusal(415, f"The content type, {given or 'none'}, is not supported")


def _sent(number: int, sending: Sending) -> bytes:
    sent = [
        {"id": str(number * 8 + place), "quoteToken": f"quote-{number * 8 + place}"}
        for place in range(len(sending.texts))
    ]
    return orjson.dumps({"sentMessages": sent})
