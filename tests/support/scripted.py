"""A server on a raw socket: what it answers are bytes, and it may also answer nothing at all."""

import contextlib
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import BinaryIO


@dataclass
class Request:
    """A request as it came: header names in lower case."""

    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


def reply(status: int = 200, body: bytes = b"", **headers: str) -> bytes:
    """A whole response; in header names `_` stands for `-`."""
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class ScriptedServer:
    """`answer` gives the bytes for each request; None closes the connection without a word."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.answer: Callable[[Request], bytes | None] = lambda request: reply()
        self.close_after = False
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._accept)
        self._thread.start()
        self._connections: list[socket.socket] = []

    def close(self) -> None:
        """Stop listening, and close what is open."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()
        for connection in self._connections:
            connection.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self._connections.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        reader = connection.makefile("rb")
        try:
            while request := _read(reader):
                self.asked.append(request)
                answer = self.answer(request)
                if answer is not None:
                    connection.sendall(answer)
                if answer is None or self.close_after:
                    return
        except (OSError, ValueError):  # ValueError: such as the beginning of TLS
            pass
        finally:
            reader.close()
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()


def _read(reader: BinaryIO) -> Request | None:
    line = reader.readline()
    if not line:
        return None
    method, path, version = line.decode("latin-1").split(" ", 2)
    if not version.startswith("HTTP/"):
        raise ValueError("no HTTP")
    headers = {}
    while line := reader.readline().decode("latin-1").strip():
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    body = reader.read(int(headers.get("content-length", 0)))
    return Request(method, path, headers, body)
