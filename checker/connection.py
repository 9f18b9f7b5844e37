"""The HTTP library's adapter, pools and connections, over sockets of our own make.

What they add: every wait ends with the attempt's deadline, and an idle connection may send a
request ahead of the call that asks for it, so that its answer is on the way meanwhile.
"""

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

from checker.errors import UsageError
from checker.wire import Attempt, DeadlineError, Response, TimedSocket, connect

__all__ = ["Adapter", "tls_context"]

_AS_THE_ADAPTER_ASKS = {"preload_content": False, "decode_content": False}


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

    def request_ahead(self, method: str, target: str, headers: Any) -> bool:
        """Send a request as the adapter would, whose answer `getresponse` then gives."""
        sent = False
        try:
            self.request(method, target, headers=headers, **_AS_THE_ADAPTER_ASKS)
            sent = True
        except Exception:  # noqa: BLE001  the request is made anew, and its failure then named
            return False
        finally:
            if not sent:
                self.close()  # type: ignore[attr-defined]
        return True

    def request(self, *args: Any, **kwargs: Any) -> None:
        super().request(*args, **kwargs)  # type: ignore[misc]
        self.attempt.connection = self

    @property
    def is_answered(self) -> bool:
        """Whether something of the answer has come."""
        return wait_for_read(self.sock, timeout=0.0)


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
            sock.settimeout(shared.remaining())
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
