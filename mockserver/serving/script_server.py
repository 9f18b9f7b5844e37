"""A waitress server whose responses can be sent by a script, for bytes that no framework sends.

A script gets the client's connection together with the correct response and sends any bytes, in a
thread of its own, until the client closes or the server stops. The scripts themselves are in
`mockserver.recipients.faults.net_scripts`; nothing here knows the contract.
"""

import contextlib
import socket
import threading
from typing import Any

from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import WSGITask

from mockserver.serving.client_connection import ClientConnection, HungUp, Script

__all__ = ["STOPPING_KEY", "TAKE_OVER_KEY", "ScriptServer"]

TAKE_OVER_KEY = "mockserver.take_over"
STOPPING_KEY = "mockserver.stopping"
_WORKER_THREADS = 16


class _ScriptTask(WSGITask):  # type: ignore[misc]  # waitress has no types
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


class _ScriptChannel(HTTPChannel):  # type: ignore[misc]
    task_class = _ScriptTask


class ScriptServer(TcpWSGIServer):  # type: ignore[misc]
    """waitress on a socket that is already bound, run by `run()` and ended by `stop()`."""

    channel_class = _ScriptChannel

    def __init__(self, application: Any, sock: socket.socket) -> None:
        self.stopping = threading.Event()
        self._scripts: set[threading.Thread] = set()
        self._scripts_lock = threading.Lock()
        self._waking_lock = threading.Lock()
        super().__init__(
            application,
            _sock=sock,
            bind_socket=False,
            adj=Adjustments(threads=_WORKER_THREADS, connection_limit=1000, ident="broadcast-mock"),
            sockinfo=(sock.family, sock.type, sock.proto, sock.getsockname()),
        )

    def hand_over(self, channel: Any, script: Script, head: bytes, body: bytes) -> None:
        """Give a copy of the channel's socket to the script; waitress closes its own."""
        client_socket = channel.socket.dup()
        client_socket.setblocking(False)  # noqa: FBT003 - the socket module's own signature
        connection = ClientConnection(client_socket, head, body, self.stopping)
        thread = threading.Thread(
            target=self._play,
            args=(script, connection, client_socket),
            name="mock-script",
            daemon=True,
        )
        with self._scripts_lock:
            self._scripts.add(thread)
            thread.start()  # within the lock: whoever finds it there may wait for its end

    def _play(
        self, script: Script, connection: ClientConnection, client_socket: socket.socket
    ) -> None:
        with client_socket, contextlib.suppress(HungUp):
            script(connection)
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
        with self._waking_lock:
            self.trigger.pull_trigger(self._close_all)

    def _close_all(self) -> None:
        with self._waking_lock:
            pass  # a byte of a worker may have woken us before that of `stop` is written
        for channel in list(self.active_channels.values()):
            channel.handle_close()
        self.close()
