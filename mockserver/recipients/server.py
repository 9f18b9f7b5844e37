"""Runs the mock: `with MockServer(config) as server:`, in a thread, on a port of its own.

The command runs the same class; there is no second way to serve.
"""

import contextlib
import logging
import threading
from types import TracebackType
from typing import Self

from mockserver.recipients.app import create_app
from mockserver.recipients.config import MockConfig
from mockserver.recipients.faults import Fault, find_fault
from mockserver.recipients.request_log import Application, RequestLog, SeenRequest
from mockserver.serving.listening import base_url, listen, reachable
from mockserver.serving.script_server import ScriptServer
from mockserver.serving.tls import GOOD, TlsListener

__all__ = ["MockServer"]

_BUILDING = threading.Lock()
"""Werkzeug parses Python for each route, and in Python 3.11 two threads that do so at the same time
may raise SystemError (github.com/python/cpython/issues/106905).
"""


class MockServer:
    """The mock on waitress; starts on entering the context and is gone after it."""

    def __init__(
        self, config: MockConfig | None = None, host: str = "127.0.0.1", port: int = 0
    ) -> None:
        self._config = config or MockConfig()
        self._host = host
        self._port = port
        self._cleanup = contextlib.ExitStack()
        self._fronts: dict[str, TlsListener] = {}
        self._fronts_lock = threading.Lock()
        self._log = RequestLog()
        self.url = ""
        """Scheme, host and port, without a slash at the end."""

    def __enter__(self) -> Self:
        app = self._app(self._config)
        logging.getLogger("waitress").setLevel(logging.ERROR)
        sock = listen(self._host, self._port)
        self._server = ScriptServer(app, sock)
        thread = threading.Thread(target=self._server.run, name="mock-server", daemon=True)
        thread.start()
        self._cleanup.callback(lambda: self._config.rows.close())
        self._cleanup.callback(thread.join)
        self._cleanup.callback(self._server.stop)
        self._backend = (reachable(self._host), sock.getsockname()[1])
        self.url = base_url("http", *self._backend)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._cleanup.close()

    def _app(self, config: MockConfig) -> Application:
        with _BUILDING:
            app = create_app(config)
        app.config["FAULT_ENDPOINT"] = self._fault_endpoint
        return self._log.logging(app)

    def play(self, config: MockConfig) -> None:
        """Serve another endpoint from the next request on, at the same URL; forget `requests`."""
        self._config.rows.close()
        self._log.clear()
        self._config = config
        self._server.application = self._app(config)

    @property
    def endpoint(self) -> str:
        """URL of the endpoint that serves the configured rows."""
        return f"{self.url}/recipients"

    @property
    def requests(self) -> list[SeenRequest]:
        """Every request so far, in the order in which they came; the newest 10,000."""
        return self._log.seen()

    @property
    def secure_endpoint(self) -> str:
        """URL of the same endpoint over TLS, with a certificate that `ca_bundle` vouches for."""
        return f"{self._front(GOOD).url}/recipients"

    @property
    def ca_bundle(self) -> str:
        """Path of the PEM file of the authority behind `secure_endpoint`."""
        return self._front(GOOD).ca_bundle

    def authority_of(self, name: str) -> str:
        """Path of the PEM file of the authority behind a TLS scenario's certificate."""
        return self._front(find_fault(name).certificate).ca_bundle

    def fault_endpoint(self, name: str) -> str:
        """Return the URL of a scenario, by its name or by the rule that it provokes."""
        return self._fault_endpoint(find_fault(name))

    def _fault_endpoint(self, fault: Fault) -> str:
        front_url = self._front(fault.certificate).url if fault.certificate else self.url
        return fault.endpoint(front_url)

    def _front(self, certificate: str) -> TlsListener:
        with self._fronts_lock:
            front = self._fronts.get(certificate)
            if front is None:
                front = self._cleanup.enter_context(TlsListener(certificate, self._backend))
                self._fronts[certificate] = front
            return front
