"""Asks an ASGI 3 app on an event loop of its own, in a thread of its own.

The loop runs on between the requests, so that what the app does in the background goes on as on a
server; and a test that is itself a coroutine may call the checker.
"""

import asyncio
import concurrent.futures
import contextlib
import http.client
import threading
from collections.abc import Callable, Coroutine, Mapping, MutableMapping
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

from checker.core.endpoint import origin_of
from checker.core.model import Reply
from checker.transport.inprocess.answer import Answer

__all__ = ["AsgiSender"]

Message = MutableMapping[str, Any]
App = Callable[..., Coroutine[Any, Any, None]]
Result = TypeVar("Result")

_VERSIONS = {"version": "3.0", "spec_version": "2.4"}
_SLACK_SECONDS = 1.0
_CLOSING_SECONDS = 5.0
_AFTERMATH_SECONDS = 0.2


class AsgiSender:
    """Asks one app, which is started before the first request and shut down by `close`."""

    def __init__(self, app: App, *, timeout_seconds: float, body_limit_bytes: int) -> None:
        self._app = app
        self._timeout_seconds = timeout_seconds
        self._body_limit_bytes = body_limit_bytes
        self._lock = threading.Lock()
        self._running: _Running | None = None

    def send(self, method: str, url: str, headers: Mapping[str, str]) -> Reply:
        """One request; what the app raises is an answer, too."""
        running = self._started()
        answer = Answer(
            timeout_seconds=self._timeout_seconds, body_limit_bytes=self._body_limit_bytes
        )
        if running.refusal:
            answer.refuse(running.refusal)
            return answer.reply()
        scope = _scope(method, url, headers, dict(running.state))
        try:
            running.do(
                _Call(self._app, scope, answer, running.calls).run(self._timeout_seconds),
                self._timeout_seconds + _SLACK_SECONDS,
            )
        except TimeoutError:  # it blocks the loop, as with time.sleep
            answer.time_out()
        return answer.reply()

    def close(self) -> None:
        """Shut the app down; a later request starts it anew."""
        with self._lock:
            running, self._running = self._running, None
        if running is not None:
            running.close()

    def _started(self) -> "_Running":
        with self._lock:
            if self._running is None:
                self._running = _Running(self._app, self._timeout_seconds)
            return self._running


class _Running:
    """The app's loop, and its lifespan where it knows that protocol."""

    def __init__(self, app: App, timeout_seconds: float) -> None:
        self.state: dict[str, Any] = {}
        self.calls: set[asyncio.Task[None]] = set()
        self.refusal = ""
        self._blocked = False
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="broadcast-asgi", daemon=True)
        self._thread.start()
        self._lifespan = _Lifespan(app, self.state)
        try:
            self.refusal = self.do(self._lifespan.start(timeout_seconds), timeout_seconds + 1)
        except TimeoutError:
            self.refusal = f"the app's start took over {timeout_seconds:g} s"

    def do(self, work: Coroutine[Any, Any, Result], seconds: float) -> Result:
        """Have it done on the loop. Raises TimeoutError."""
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result(seconds)
        except concurrent.futures.TimeoutError:
            future.cancel()
            self._blocked = True
            raise TimeoutError from None

    def close(self) -> None:
        """Shut the app down, and leave it where it blocks the loop: nothing can stop a thread."""
        if not self._blocked and not self.refusal:
            with contextlib.suppress(TimeoutError):
                self.do(self._finish(), 2 * _CLOSING_SECONDS + _SLACK_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(0.0 if self._blocked else _CLOSING_SECONDS)

    async def _finish(self) -> None:
        """What goes on in the background comes to its end before the app does, as on a server."""
        if self.calls:
            await asyncio.wait(self.calls, timeout=_CLOSING_SECONDS)
        await self._lifespan.stop(_CLOSING_SECONDS)

    def _run(self) -> None:
        loop = self._loop
        asyncio.set_event_loop(loop)
        loop.set_exception_handler(lambda _loop, _context: None)  # an answer tells, not the log
        loop.run_forever()
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.run_until_complete(loop.shutdown_default_executor())
        asyncio.set_event_loop(None)
        loop.close()


class _Lifespan:
    """Startup and shutdown (the lifespan protocol), if the app supports them."""

    def __init__(self, app: App, state: dict[str, Any]) -> None:
        self._app = app
        self._state = state
        self._inbox: asyncio.Queue[Message] | None = None
        self._outbox: asyncio.Queue[Message] | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self, seconds: float) -> str:
        """Why the app cannot be asked, or nothing."""
        self._inbox, self._outbox = asyncio.Queue(), asyncio.Queue()
        scope = {"type": "lifespan", "asgi": _VERSIONS, "state": self._state}
        work = self._app(scope, self._inbox.get, self._outbox.put)
        self._task = asyncio.ensure_future(work)
        message = await self._told("lifespan.startup", seconds)
        if message is None:
            unknown = self._task.done()  # it does not know the protocol, which is allowed
            return "" if unknown else f"the app's start took over {seconds:g} s"
        failed = message["type"] == "lifespan.startup.failed"
        return "the app did not start: its lifespan startup failed" if failed else ""

    async def stop(self, seconds: float) -> None:
        """Have the app close what it opened."""
        if self._task is not None and not self._task.done():
            await self._told("lifespan.shutdown", seconds)

    async def _told(self, kind: str, seconds: float) -> Message | None:
        """The app's answer; None when it has none to give, or takes too long."""
        if self._inbox is None or self._outbox is None or self._task is None:
            return None
        self._inbox.put_nowait({"type": kind})
        told = asyncio.ensure_future(self._outbox.get())
        await asyncio.wait({told, self._task}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if told.done():
            return told.result()
        told.cancel()
        if self._task.done():
            self._task.exception()  # looked at, so that asyncio does not complain
        return None


class _Call:
    """One call of an app, and the server's half of the protocol."""

    def __init__(
        self, app: App, scope: Message, answer: Answer, calls: set[asyncio.Task[None]]
    ) -> None:
        self._app = app
        self._calls = calls
        self._scope = scope
        self._answer = answer
        self._over = asyncio.Event()
        self._asked = False
        self._head: Message | None = None

    async def run(self, seconds: float) -> None:
        """Until the answer is whole; the app may go on in the background."""
        task = asyncio.ensure_future(self._app(self._scope, self._receive, self._send))
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)
        over = asyncio.ensure_future(self._over.wait())
        await asyncio.wait({task, over}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        over.cancel()
        if self._answer.over and self._answer.failing:
            # frameworks answer 500 by themselves, and then raise what it was
            await asyncio.wait({task}, timeout=_AFTERMATH_SECONDS)
        if task.done() and not task.cancelled():
            error = task.exception()
            if error is not None:
                self._answer.crash(error)
        if self._answer.over:
            return
        if task.done():
            self._answer.leave_off()
        else:
            task.cancel()
            self._answer.time_out()

    async def _receive(self) -> Message:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._over.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        if self._over.is_set():
            raise OSError("the client has gone")
        kind = message["type"]
        if kind == "http.response.start" and self._head is None:
            self._head = message
        elif kind == "http.response.body" and self._head is not None:
            self._begin(self._head)
            self._answer.add(bytes(message.get("body", b"")))
            if not message.get("more_body", False):
                self._answer.end()
        else:
            raise RuntimeError(f"the message {kind!r} does not belong here")
        if self._answer.over:
            self._over.set()

    def _begin(self, head: Message) -> None:
        """The head goes out with the first part of the body, as servers do."""
        if not self._answer.begun:
            headers = tuple(
                (bytes(name).decode("latin-1"), bytes(value).decode("latin-1"))
                for name, value in head.get("headers", ())
            )
            status = int(head["status"])
            self._answer.begin(status, http.client.responses.get(status, ""), headers)


def _scope(method: str, url: str, headers: Mapping[str, str], state: dict[str, Any]) -> Message:
    parts = urlsplit(url)
    scheme, host, port = origin_of(url)
    given = {"host": parts.netloc, **{name.lower(): value for name, value in headers.items()}}
    if method != "GET":
        given["content-length"] = "0"
    return {
        "type": "http",
        "asgi": _VERSIONS,
        "http_version": "1.1",
        "method": method,
        "scheme": scheme,
        "path": unquote(parts.path),
        "raw_path": parts.path.encode("ascii"),
        "query_string": parts.query.encode("ascii"),
        "root_path": "",
        "headers": [(name.encode("ascii"), value.encode("ascii")) for name, value in given.items()],
        "client": ("127.0.0.1", 50_000),
        "server": (host, port),
        "state": state,
        "extensions": {},
    }
