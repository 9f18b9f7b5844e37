"""One request, one attempt: a reply or a named failure. The only room that opens sockets.

No cookies, no .netrc, no proxies of the environment, no redirects followed, no body of a redirect
read. Nothing that a server does raises here; what it did wrong is `Reply.failure`.
"""

import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

import certifi
import requests
import requests.adapters
import requests.structures
import urllib3
import urllib3.connection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from checker.address import Resolver
from checker.content import BadEncodingError, TooLargeError, decode_content
from checker.errors import UsageError
from checker.failures import name_failure
from checker.model import Failure, Headers
from checker.wire import Attempt, DeadlineError, MalformedError, Response, TimedSocket, connect

__all__ = ["BODY_LIMIT_BYTES", "Reply", "Sender", "Transport"]

BODY_LIMIT_BYTES = 16 * 1024 * 1024
_ERROR_BODY_BYTES = 64 * 1024
_READ_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What one attempt brought. `silent_drop` tells a kept-alive connection that had gone."""

    status: int | None = None
    reason: str = ""
    headers: Headers = ()
    body: bytes = b""
    wire_bytes: int = 0
    seconds: float = 0.0
    failure: Failure | None = None
    local_peer: bool | None = None
    closes: bool = False
    silent_drop: bool = False


class Sender(Protocol):
    """Whatever takes a request and gives a reply: a network, or an app in this process."""

    def send(self, method: str, url: str, headers: Mapping[str, str]) -> Reply:
        """One request with a deadline; never raises for what the other side did."""
        ...

    def close(self) -> None:
        """Let go of what is held."""
        ...


class Transport:
    """Keeps one connection alive to one endpoint; for one thread."""

    def __init__(
        self,
        *,
        timeout_seconds: float = 30.0,
        body_limit_bytes: int = BODY_LIMIT_BYTES,
        ca_bundle: str | None = None,
        resolver: Resolver | None = None,
    ) -> None:
        """Raises UsageError when the CA bundle cannot be read."""
        self._timeout_seconds = timeout_seconds
        self._body_limit_bytes = body_limit_bytes
        self._attempt = Attempt(0.0, resolver or Resolver())
        if ca_bundle is not None:
            _tls_context(ca_bundle)  # a file that cannot be read is told before anything is sent
        self._adapter = _Adapter(self._attempt, ca_bundle)

    def send(self, method: str, url: str, headers: Mapping[str, str]) -> Reply:
        """One request with a deadline over all of it, from the look-up to the last byte."""
        request = requests.PreparedRequest()
        request.method, request.url = method, url
        request.headers = requests.structures.CaseInsensitiveDict(headers)
        request.hooks = requests.hooks.default_hooks()
        started = time.monotonic()
        deadline = started + self._timeout_seconds
        reply = self._try(request, started, deadline)
        if reply.silent_drop:
            # RFC 9112, section 9.3.1: a server may close an idle connection at any time
            reply = self._try(request, started, deadline)
        return reply

    def close(self) -> None:
        """Let go of the connection."""
        self._adapter.close()

    def _try(self, request: requests.PreparedRequest, started: float, deadline: float) -> Reply:
        attempt = self._attempt
        attempt.begin(deadline)
        raw: Any = None
        status: int | None = None
        headers: Headers = ()
        body, wire_bytes = b"", 0
        failure: Failure | None = None
        try:
            raw = self._adapter.send(request, stream=True, timeout=self._timeout_seconds).raw
            if attempt.ended:
                raise MalformedError  # noqa: TRY301  the head was cut off; named below
            status, headers = raw.status, tuple(raw.headers.items())
            attempt.stage = "body"
            body, wire_bytes = self._read(raw)
        except _TooLarge as error:
            failure = Failure(rule="NET007", detail=str(error))
        except BadEncodingError as error:
            failure = Failure(rule="NET008", detail=f"the body {error}")
        except Exception as error:  # noqa: BLE001  the library's failures have no common ancestor
            failure = name_failure(error, attempt, self._timeout_seconds)
        finally:
            if raw is not None:
                _let_go(raw, whole=failure is None and wire_bytes >= 0)
        dropped = failure is not None and failure.rule == "NET002" and not attempt.connected
        return Reply(
            status=status,
            reason=(raw.reason or "") if raw is not None else "",
            headers=headers,
            body=body,
            wire_bytes=max(wire_bytes, 0),
            seconds=time.monotonic() - started,
            failure=failure,
            local_peer=attempt.local_peer,
            closes=attempt.closes,
            silent_drop=dropped,
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
            raise _TooLarge(f"the body is over {_mebibytes(self._body_limit_bytes)} MiB")
        try:
            encoding = raw.headers.get("Content-Encoding", "")
            return decode_content(body, encoding, self._body_limit_bytes), len(body)
        except TooLargeError:
            raise _TooLarge(
                f"the body, decompressed, is over {_mebibytes(self._body_limit_bytes)} MiB"
            ) from None


class _TooLarge(Exception):  # noqa: N818  caught two lines from where it is raised
    pass


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


def _let_go(raw: Any, *, whole: bool) -> None:
    """Keep the connection only when its response was read to the end."""
    if not whole:
        raw.close()
    raw.release_conn()


def _tls_context(ca_bundle: str | None) -> ssl.SSLContext:
    """The system's authorities (SSL_CERT_FILE included), the usual ones, and the user's own."""
    context = urllib3.util.ssl_.create_urllib3_context()
    context.load_default_certs()
    context.load_verify_locations(certifi.where())
    if ca_bundle is not None:
        try:
            context.load_verify_locations(ca_bundle)
        except (OSError, ssl.SSLError):
            raise UsageError(
                f"The CA bundle {ca_bundle!r} cannot be read: give a file of certificates in PEM."
            ) from None
    return context


class _Adapter(requests.adapters.HTTPAdapter):
    """requests' own adapter over connections of our make."""

    def __init__(self, attempt: Attempt, ca_bundle: str | None) -> None:
        self._attempt = attempt
        self._ca_bundle = ca_bundle
        super().__init__(pool_connections=4, pool_maxsize=1, max_retries=0)

    def init_poolmanager(
        self,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().init_poolmanager(*args, **kwargs)
        plain, secure = _pool_classes(self._attempt, self._ca_bundle)
        self.poolmanager.pool_classes_by_scheme = {"http": plain, "https": secure}

    def cert_verify(self, *_: Any, **__: Any) -> None:
        """Nothing to do: the context already knows the authorities."""


def _pool_classes(
    attempt: Attempt, ca_bundle: str | None
) -> tuple[type[HTTPConnectionPool], type[HTTPSConnectionPool]]:
    """urllib3's pools, whose connections share the attempt's deadline and tell what they saw."""

    @cache
    def context() -> ssl.SSLContext:
        return _tls_context(ca_bundle)  # slow to make, so only for an endpoint that needs it

    class Timed:
        response_class = Response
        sock: Any
        host: str
        port: int

        def _new_conn(self) -> socket.socket:
            host = getattr(self, "_dns_host", self.host)
            return connect(attempt, host, self.port)

    class Plain(Timed, urllib3.connection.HTTPConnection):  # type: ignore[misc]
        def connect(self) -> None:
            super().connect()
            self.sock = TimedSocket(self.sock, attempt)

    class Secure(Timed, urllib3.connection.HTTPSConnection):  # type: ignore[misc]
        def _new_conn(self) -> socket.socket:
            sock = super()._new_conn()
            attempt.stage = "tls"
            sock.settimeout(attempt.remaining())
            return sock

        def connect(self) -> None:
            self.ssl_context = context()
            try:
                super().connect()
            except TimeoutError:
                raise DeadlineError(attempt.stage) from None
            self.sock = TimedSocket(self.sock, attempt)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return PlainPool, SecurePool
