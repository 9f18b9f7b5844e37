"""Runs the stand-in: `with LineServer(config) as server:`, in a thread, on a port of its own.

The command runs the same class; there is no second way to serve.
"""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, Self, TypeVar

from aiohttp import web

from mockserver.line_api.app import create_app
from mockserver.line_api.config import Limits, LineConfig
from mockserver.line_api.faults import Faults
from mockserver.line_api.inboxes import Inbox
from mockserver.line_api.stand_in import StandIn
from mockserver.serving.listening import base_url, listen, reachable

__all__ = ["LineServer"]

Result = TypeVar("Result")
_BACKLOG = 1024
_SHUTDOWN_SECONDS = 0.2


class LineServer:
    """The stand-in on aiohttp; starts on entering the context and is gone after it.

    What it received is asked of it while it runs, also from other threads. With a state file in
    the config a later server goes on where this one ended.
    """

    def __init__(
        self, config: LineConfig | None = None, host: str = "127.0.0.1", port: int = 0
    ) -> None:
        self._config = config or LineConfig()
        self._host = host
        self._port = port
        self._cleanup = contextlib.ExitStack()
        self.url = ""
        """Scheme, host and port, without a slash at the end: LINE's base URL here."""

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as failing:
            sock = listen(self._host, self._port, backlog=_BACKLOG)
            failing.callback(sock.close)
            self._stand_in = StandIn(self._config)
            failing.callback(self._stand_in.close)
            self._loop = asyncio.new_event_loop()
            failing.callback(self._loop.close)
            # All in a thread of its own: the caller's may have a loop that runs.
            thread = threading.Thread(target=self._loop.run_forever, name="mock-line", daemon=True)
            thread.start()
            failing.callback(self._end, thread)
            self._stopping = asyncio.Event()
            app = create_app(self._stand_in, self._stopping)
            runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS)
            failing.callback(lambda: self._await(self._stop(runner)))
            self._await(_start(runner, sock))
            self._cleanup = failing.pop_all()
        self.url = base_url("http", reachable(self._host), sock.getsockname()[1])
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._cleanup.close()

    async def _stop(self, runner: web.AppRunner) -> None:
        self._stopping.set()
        await runner.cleanup()

    def _end(self, thread: threading.Thread) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        thread.join()

    def _await(self, work: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    @property
    def token(self) -> str:
        """The channel access token that it takes."""
        return self._config.token

    @property
    def webhook_url(self) -> str:
        """URL of the sink for webhooks."""
        return f"{self.url}/webhook"

    def summary(self) -> dict[str, Any]:
        """The figures of `GET /_control/summary`."""
        return self._on_loop(self._stand_in.summary)

    def effects(self, of: str = "line") -> dict[str, list[str]]:
        """Every user with the texts that arrived, in their order; needs `keep_texts`."""
        return {
            inbox.uid: [text for delivery in inbox.deliveries for text in delivery.texts]
            for inbox in self._inboxes(of)
        }

    def counts(self, of: str = "line") -> dict[str, int]:
        """Every user with the number of requests that reached them."""
        return {inbox.uid: inbox.received for inbox in self._inboxes(of)}

    def _inboxes(self, of: str) -> list[Inbox]:
        ledger = {"line": self._stand_in.line, "webhook": self._stand_in.webhook}[of]

        def read() -> list[Inbox]:
            inboxes = list(ledger.inboxes.listed(0, len(ledger.inboxes)))
            return [inbox._replace(deliveries=tuple(inbox.deliveries)) for inbox in inboxes]

        return self._on_loop(read)

    def set_faults(self, faults: Faults) -> None:
        """From now on, these faults and no others."""
        self._on_loop(lambda: self._stand_in.plan.set(faults))

    def set_limits(self, limits: Limits) -> None:
        """From now on, these limits."""
        self._on_loop(lambda: self._stand_in.set_limits(limits))

    def advance_clock(self, seconds: float) -> None:
        """Put the time forward by which keys run out."""
        self._on_loop(lambda: self._stand_in.advance(seconds))

    def reset(self) -> None:
        """Forget what came in; faults, limits and the time stay as they are."""
        self._on_loop(self._stand_in.reset)

    def _on_loop(self, call: Callable[[], Result]) -> Result:
        """Run the call in the server's own thread, between two requests."""

        async def run() -> Result:
            return call()

        return self._await(run())


async def _start(runner: web.AppRunner, sock: socket.socket) -> None:
    await runner.setup()
    await web.SockSite(runner, sock).start()
