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
from broadcaster.channels.webhook_answers import SuccessRule, advice, error_in_body, verdict_of
from broadcaster.channels.webhook_signature import Signer, webhook_signer
from broadcaster.errors import WrongCommand
from broadcaster.model import Call
from checker import Endpoint, UsageError, parse_headers, visible

__all__ = ["KINDS", "WebhookChannel"]

_OURS = frozenset(
    {
        "content-type",
        "idempotency-key",
        "user-agent",
        "webhook-id",
        "webhook-signature",
        "webhook-timestamp",
    }
)
_WHO = "the webhook"
_MASK = "•••"
_CONCURRENCY = 128
_IDLE_SECONDS = 1.0
"""Node.js, uvicorn and Apache close an unused connection after 5 s, gunicorn after 2 s."""
_TOKEN = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])[\w.~%-]{16,}")
"""Statuses that say that the service, not this row, is the reason."""


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
        success: SuccessRule | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._url = _parsed(url)
        self.idempotent = idempotent
        self.name = f"webhook{'+idempotent' if idempotent else ''}:{_masked(self._url)}"
        self._headers = tuple(headers)
        self._signer = signer
        self._success = success
        hidden = [value for _, value in headers] + _secrets_of(self._url)
        hidden += signer.secrets if signer else []
        self._words = RemoteWords(hidden)
        self._clock = clock
        transport = Transport(
            concurrency=_CONCURRENCY,
            timeout_seconds=timeout_seconds,
            idle_seconds=_IDLE_SECONDS,
            ca_bundle=ca_bundle,
        )
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
        if not reply.complete:
            return Answer(
                verdict=Verdict.UNKNOWN,
                reason=f"The webhook's answer {reply.status} broke off before its end.",
            )
        if self._success is not None and reply.status == self._success.status:
            return self._accepted(reply)
        if 200 <= reply.status < 300:
            return self._meaning_of_success(reply, call)
        wait = retry_after_seconds(reply.headers, self._clock())
        verdict = verdict_of(
            reply.status, idempotent=self.idempotent, asks_to_wait=wait is not None
        )
        return Answer(
            verdict=verdict,
            reason=self._reason(f"The webhook answered {reply.status}", reply, call)
            + advice(reply.status),
            after_seconds=wait,
            slow_down=reply.status == 429 or wait is not None,
        )

    def _meaning_of_success(self, reply: Reply, call: Call) -> Answer:
        """A 2xx whose body may still say that the message was not accepted."""
        if self._success is not None and self._success.status is None:
            if self._success.holds(reply):
                return self._accepted(reply)
            what = f"The webhook answered {reply.status}, but not --webhook-success"
            return Answer(verdict=Verdict.REFUSED, reason=self._reason(what, reply, call))
        error = error_in_body(reply)
        if not error:
            return self._accepted(reply)
        what = f"The webhook answered {reply.status} with an error in the body ({error})"
        return Answer(verdict=Verdict.DOUBTFUL, reason=self._reason(what, reply, call))

    def _accepted(self, reply: Reply) -> Answer:
        reference = self._words.reference(reply.headers.get("X-Request-Id", ""))
        return Answer(verdict=Verdict.ACCEPTED, reference=reference)

    def _reason(self, what: str, reply: Reply, call: Call) -> str:
        said = self._said(reply, call)
        return f"{what}{f': {said}' if said else '.'}"

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
    success = settings.success or settings.environ.get("BROADCAST_WEBHOOK_SUCCESS", "")
    return WebhookChannel(
        address,
        idempotent=idempotent,
        headers=_headers_of(settings.headers, settings.environ),
        signer=webhook_signer(settings.environ),
        success=SuccessRule.parse(success) if success.strip() else None,
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
