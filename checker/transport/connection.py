"""The HTTP library's adapter, pools and connections, over sockets of our own make.

What they add: every wait ends with the attempt's deadline, and an idle connection may send a
request ahead of the call that asks for it, so that its answer is on the way meanwhile.
"""

import http.client
import re
import socket
import ssl
from functools import cache
from typing import Any

import certifi
import requests.adapters
import urllib3
import urllib3.connection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util import wait_for_read

from checker.core.errors import UsageError
from checker.transport.sockets import Attempt, DeadlineError, Response, TimedSocket, connect

__all__ = ["Adapter", "tls_context"]

_FOLD = re.compile(r"(?:(?<![ \t])[ \t]+)?\r\n[ \t]+")


def tls_context(ca_bundle: str | None) -> ssl.SSLContext:
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


class Adapter(requests.adapters.HTTPAdapter):
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


class _Timed:
    """What both kinds of connection do."""

    attempt: Attempt
    response_class = Response
    sock: Any
    host: str
    port: int

    def _new_conn(self) -> socket.socket:
        host = getattr(self, "_dns_host", self.host)
        return connect(self.attempt, host, self.port)

    def request_ahead(self, target: str) -> bool:
        """Send the last request again with another target; its answer is `answer`'s."""
        head = self.attempt.sent
        start, end = head.find(b" ") + 1, head.find(b" HTTP/1.1\r\n")
        sent = False
        try:
            self.sock.sendall(head[:start] + target.encode("ascii") + head[end:])
            sent = True
        except OSError:  # the request is made anew, and its failure then named
            return False
        finally:
            if not sent:
                self.close()  # type: ignore[attr-defined]
        return True

    def answer(self) -> "Answer":
        """The response to the request that was sent ahead, as far as its body."""
        response = Response(self.sock, method="GET")
        response.begin()
        if response.will_close:
            self.close()  # type: ignore[attr-defined]
        return Answer(self, response)

    def request(self, *args: Any, **kwargs: Any) -> None:
        super().request(*args, **kwargs)  # type: ignore[misc]
        self.attempt.connection = self

    @property
    def is_answered(self) -> bool:
        """Whether something of the answer has come."""
        return wait_for_read(self.sock, timeout=0.0)


class Answer:
    """A response that was read from its connection, as the library gives one from its pool."""

    def __init__(self, connection: Any, response: Response) -> None:
        self._connection = connection
        self._response = response
        self.status, self.reason = response.status, response.reason
        self.headers = urllib3.HTTPHeaderDict(_unfolded(response.msg.items()))

    def read1(self, amount: int, *, decode_content: bool) -> bytes:
        """Some of the body as it came. Raises IncompleteRead when it ends too early."""
        del decode_content
        part = self._response.read1(amount)
        if not part and self._response.length:
            raise http.client.IncompleteRead(b"", self._response.length)
        return part

    def close(self) -> None:
        """Give the connection up."""
        self._connection.close()

    def release_conn(self) -> None:
        """Leave the connection to the next request."""
        self._response.close()


def _unfolded(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Values that went over several lines on one, as the library has them (RFC 9112, 5.2)."""
    return [(name, _FOLD.sub(" ", value) if "\r\n" in value else value) for name, value in headers]


def _pool_classes(
    shared: Attempt, ca_bundle: str | None
) -> tuple[type[HTTPConnectionPool], type[HTTPSConnectionPool]]:
    """urllib3's pools, whose connections share the attempt's deadline and tell what they saw."""

    @cache
    def context() -> ssl.SSLContext:
        return tls_context(ca_bundle)  # slow to make, so only for an endpoint that needs it

    class Plain(_Timed, urllib3.connection.HTTPConnection):  # type: ignore[misc]
        attempt = shared

        def connect(self) -> None:
            super().connect()
            self.sock = TimedSocket(self.sock, shared)

    class Secure(_Timed, urllib3.connection.HTTPSConnection):  # type: ignore[misc]
        attempt = shared

        def _new_conn(self) -> socket.socket:
            sock = super()._new_conn()
            shared.stage = "tls"
            try:
                sock.settimeout(shared.remaining())
            except DeadlineError:
                sock.close()
                raise
            return sock

        def connect(self) -> None:
            self.ssl_context = context()
            try:
                super().connect()
            except TimeoutError:
                raise DeadlineError(shared.stage) from None
            self.sock = TimedSocket(self.sock, shared)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return PlainPool, SecurePool
