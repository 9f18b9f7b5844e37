"""The HTTP server, waitress, with two additions: bodies are refused before they are read, and a
client has a limited number of connections.

A body is refused by its headers alone: from somebody who is not logged in, at an address that takes
none of its size, or while the bodies that are being received use up the budget. Where there is no
room for a new connection, the one is closed that has been idle for the longest time.
"""

import threading
import weakref
from collections.abc import Callable
from typing import Any

from flask import Flask
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import BaseWSGIServer, create_server
from waitress.utilities import Error

from broadcaster.web.config import FORM_BYTES, WindowConfig

__all__ = ["BodyGuard", "open_server"]

_THREADS_BESIDE_STREAMS = 8
_MOST_CONNECTIONS = 500
_ROOM_FOR_NEW_ONES = 20
_CONNECTIONS_OF_A_CLIENT = 100
_BUDGET_UPLOADS = 8
_TAKES_FILES = frozenset({"/files", "/broadcasts"})
_OPEN_TO_ALL = frozenset({"/login"})


class _LoginNeededError(Error):  # type: ignore[misc]
    code = 401
    reason = "Unauthorized"


class _TooLargeError(Error):  # type: ignore[misc]
    code = 413
    reason = "Content Too Large"


class _BusyError(Error):  # type: ignore[misc]
    code = 503
    reason = "Service Unavailable"


class BodyGuard:
    """Decides by the headers of a request whether its body is read. Safe from any thread.

    `is_in` says whether a Cookie header is that of somebody who is logged in; None where nobody has
    to log in. `upload_bytes` is the limit of one upload, `budget_bytes` that of all bodies that are
    being received or handled.
    """

    def __init__(
        self, is_in: Callable[[str], bool] | None, *, upload_bytes: int, budget_bytes: int
    ) -> None:
        self._is_in = is_in
        self._upload_bytes = upload_bytes
        self._budget_bytes = budget_bytes
        self._lock = threading.Lock()
        self._used_bytes = 0

    def refusal(self, path: str, cookies: str, length: int | None) -> Error | None:
        """Why a body of this length, None for an unknown one, is not read; None if it is."""
        if self._is_in is not None and path not in _OPEN_TO_ALL and not self._is_in(cookies):
            return _LoginNeededError("Log in first.")
        most = self._upload_bytes if path in _TAKES_FILES else FORM_BYTES
        if length is not None and length > most:
            return _TooLargeError(f"At most {most} bytes.")
        if length is None and path not in _TAKES_FILES:
            return _TooLargeError("Send a Content-Length.")
        return None

    def reserve(self, length: int | None) -> Callable[[], None] | None:
        """Counts the body as received until the result is called; None where there is no room."""
        size = self._upload_bytes if length is None else length
        if size <= FORM_BYTES:
            return lambda: None
        with self._lock:
            if self._used_bytes + size > self._budget_bytes:
                return None
            self._used_bytes += size

        def release() -> None:
            with self._lock:
                self._used_bytes -= size

        return release


def _parser_class(guard: BodyGuard) -> type[HTTPRequestParser]:
    class Parser(HTTPRequestParser):  # type: ignore[misc]
        chunked: bool
        content_length: int

        def parse_header(self, header_plus: bytes) -> None:
            super().parse_header(header_plus)
            if not self.chunked and not self.content_length:
                return
            length = None if self.chunked else self.content_length
            refusal = guard.refusal(self.path, self.headers.get("COOKIE", ""), length)
            if refusal is None:
                release = guard.reserve(length)
                if release is not None:
                    weakref.finalize(self, release)
                    return
                refusal = _BusyError("Too many uploads at the moment: try again in a minute.")
            self.error, self.body_rcv, self.content_length = refusal, None, 0
            self.chunked = self.expect_continue = False

    return Parser


def _channel_class(guard: BodyGuard, most_of_a_client: int | None) -> type[HTTPChannel]:
    class Channel(HTTPChannel):  # type: ignore[misc]
        parser_class = _parser_class(guard)

        def __init__(self, server: Any, sock: Any, addr: Any, *more: Any, **named: Any) -> None:
            _make_room(list(server.active_channels.values()), addr[0], most_of_a_client)
            super().__init__(server, sock, addr, *more, **named)

    return Channel


def _make_room(channels: list[Any], client: str, most_of_a_client: int | None) -> None:
    """Close the connection that has been idle longest: of this client, if it has too many."""
    channels = [one for one in channels if not one.will_close]
    own = [one for one in channels if one.addr[0] == client]
    if most_of_a_client is not None and len(own) >= most_of_a_client:
        channels = own
    elif len(channels) < _MOST_CONNECTIONS - _ROOM_FOR_NEW_ONES:
        return
    idle = [one for one in channels if not one.requests and not one.total_outbufs_len]
    if idle:
        min(idle, key=lambda one: float(one.last_activity)).will_close = True


def open_server(app: Flask, config: WindowConfig, is_in: Callable[[str], bool] | None) -> Any:
    """The server, which listens already. Raises OSError where it cannot."""
    proxy: dict[str, Any] = {}
    if config.behind_proxy:
        headers = {"x-forwarded-for", "x-forwarded-proto"}
        proxy = {"trusted_proxy": "*", "trusted_proxy_count": 1, "trusted_proxy_headers": headers}
    server = create_server(
        app,
        host=config.host,
        port=config.port,
        ident=None,
        threads=config.streams + _THREADS_BESIDE_STREAMS,
        max_request_body_size=config.request_limit_bytes + 1024 * 1024,
        connection_limit=_MOST_CONNECTIONS,
        asyncore_use_poll=True,
        clear_untrusted_proxy_headers=True,
        **proxy,
    )
    upload_bytes = config.request_limit_bytes
    guard = BodyGuard(is_in, upload_bytes=upload_bytes, budget_bytes=_BUDGET_UPLOADS * upload_bytes)
    # behind a proxy all visitors share its address, and it is the proxy that limits each of them
    most = None if config.behind_proxy else _CONNECTIONS_OF_A_CLIENT
    listeners = [server] if isinstance(server, BaseWSGIServer) else list(server.map.values())
    for listener in listeners:
        if isinstance(listener, BaseWSGIServer):
            listener.channel_class = _channel_class(guard, most)
    return server
