"""Asks a WSGI app (PEP 3333) in the caller's own thread, where its database connections are."""

import contextlib
import io
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from checker.core.endpoint import origin_of
from checker.core.model import Headers, Reply
from checker.transport.inprocess.answer import Answer

__all__ = ["WsgiSender"]

_STATUS = re.compile(r"([0-9]{3})(?: (.*))?", re.DOTALL)


class WsgiSender:
    """Asks one app. It cannot be stopped while it works: that it is late is told afterwards."""

    def __init__(
        self, app: Callable[..., Any], *, timeout_seconds: float, body_limit_bytes: int
    ) -> None:
        self._app = app
        self._timeout_seconds = timeout_seconds
        self._body_limit_bytes = body_limit_bytes

    def send(self, method: str, url: str, headers: Mapping[str, str]) -> Reply:
        """One request; what the app raises is an answer, too."""
        answer = Answer(
            timeout_seconds=self._timeout_seconds, body_limit_bytes=self._body_limit_bytes
        )
        try:
            _Call(answer).run(self._app, _environ(method, url, headers))
        except Exception as error:  # noqa: BLE001  whatever the app raises, a server would answer
            answer.crash(error)
        return answer.reply()

    def close(self) -> None:
        """Nothing is held."""


class _Call:
    """One call of an app, and the server's half of the protocol."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._head: tuple[str, Headers] | None = None

    def run(self, app: Callable[..., Any], environ: dict[str, Any]) -> None:
        parts: Iterable[bytes] = app(environ, self._start_response)
        try:
            for part in parts:
                self._write(part)
                if self._answer.over:
                    return
            self._send_head()
            self._answer.end()
        finally:
            with contextlib.suppress(Exception):  # the answer has gone out by then
                getattr(parts, "close", _nothing)()

    def _start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], None]:
        if exc_info is not None and self._answer.begun:
            raise exc_info[1]
        if exc_info is None and self._head is not None:
            raise RuntimeError("start_response was called twice")
        self._head = (str(status), tuple((str(name), str(value)) for name, value in headers))
        return self._write

    def _write(self, part: bytes) -> None:
        if not isinstance(part, bytes):
            raise TypeError("a part of the body is not bytes")
        if part and not self._answer.over:
            self._send_head()
            self._answer.add(part)

    def _send_head(self) -> None:
        """The head goes out with the first bytes, so that an app may think again until then."""
        if self._head is None:
            raise RuntimeError("start_response was not called")
        if self._answer.begun or self._answer.over:
            return
        status, headers = self._head
        match = _STATUS.fullmatch(status)
        if match is None:
            self._answer.malform("its status line is not HTTP's")
        else:
            self._answer.begin(int(match[1]), match[2] or "", headers)


def _environ(method: str, url: str, headers: Mapping[str, str]) -> dict[str, Any]:
    parts = urlsplit(url)
    scheme, host, port = origin_of(url)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(parts.path).decode("latin-1"),
        "QUERY_STRING": parts.query,
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": parts.netloc,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scheme,
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    if method != "GET":
        environ["CONTENT_LENGTH"] = "0"
    for name, value in headers.items():
        environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
    return environ


def _nothing() -> None:
    """The close of an iterable that has none."""
