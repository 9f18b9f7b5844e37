"""One request, one attempt: a reply or a named failure. The only room that opens sockets.

No cookies, no .netrc, no proxies of the environment, no redirects followed, no body of a redirect
read. Nothing that a server does raises here; what it did wrong is `Reply.failure`.
"""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import requests
import requests.structures

from checker.core.model import BODY_LIMIT_BYTES, Failure, Headers, Reply
from checker.core.protocols import HostResolver
from checker.transport.connection import Adapter, tls_context
from checker.transport.content_encoding import BadEncodingError, TooLargeError, decode_content
from checker.transport.failures import first_bytes, name_failure
from checker.transport.resolver import Resolver
from checker.transport.sockets import Attempt, MalformedError

__all__ = ["Transport"]

_ERROR_BODY_BYTES = 64 * 1024
_READ_BYTES = 256 * 1024
_REQUEST_TIMEOUT = 408
_PLAIN_TARGET = re.compile(r"/(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-F]{2})*")
"""A path and query that the library sends as they are."""


@dataclass(frozen=True, slots=True)
class _SentAhead:
    """A request on its way; `started` and `sent` are readings of time.monotonic()."""

    key: tuple[object, ...]
    connection: Any
    started: float
    sent: float

    def started_as_seen(self, now: float) -> float:
        """When the request would have begun, had nothing been done since but wait for it.

        What we did meanwhile is not the server's time. When the answer has come by now nobody knows
        how long it lay there, so all the time that we were away is taken off: the request then
        seems faster than it was, by no more than that.
        """
        away = now - self.sent if self.connection.is_answered else 0.0
        return self.started + away


_REPEATED_BYTES = 64


class Transport:
    """Keeps one connection alive to one endpoint; for one thread."""

    def __init__(
        self,
        *,
        timeout_seconds: float = 30.0,
        body_limit_bytes: int = BODY_LIMIT_BYTES,
        ca_bundle: str | None = None,
        resolver: HostResolver | None = None,
    ) -> None:
        """Raises UsageError when the CA bundle cannot be read."""
        self._timeout_seconds = timeout_seconds
        self._body_limit_bytes = body_limit_bytes
        self._attempt = Attempt(0.0, resolver or Resolver())
        if ca_bundle is not None:
            tls_context(ca_bundle)  # a file that cannot be read is told before anything is sent
        self._adapter = Adapter(self._attempt, ca_bundle)
        self._last: tuple[object, ...] = ()
        self._ahead: _SentAhead | None = None

    def send(self, method: str, url: str, headers: Mapping[str, str]) -> Reply:
        """One request with a deadline over all of it, from the look-up to the last byte."""
        now = time.monotonic()
        deadline = now + self._timeout_seconds
        ahead = self._take_ahead(method, url, headers)
        if ahead is not None:
            started = ahead.started_as_seen(now)
            reply = self._try(ahead.connection.answer, started, deadline, ahead.connection)
        else:
            self._last = (method, _origin(url), headers)
            request = _prepared(method, url, headers)
            reply = self._try(lambda: self._ask(request), now, deadline)
        if reply.silent_drop:
            # RFC 9112, section 9.3.1: a server may close an idle connection at any time
            request = _prepared(method, url, headers)
            reply = self._try(lambda: self._ask(request), now, deadline)
        return reply

    def send_ahead(self, method: str, url: str, headers: Mapping[str, str]) -> bool:
        """Send what `send` is going to be asked for next, and leave the answer to it.

        Only on a connection that is open and idle, and that asked the same server the same way for
        something else; False when nothing was sent.
        """
        self._take_ahead()
        origin, connection = _origin(url), self._attempt.connection
        target = url[len(origin) :]
        if self._last != (method, origin, headers) or not _PLAIN_TARGET.fullmatch(target):
            return False
        if connection is None or not connection.is_connected:
            return False
        started = time.monotonic()
        self._attempt.begin(started + self._timeout_seconds)
        if not connection.request_ahead(target):
            return False
        self._ahead = _SentAhead((method, url, headers), connection, started, time.monotonic())
        return True

    def _take_ahead(self, *key: object) -> "_SentAhead | None":
        """What is on its way, if it is this. If it is another request, its connection is given up,
        or its answer would be taken for this one's.
        """
        ahead, self._ahead = self._ahead, None
        if ahead is not None and ahead.key != key:
            ahead.connection.close()
            return None
        return ahead

    def close(self) -> None:
        """Let go of the connection."""
        self._adapter.close()

    def _ask(self, request: requests.PreparedRequest) -> Any:
        return self._adapter.send(request, stream=True, timeout=self._timeout_seconds).raw

    def _try(
        self,
        respond: Callable[[], Any],
        started: float,
        deadline: float,
        waiting: Any = None,
    ) -> Reply:
        """The reply out of the library's response; `waiting` is the connection that a request was
        sent ahead on.
        """
        attempt = self._attempt
        attempt.begin(deadline, stage="send" if waiting is None else "head")
        raw: Any = None
        status: int | None = None
        headers: Headers = ()
        body, wire_bytes = b"", -1
        failure: Failure | None = None
        try:
            raw = respond()
            if attempt.ended:
                raise MalformedError  # noqa: TRY301  the head was cut off; named below
            status, headers = raw.status, tuple(raw.headers.items())
            attempt.stage = "body"
            body, wire_bytes = self._read(raw)
        except _TooLarge as error:
            failure = Failure(rule="NET007", detail=str(error), seen=error.seen)
        except BadEncodingError as error:
            seen = first_bytes(error.start)
            failure = Failure(rule="NET008", detail=f"the body {error}", seen=seen)
        except Exception as error:  # noqa: BLE001  the library's failures have no common ancestor
            failure = name_failure(error, attempt, self._timeout_seconds)
        finally:
            whole = failure is None and wire_bytes >= 0
            if raw is not None:
                _let_go(raw, whole=whole)
            if waiting is not None and not whole:
                waiting.close()
        gone = failure is not None and failure.rule == "NET002"
        # a proxy that closes an idle connection sends a 408 that answers nothing (RFC 9110, 15.5.9)
        unasked = status == _REQUEST_TIMEOUT and attempt.closes_connection
        return Reply(
            status=status,
            reason=(raw.reason or "") if raw is not None else "",
            headers=headers,
            body=body,
            wire_bytes=max(wire_bytes, 0),
            seconds=time.monotonic() - started,
            failure=failure,
            local_peer=attempt.local_peer,
            closes_connection=attempt.closes_connection,
            silent_drop=not attempt.connected and (gone or unasked),
        )

    def _read(self, raw: Any) -> tuple[bytes, int]:
        """The decoded body and the bytes that it took; -1 for a body left unread."""
        if 300 <= raw.status < 400:
            return b"", -1
        if raw.status >= 400:
            body, whole = _read_up_to(raw, _ERROR_BODY_BYTES)
            return _decode_leniently(body, raw), len(body) if whole else -1
        body, whole = _read_up_to(raw, self._body_limit_bytes)
        if not whole:
            limit = _mebibytes(self._body_limit_bytes)
            raise _TooLarge(f"the body is over {limit} MiB", _repetition_in(body))
        try:
            encoding = raw.headers.get("Content-Encoding", "")
            return decode_content(body, encoding, self._body_limit_bytes), len(body)
        except TooLargeError:
            raise _TooLarge(
                f"the body, decompressed, is over {_mebibytes(self._body_limit_bytes)} MiB"
            ) from None


def _prepared(method: str, url: str, headers: Mapping[str, str]) -> requests.PreparedRequest:
    request = requests.PreparedRequest()
    request.method, request.url = method, url
    request.headers = requests.structures.CaseInsensitiveDict(headers)
    request.hooks = requests.hooks.default_hooks()
    return request


def _origin(url: str) -> str:
    """What stands before the path, which no URL of ours is without."""
    return url[: url.find("/", len("https://"))]


class _TooLarge(Exception):  # noqa: N818  caught two lines from where it is raised
    def __init__(self, detail: str, seen: str = "") -> None:
        super().__init__(detail)
        self.seen = seen


def _mebibytes(size: int) -> str:
    return f"{size / 1024 / 1024:g}"


def _read_up_to(raw: Any, limit_bytes: int) -> tuple[bytes, bool]:
    """At most that much of the body, and whether it was all of it."""
    body = bytearray()  # no list of parts: they may be of one byte each
    while part := raw.read1(_READ_BYTES, decode_content=False):
        body += part
        if len(body) > limit_bytes:
            return bytes(body[:limit_bytes]), False
    return bytes(body), True


def _decode_leniently(body: bytes, raw: Any) -> bytes:
    """An error page is read only to explain it: what does not decode is left as it came."""
    try:
        return decode_content(body, raw.headers.get("Content-Encoding", ""), BODY_LIMIT_BYTES)
    except (BadEncodingError, TooLargeError):
        return body


def _repetition_in(body: bytes) -> str:
    """After how many bytes a body begins again, in words; empty where it does not."""
    again = body.find(body[:_REPEATED_BYTES], 1)
    if again <= 0 or body[again : 2 * again] != body[:again]:
        return ""
    return f"its first {again:,} bytes come again and again"


def _let_go(raw: Any, *, whole: bool) -> None:
    """Keep the connection only when its response was read to the end."""
    if not whole:
        raw.close()
    raw.release_conn()
