"""Sends through LINE's Messaging API, by its public documentation.

LINE executes a request once for each retry key in 24 hours, so that an unknown outcome may be
repeated with the same key and the same bytes ("Retry failed API requests").
"""

from collections.abc import Sequence

import orjson

from broadcaster.channels.base import Answer, Channel, Quota, Verdict
from broadcaster.channels.http_reply import Reply, Transport, retry_after_seconds
from broadcaster.channels.kind import ChannelKind, ChannelSettings
from broadcaster.channels.line_settings import TOKEN_VARIABLES, LineSettings
from broadcaster.channels.remote_words import RemoteWords
from broadcaster.model import Call

__all__ = ["KINDS", "LineChannel"]

_CONCURRENCY = 256
_PUSH_RATE = 2000.0
_MULTICAST_RATE = 200.0
_MULTICAST_ROWS = 500
"""LINE, "Rate limits" and "Send multicast message": requests a second, users a request."""
_REQUEST_ID = "x-line-request-id"
_SEVERAL = b'{"to":['
_MONTHLY = "monthly limit"
_TAKEN_BEFORE = "retry key is already accepted"
_UNREACHABLE_USER = "Failed to send messages"
_TOKEN_REFUSED = frozenset({401, 403})
_WRONG_ADDRESS = frozenset({404, 405, 410, 415})


class LineChannel:
    """Push; with `multicast`, rows of one text together."""

    idempotent = True
    concurrency = _CONCURRENCY
    row_format: str | None = "line"

    def __init__(
        self,
        settings: LineSettings,
        *,
        multicast: bool = False,
        timeout_seconds: float = 30.0,
        ca_bundle: str | None = None,
    ) -> None:
        self.name = settings.name
        self.rate: float | None = _MULTICAST_RATE if multicast else _PUSH_RATE
        self.group_limit = _MULTICAST_ROWS if multicast else 1
        self._settings = settings
        self._words = RemoteWords()
        from broadcaster.channels.http_client import HttpClient  # slow to load

        self._client = HttpClient(
            "LINE",
            Transport(
                concurrency=_CONCURRENCY, timeout_seconds=timeout_seconds, ca_bundle=ca_bundle
            ),
        )
        base = f"{settings.base_url}/v2/bot/message"
        self._push = f"{base}/push"
        self._multicast = f"{base}/multicast"
        self._validate = f"{base}/validate/push"
        self._quota = f"{base}/quota"
        self._consumption = f"{base}/quota/consumption"

    def render(self, uids: Sequence[str], msg: str) -> bytes:
        """The body of a push for one uid, of a multicast for several."""
        to = uids[0] if len(uids) == 1 else list(uids)
        return orjson.dumps({"to": to, "messages": [{"type": "text", "text": msg}]})

    async def open(self) -> None:
        """Read the token, and get connections ready. Raises WrongCommand."""
        token = self._settings.token()
        self._words = RemoteWords([token])
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        await self._client.open(self._push, headers)

    async def send(self, call: Call) -> Answer:
        """Push or multicast the call's rows."""
        url = self._multicast if call.request.startswith(_SEVERAL) else self._push
        headers = {"X-Line-Retry-Key": str(call.key)}
        reply = await self._client.post(url, headers, call.request)
        if isinstance(reply, Answer):
            return reply
        return self._meaning(reply, [delivery.uid for delivery in call.deliveries])

    def _meaning(self, reply: Reply, uids: Sequence[str]) -> Answer:
        status = reply.status
        if status == 200 and _is_of_line(reply):
            return self._accepted(reply, _REQUEST_ID)
        if status == 409:
            return self._conflict(reply)
        if status == 429:
            return self._too_many(reply)
        if status in _TOKEN_REFUSED or status in _WRONG_ADDRESS or 200 <= status < 400:
            return Answer(verdict=Verdict.PAUSE, reason=_for_a_person(status))
        if status in (400, 413):
            reason = self._refusal(reply, uids)
            return Answer(verdict=Verdict.REFUSED, reason=reason)
        wait = retry_after_seconds(reply.headers)
        return Answer(
            verdict=Verdict.UNKNOWN,
            reason=f"LINE answered {status}.",
            after_seconds=wait,
            slow_down=wait is not None,
        )

    def _accepted(self, reply: Reply, header: str) -> Answer:
        reference = self._words.reference(reply.headers.get(header, ""))
        return Answer(verdict=Verdict.ACCEPTED, reference=reference)

    def _conflict(self, reply: Reply) -> Answer:
        """An earlier attempt was accepted after all."""
        header = "x-line-accepted-request-id"
        if header in reply.headers or _TAKEN_BEFORE in reply.said:
            return self._accepted(reply, header)
        return Answer(verdict=Verdict.UNKNOWN, reason="LINE answered 409 without a reason.")

    def _too_many(self, reply: Reply) -> Answer:
        """429 has three meanings, which only its message tells apart."""
        if _MONTHLY in reply.said:
            return Answer(
                verdict=Verdict.PAUSE,
                reason="LINE's monthly limit of messages is reached: raise the limit in LINE "
                "Official Account Manager or wait for the next month, then resume.",
            )
        return Answer(
            verdict=Verdict.LATER,
            reason="LINE asked to send more slowly (429).",
            after_seconds=retry_after_seconds(reply.headers),
            slow_down=True,
        )

    def _refusal(self, reply: Reply, uids: Sequence[str]) -> str:
        """LINE's own words, which name the property; in `details` is what is wrong with it."""
        if _UNREACHABLE_USER in reply.said:
            return "LINE does not know the user, or may not send to them (Failed to send messages)."
        message = self._words.fit(reply.said, uids)
        if not message:
            return f"LINE refused the request ({reply.status})."
        detail = self._words.fit(_first_detail(reply.body), uids)
        return f"LINE refused the request: {message}{f': {detail}' if detail else ''}"

    async def quota(self) -> Quota | None:
        """What is left of the month's messages; None when LINE does not say."""
        quota = await self._json(self._quota)
        if quota.get("type") == "none":
            return Quota(left=None, limit=None)
        consumption = await self._json(self._consumption)
        limit, used = quota.get("value"), consumption.get("totalUsage")
        if not isinstance(limit, int) or not isinstance(used, int):
            return None
        return Quota(left=max(limit - used, 0), limit=limit)

    async def _json(self, url: str) -> dict[str, object]:
        reply = await self._client.get(url)
        return {} if isinstance(reply, Answer) or reply.status != 200 else _object(reply.body)

    async def validate(self, requests: Sequence[bytes]) -> str | None:
        """What LINE has against the messages or the token; None if nothing, or if it can't tell."""
        for request in requests:
            messages = _object(request).get("messages")
            body = orjson.dumps({"messages": messages})
            reply = await self._client.post(self._validate, {}, body)
            if isinstance(reply, Answer):
                continue
            if reply.status == 400:
                return self._refusal(reply, ())
            if reply.status in _TOKEN_REFUSED or reply.status in _WRONG_ADDRESS:
                return _for_a_person(reply.status)
        return None

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()


def _is_of_line(reply: Reply) -> bool:
    """Some other server may answer 200 to anything."""
    return _REQUEST_ID in reply.headers or "json" in reply.content_type


def _for_a_person(status: int) -> str:
    if status in _TOKEN_REFUSED:
        return (
            f"LINE refuses the token ({status}): check BROADCAST_LINE_TOKEN or "
            "BROADCAST_LINE_TOKEN_FILE, then resume."
        )
    return f"This is not LINE's address ({status}): check BROADCAST_LINE_BASE_URL, then resume."


def _object(body: bytes) -> dict[str, object]:
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return content if isinstance(content, dict) else {}


def _first_detail(body: bytes) -> str:
    """`details` is a list of `message` and `property`."""
    details = _object(body).get("details")
    if isinstance(details, list) and details and isinstance(details[0], dict):
        words = (details[0].get("message"), details[0].get("property"))
        return " ".join(word for word in words if isinstance(word, str))
    return ""


def _make(_address: str, settings: ChannelSettings) -> Channel:
    return LineChannel(
        LineSettings(settings.environ),
        multicast=settings.multicast,
        timeout_seconds=settings.timeout_seconds,
        ca_bundle=settings.ca_bundle,
    )


KINDS = (
    ChannelKind(
        name="line",
        summary="LINE's Messaging API, exactly once (BROADCAST_LINE_TOKEN)",
        make=_make,
        takes_multicast=True,
        configured_by=TOKEN_VARIABLES,
    ),
)
