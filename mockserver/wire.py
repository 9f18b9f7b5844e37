"""Bytes that no web framework would send: a waitress server whose connections can be taken over.

A script gets the socket together with the right response and sends what it likes, on a thread of
its own, until the client goes or the server stops. What the scripts do is told in
`mockserver.faults.net`; nothing here knows the contract.
"""

import contextlib
import select
import socket
import struct
import threading
from collections.abc import Callable
from typing import Any

from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import WSGITask

__all__ = ["STOPPING_KEY", "TAKE_OVER_KEY", "HungUp", "Line", "Script", "WireServer"]

TAKE_OVER_KEY = "mockserver.take_over"
STOPPING_KEY = "mockserver.stopping"
_POLL_SECONDS = 0.1
_WORKER_THREADS = 16


class HungUp(Exception):  # noqa: N818 - not an error: the script's ordinary end
    """The client has gone, or the server is stopping."""


class Line:
    """A client's socket in a script's hands, and the response that would have been right."""

    def __init__(
        self, sock: socket.socket, head: bytes, body: bytes, stopping: threading.Event
    ) -> None:
        self.head = head
        self.body = body
        self._socket = sock
        self._stopping = stopping

    def send(self, content: bytes) -> None:
        """Send it all, however slowly the client reads."""
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
        """Wait, as long as the client waits, too."""
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
        """Make the connection's end a reset in place of a goodbye."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


Script = Callable[[Line], None]


class _WireTask(WSGITask):  # type: ignore[misc]  # waitress has no types
    """Runs the application, and keeps its answer back if that asks for a script."""

    script: Script | None = None

    def get_environment(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environment()
        environ[TAKE_OVER_KEY] = self._take_over
        environ[STOPPING_KEY] = self.channel.server.stopping
        return environ

    def _take_over(self, script: Script) -> None:
        self.script = script
        self.kept = bytearray()

    def write(self, data: bytes) -> None:
        if self.script is None:
            super().write(data)
        else:
            self.kept += data
            self.content_bytes_written += len(data)

    def finish(self) -> None:
        if self.script is None:
            super().finish()
            return
        head = self.build_response_header()
        self.wrote_header = True
        self.close_on_finish = True
        self.channel.server.hand_over(self.channel, self.script, head, bytes(self.kept))


class _WireChannel(HTTPChannel):  # type: ignore[misc]
    task_class = _WireTask


class WireServer(TcpWSGIServer):  # type: ignore[misc]
    """waitress on a socket that is already bound, run by `run()` and ended by `stop()`."""

    channel_class = _WireChannel

    def __init__(self, application: Any, sock: socket.socket) -> None:
        self.stopping = threading.Event()
        self._scripts: set[threading.Thread] = set()
        self._scripts_lock = threading.Lock()
        super().__init__(
            application,
            _sock=sock,
            bind_socket=False,
            adj=Adjustments(threads=_WORKER_THREADS, connection_limit=1000, ident="broadcast-mock"),
            sockinfo=(sock.family, sock.type, sock.proto, sock.getsockname()),
        )

    def hand_over(self, channel: Any, script: Script, head: bytes, body: bytes) -> None:
        """Give a copy of the channel's socket to the script; waitress closes its own."""
        line_socket = channel.socket.dup()
        line_socket.setblocking(False)  # noqa: FBT003 - the socket module's own signature
        line = Line(line_socket, head, body, self.stopping)
        thread = threading.Thread(
            target=self._play, args=(script, line, line_socket), name="mock-script", daemon=True
        )
        with self._scripts_lock:
            self._scripts.add(thread)
            thread.start()  # within the lock: whoever finds it there may wait for its end

    def _play(self, script: Script, line: Line, line_socket: socket.socket) -> None:
        with line_socket, contextlib.suppress(HungUp):
            script(line)
        with self._scripts_lock:
            self._scripts.discard(threading.current_thread())

    def stop(self) -> None:
        """End every script, worker and connection; `run()` returns in its thread."""
        self.stopping.set()
        # First the workers: they begin scripts, and they write to the trigger, whose file number is
        # free once it is closed.
        self.task_dispatcher.shutdown()
        with self._scripts_lock:
            scripts = list(self._scripts)
        for thread in scripts:
            thread.join()
        self.trigger.pull_trigger(self._close_all)

    def _close_all(self) -> None:
        for channel in list(self.active_channels.values()):
            channel.handle_close()
        self.close()
