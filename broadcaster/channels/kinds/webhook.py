"""POSTs each message to a URL of the user's.

What a service does with a repeated request is unknown, so an unknown outcome is not repeated unless
the user says that the service honours `Idempotency-Key` (`webhook+idempotent:`).
"""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from urllib.parse import urlsplit

import orjson

from broadcaster.channels.base import Answer, Channel, Quota, Verdict
from broadcaster.channels.http_reply import Reply, Transport, retry_after_seconds
from broadcaster.channels.kind import ChannelKind, ChannelSettings
from broadcaster.channels.remote_words import RemoteWords
from broadcaster.channels.webhook_signature import Signer, webhook_signer
from broadcaster.errors import WrongCommand
from broadcaster.model import Call
from checker import Endpoint, UsageError, parse_headers, visible

__all__ = ["KINDS", "WebhookChannel"]

_OURS = frozenset({
    "content-type", "idempotency-key", "user-agent", "webhook-id", "webhook-signature",
    "webhook-timestamp",
})  # fmt: skip
_WHO = "the webhook"
_MASK = "•••"
_CONCURRENCY = 128
_IDLE_SECONDS = 1.0
"""Node.js, uvicorn and Apache close an unused connection after 5 s, gunicorn after 2 s."""
_TOKEN = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])[\w.~%-]{16,}")
_NOT_THIS_ROW = frozenset({401, 403, 405, 406, 407, 411, 415, 426, 431, 501, 511})
"""Statuses that any row would get: credentials, method, media type and the like (RFC 9110)."""
_LATER = frozenset({408, 425, 429})


def _headers_of(
    given: Sequence[tuple[str, str]], environ: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:
    """The user's headers: those given, and the lines of BROADCAST_WEBHOOK_HEADERS. Raises
    WrongCommand.
    """
    pairs = list(given)
    for line in environ.get("BROADCAST_WEBHOOK_HEADERS", "").splitlines():
        if line.strip():
            name, colon, value = line.partition(":")
            if not colon:
                raise WrongCommand(
                    "BROADCAST_WEBHOOK_HEADERS holds lines of the form 'Name: value'; "
                    "one of them has no colon."
                )
            pairs.append((name.strip(), value.strip()))
    try:
        headers = parse_headers(pairs)
    except UsageError as error:
        raise WrongCommand(f"webhook: {error}") from None
    for name, _ in headers:
        if name.lower() in _OURS:
            raise WrongCommand(f"webhook: the header {name!r} is set by the broadcast itself.")
    return headers


class WebhookChannel:
    """One POST a row: `{"key", "uid", "msg"}`, and the key also as `Idempotency-Key`."""

    rate: float | None = 2000.0
    concurrency = _CONCURRENCY
    group_limit = 1
    row_format: str | None = None

    def __init__(
        self,
        url: str,
        *,
        idempotent: bool = False,
        headers: Sequence[tuple[str, str]] = (),
        signer: Signer | None = None,
        timeout_seconds: float = 30.0,
        ca_bundle: str | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._url = _parsed(url)
        self.idempotent = idempotent
        self.name = f"webhook{'+idempotent' if idempotent else ''}:{_masked(self._url)}"
        self._headers = tuple(headers)
        self._signer = signer
        hidden = [value for _, value in headers] + _secrets_of(self._url)
        hidden += signer.secrets if signer else []
        self._words = RemoteWords(hidden)
        self._clock = clock
        transport = Transport(
            concurrency=_CONCURRENCY, timeout_seconds=timeout_seconds,
            idle_seconds=_IDLE_SECONDS, ca_bundle=ca_bundle,
        )  # fmt: skip
        from broadcaster.channels.http_client import HttpClient  # slow to load

        self._client = HttpClient(_WHO, transport)

    def render(self, uids: Sequence[str], msg: str) -> bytes:
        """The body but for its key."""
        return orjson.dumps({"uid": uids[0], "msg": msg})

    async def open(self) -> None:
        """Get connections ready. Raises WrongCommand for a bad CA bundle."""
        own = {"Content-Type": "application/json", **dict(self._headers)}
        await self._client.open(self._url, own)

    async def send(self, call: Call) -> Answer:
        """POST the row."""
        key = str(call.key)
        body = b'{"key":"' + key.encode() + b'",' + call.request[1:]
        headers = {"Idempotency-Key": key}
        if self._signer is not None:
            headers |= self._signer.headers(key, body, self._clock())
        reply = await self._client.post(self._url, headers, body)
        if isinstance(reply, Answer):
            return reply
        return self._meaning(reply, call)

    def _meaning(self, reply: Reply, call: Call) -> Answer:
        status = reply.status
        if 200 <= status < 300:
            reference = self._words.reference(reply.headers.get("X-Request-Id", ""))
            return Answer(verdict=Verdict.ACCEPTED, reference=reference)
        wait = retry_after_seconds(reply.headers, self._clock())
        said = self._said(reply, call)
        reason = f"The webhook answered {status}{f': {said}' if said else '.'}"
        if status in _LATER:
            return Answer(verdict=Verdict.LATER, reason=reason, after_seconds=wait, slow_down=True)
        return Answer(
            verdict=self._verdict(status), reason=reason + _advice(status),
            after_seconds=wait, slow_down=status == 503,
        )  # fmt: skip

    def _verdict(self, status: int) -> Verdict:
        """A redirect says that nothing was done here, but for 303, which answers a request that
        was (RFC 9110, 15.4.4). 409 to an idempotency key: an earlier request is being handled.
        """
        if status in _NOT_THIS_ROW or (300 <= status < 400 and status != 303):
            return Verdict.PAUSE
        if 400 <= status < 500 and not (status == 409 and self.idempotent):
            return Verdict.REFUSED
        return Verdict.UNKNOWN

    def _said(self, reply: Reply, call: Call) -> str:
        private = [str(call.key)]
        for delivery in call.deliveries:
            private += [delivery.uid, delivery.msg]
        return self._words.fit(reply.said, private)

    async def quota(self) -> Quota | None:
        """A webhook tells of no limit."""
        return None

    async def validate(self, requests: Sequence[bytes]) -> str | None:
        """A webhook can't be asked without sending."""
        return None

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()


def _advice(status: int) -> str:
    if status in (401, 403, 407):
        return " Check the headers and the secret that it is sent, then resume."
    if 300 <= status < 400 and status != 303:
        return " Redirects are not followed: give the address that it leads to."
    return ""


def _parsed(url: str) -> str:
    """Raises WrongCommand, which never repeats the URL."""
    if "@" in url.partition("://")[2].partition("/")[0]:
        raise WrongCommand(
            "webhook: the URL holds credentials; give them as a header "
            "(--webhook-header-env, BROADCAST_WEBHOOK_HEADERS), and leave them out of the URL."
        )
    try:
        return Endpoint.parse(url).url
    except UsageError as error:
        raise WrongCommand(f"webhook: {error}") from None


def _secrets_of(url: str) -> list[str]:
    """Many services give out addresses that are credentials: what of one may not be shown."""
    parts = urlsplit(url)
    return [
        *(segment for segment in parts.path.split("/") if _TOKEN.fullmatch(segment)),
        *(item.partition("=")[2] or item for item in parts.query.split("&")),
    ]


def _masked(url: str) -> str:
    parts = urlsplit(url)
    path = "/".join(
        _MASK if _TOKEN.fullmatch(segment) else segment for segment in parts.path.split("/")
    )
    items = [item.partition("=") for item in parts.query.split("&") if item]
    query = "&".join(f"{name}={_MASK}" if equals else _MASK for name, equals, _ in items)
    shown = f"{parts.scheme}://{parts.netloc}{path}"
    return visible(f"{shown}?{query}" if query else shown)


def _make(address: str, settings: ChannelSettings, *, idempotent: bool) -> Channel:
    return WebhookChannel(
        address,
        idempotent=idempotent,
        headers=_headers_of(settings.headers, settings.environ),
        signer=webhook_signer(settings.environ),
        timeout_seconds=settings.timeout_seconds,
        ca_bundle=settings.ca_bundle,
    )


def _looks_like_a_url(name: str, rest: str) -> bool:
    return name in ("http", "https") and rest.startswith("//")


KINDS = (
    ChannelKind(
        name="webhook",
        address="URL",
        summary="POST each message to URL, at most once",
        make=partial(_make, idempotent=False),
        takes_headers=True,
        hint=_looks_like_a_url,
        hint_words="To POST to a URL",
    ),
    ChannelKind(
        name="webhook+idempotent",
        address="URL",
        summary="the same, exactly once: URL accepts an Idempotency-Key only once",
        make=partial(_make, idempotent=True),
        takes_headers=True,
    ),
)
