"""A client's socket as a script uses it: send any bytes, wait, reset. Knows no HTTP and no rule."""

import select
import socket
import struct
import threading
from collections.abc import Callable

__all__ = ["ClientConnection", "HungUp", "Script"]

_POLL_SECONDS = 0.1


class HungUp(Exception):  # noqa: N818 - not an error: the script's ordinary end
    """The client has gone, or the server is stopping."""


class ClientConnection:
    """A client's socket, with the head and the body of the correct response."""

    def __init__(
        self, sock: socket.socket, head: bytes, body: bytes, stopping: threading.Event
    ) -> None:
        self.head = head
        self.body = body
        self._socket = sock
        self._stopping = stopping

    def send(self, content: bytes) -> None:
        """Send all of it, however slowly the client reads; raises HungUp when the client left."""
        rest = memoryview(content)
        while rest:
            if self._stopping.is_set():
                raise HungUp
            _, writable, _ = select.select([], [self._socket], [], _POLL_SECONDS)
            if not writable:
                continue
            try:
                rest = rest[self._socket.send(rest) :]
            except BlockingIOError:
                continue
            except OSError:
                raise HungUp from None

    def pause(self, seconds: float) -> None:
        """Wait while the client also waits; raises HungUp when the client is gone."""
        while seconds > 0:
            step = min(seconds, _POLL_SECONDS)
            if self._stopping.is_set() or self._client_gone(step):
                raise HungUp
            seconds -= step

    def _client_gone(self, seconds: float) -> bool:
        readable, _, _ = select.select([self._socket], [], [], seconds)
        if not readable:
            return False
        try:
            return not self._socket.recv(65_536)
        except BlockingIOError:
            return False
        except OSError:
            return True

    def reset(self) -> None:
        """Make the close of the connection a TCP reset (RST) in place of a FIN."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


Script = Callable[[ClientConnection], None]
