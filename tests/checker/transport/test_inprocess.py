"""Apps of this process in the network's place: what is reported is what a server would send."""

import asyncio
import gzip
import json
import sqlite3
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from typing import Any
from wsgiref.validate import validator

import pytest
from asgiref.wsgi import WsgiToAsgi
from fastapi import BackgroundTasks, FastAPI

from checker import Report, UsageError, check
from checker.cli.options import config_of, parse_options
from checker.engine.run import run
from checker.transport.inprocess import sender_for
from mockserver import MockConfig, catalogue, create_app

PAGE = b'{"list":[{"uid":"a","msg":"b"}],"next":""}'
JSON = ("Content-Type", "application/json")
SECRET = "hunter2-swordfish"
ON_THE_WIRE = ("NET", "PERF", "OK-", "SEC002", "JSON001-short-length", "HTTP009-other-origin")
FAULTS = [
    name
    for name in catalogue()
    if not name.startswith(ON_THE_WIRE) or name in ("NET007-gzip-bomb", "NET008")
]

Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]


def rules(report: Report) -> list[str]:
    return [finding.rule for finding in report.findings]


def asked(app: Any, **options: Any) -> Report:
    return check("/recipients", app=app, retries=0, probes=False, **options)


def wsgi(status: str, headers: list[tuple[str, str]], *parts: bytes) -> Callable[..., Any]:
    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
        start_response(status, headers)
        yield from parts

    return app


def asgi(*messages: dict[str, Any]) -> Callable[..., Any]:
    async def app(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        assert scope["type"] == "http"
        for message in messages:
            await send(message)

    return app


def start(status: int = 200, *headers: tuple[bytes, bytes]) -> dict[str, Any]:
    return {"type": "http.response.start", "status": status, "headers": list(headers)}


def body(part: bytes = b"", more_body: bool = False) -> dict[str, Any]:
    return {"type": "http.response.body", "body": part, "more_body": more_body}


@pytest.fixture(scope="module")
def mock() -> Any:
    return create_app()


@pytest.mark.parametrize(
    ("server", "name"),
    [("wsgi", name) for name in FAULTS] + [("asgi", name) for name in FAULTS[::5]],
)
def test_a_fault_is_the_same_without_a_socket(mock: Any, server: str, name: str) -> None:
    fault = catalogue()[name]
    if fault.host:
        pytest.skip("it lies in the host's name")
    url = fault.endpoint("http://localhost")
    config = config_of(parse_options(["--no-config", "--retries=0", *fault.options, "--", url]))
    app = mock if server == "wsgi" else WsgiToAsgi(mock)
    sender = sender_for(app, timeout_seconds=30.0, body_limit_bytes=config.body_limit_bytes)
    assert sorted(rules(run(replace(config, sender=sender)))) == sorted(fault.rules)


@pytest.mark.parametrize(
    ("app", "found"),
    [
        (wsgi("200 OK", [JSON], PAGE), []),
        (wsgi("200 OK", [JSON], b"", PAGE[:9], b"", PAGE[9:]), []),
        (wsgi("200", [JSON], PAGE), []),
        (wsgi("204 No Content", [], b"ignored"), ["PAGE006"]),
        (wsgi("200 OK", [JSON]), ["PAGE010"]),
        (wsgi("OK", [JSON], PAGE), ["NET006"]),
        (wsgi("101 Switching Protocols", [JSON], PAGE), ["NET006"]),
        (wsgi("200 OK", [JSON, ("Content-Length", "99")], PAGE), ["NET005"]),
        (wsgi("200 OK", [JSON, ("Content-Length", str(len(PAGE)))], PAGE, b"!"), []),
        (wsgi("200 OK", [JSON, ("Content-Encoding", "gzip")], PAGE), ["NET008"]),
        (wsgi("200 OK", [JSON, ("Content-Encoding", "gzip")], gzip.compress(PAGE)), []),
        (wsgi("302 Found", [("Location", "/recipients")], b"x" * 99), ["HTTP011"]),
        (wsgi("302 Found", [("Location", "https://elsewhere.example/")]), ["HTTP010"]),
        (wsgi("200 OK", [JSON], b"x" * 2000), ["NET007"]),
        (wsgi("404 Not Found", [("Content-Encoding", "gzip")], b"x" * 200_000), ["HTTP005"]),
        (asgi(start(200, (b"content-type", b"application/json")), body(PAGE)), []),
        (asgi(start(200, (b"content-type", b"application/json")), body(PAGE, True), body()), []),
        (asgi(start(200), body(b"x" * 2000, True)), ["NET007"]),
        (asgi(start(200), body(PAGE[:9], True)), ["NET005"]),
        (asgi(start(99), body(PAGE)), ["NET006"]),
        (asgi(start(200)), ["HTTP007"]),
        (asgi(body(PAGE)), ["HTTP007"]),
        (asgi(), ["HTTP007"]),
        (asgi(start(), start()), ["HTTP007"]),
        (asgi(start(200), body(PAGE[:9], True), start()), ["NET005"]),
        (asgi(start(503), body(b"later")), ["HTTP007"]),
    ],
)
def test_an_answer_is_judged_as_its_bytes_would_be(app: Any, found: list[str]) -> None:
    assert rules(asked(app, body_limit_bytes=1000)) == found


def crashing(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    raise ValueError(SECRET)


def crashing_midway(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
    start_response("200 OK", [JSON])
    yield PAGE[:9]
    raise ValueError(SECRET)


async def crashing_async(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    raise ValueError(SECRET)


async def crashing_async_midway(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    await send(start())
    await send(body(PAGE[:9], more_body=True))
    raise ValueError(SECRET)


async def crashing_after_its_own_500(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    await send(start(500))
    await send(body(b"sorry"))
    raise ValueError(SECRET)


@pytest.mark.parametrize(
    ("app", "rule"),
    [
        (crashing, "HTTP007"),
        (crashing_midway, "NET005"),
        (crashing_async, "HTTP007"),
        (crashing_async_midway, "NET005"),
        (crashing_after_its_own_500, "HTTP007"),
    ],
)
def test_an_exception_is_told_by_type_and_line_alone(
    app: Any, rule: str, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    report = asked(app)
    [finding] = report.findings
    assert finding.rule == rule
    assert "the app raised ValueError (test_inprocess.py, line " in finding.message
    assert SECRET not in repr(report)
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []


def test_start_response_may_be_called_again_until_the_first_bytes() -> None:
    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        start_response("200 OK", [JSON])
        error = ValueError()
        start_response("403 Forbidden", [], (ValueError, error, None))
        return [b"no"]

    assert rules(asked(app)) == ["HTTP006"]


def test_start_response_twice_is_a_crash() -> None:
    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        start_response("200 OK", [JSON])
        start_response("200 OK", [JSON])
        return [PAGE]

    assert rules(asked(app)) == ["HTTP007"]


def test_an_app_may_write_and_is_closed() -> None:
    closed = []

    class Parts(list[bytes]):
        def close(self) -> None:
            closed.append(True)
            raise ValueError

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Parts:
        write = start_response("200 OK", [JSON])
        write(PAGE[:9])
        return Parts([PAGE[9:]])

    assert rules(asked(app)) == []
    assert closed == [True]


def test_the_environment_is_that_of_the_standard() -> None:
    seen: list[dict[str, Any]] = []

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        seen.append(environ)
        start_response("200 OK", [JSON])
        return [PAGE]

    url = "https://shop.example:8443/a%2Fb%C3%A9/recipients?kind=a%20b"
    report = check(url, app=validator(app), probes=False, headers={"X-Api-Key": SECRET})
    assert rules(report) == []
    [environ] = seen
    assert {key: environ[key] for key in environ if not key.startswith("wsgi.")} == {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/a/bÃ©/recipients",
        "QUERY_STRING": "kind=a%20b",
        "SERVER_NAME": "shop.example",
        "SERVER_PORT": "8443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "shop.example:8443",
        "HTTP_ACCEPT": "application/json",
        "HTTP_ACCEPT_ENCODING": "gzip",
        "HTTP_USER_AGENT": environ["HTTP_USER_AGENT"],
        "HTTP_X_API_KEY": SECRET,
    }
    assert environ["wsgi.url_scheme"] == "https"


def test_the_scope_is_that_of_the_standard() -> None:
    seen: list[dict[str, Any]] = []

    async def app(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        assert scope["type"] == "http"
        assert await receive() == {"type": "http.request", "body": b"", "more_body": False}
        seen.append(scope)
        await send(start(200, (b"content-type", b"application/json")))
        await send(body(PAGE))

    url = "https://shop.example:8443/a%2Fb%C3%A9/recipients?kind=a%20b"
    assert rules(check(url, app=app, probes=False, headers={"X-Api-Key": SECRET})) == []
    [scope] = seen
    headers = dict(scope.pop("headers"))
    assert (headers[b"host"], headers[b"x-api-key"]) == (b"shop.example:8443", SECRET.encode())
    assert scope == {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "https",
        "path": "/a/bé/recipients",
        "raw_path": b"/a%2Fb%C3%A9/recipients",
        "query_string": b"kind=a%20b",
        "root_path": "",
        "client": ("127.0.0.1", 50_000),
        "server": ("shop.example", 8443),
        "state": {},
        "extensions": {},
    }


def test_a_wsgi_app_runs_in_the_callers_thread() -> None:
    with sqlite3.connect(":memory:") as database:  # which no other thread may use

        def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
            [(uid,)] = database.execute("select 'a'")
            start_response("200 OK", [JSON])
            return [json.dumps({"list": [{"uid": uid, "msg": "b"}], "next": ""}).encode()]

        assert rules(asked(app)) == []
    database.close()


def test_the_lifespan_surrounds_the_check() -> None:
    told: list[str] = []

    async def app(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            assert scope["state"] == {"database": "open"}
            await asgi(start(200, (b"content-type", b"application/json")), body(PAGE))(
                scope, receive, send
            )
            return
        scope["state"]["database"] = "open"
        for _ in range(2):
            message = await receive()
            told.append(message["type"])
            await send({"type": message["type"] + ".complete"})

    assert rules(asked(app)) == []
    assert told == ["lifespan.startup", "lifespan.shutdown"]


def test_an_app_that_does_not_start_cannot_be_reached() -> None:
    async def app(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.failed", "message": SECRET})

    report = asked(app)
    assert rules(report) == ["NET002"]
    assert "its lifespan startup failed" in report.findings[0].message
    assert SECRET not in repr(report)


@pytest.mark.parametrize("blocks", [True, False])
@pytest.mark.parametrize("kind", ["lifespan", "http"])
def test_an_asgi_app_that_hangs_is_given_up(kind: str, blocks: bool) -> None:
    released = threading.Event()

    async def app(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == kind:
            if blocks:
                released.wait(20)
            else:
                await asyncio.Event().wait()

    report = asked(app, timeout=0.05)
    released.set()
    assert rules(report) == ["NET002" if kind == "lifespan" else "NET004"]


def test_a_wsgi_app_that_is_late_is_told() -> None:
    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        start_response("200 OK", [JSON])
        until = time.monotonic() + 0.02
        while time.monotonic() < until:
            pass
        return [PAGE]

    assert rules(asked(app, timeout=0.01)) == ["NET004"]


@pytest.mark.parametrize("kind", ["wsgi", "asgi"])
def test_an_answer_without_end_is_ended(kind: str) -> None:
    async def endless(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        await send(start())
        while True:
            await send(body(b" " * 100, more_body=True))
            await asyncio.sleep(0)

    def forever() -> Iterator[bytes]:
        while True:
            yield b" " * 100

    def unending(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
        start_response("200 OK", [JSON])
        return forever()

    app = unending if kind == "wsgi" else endless
    assert rules(asked(app, body_limit_bytes=10_000)) == ["NET007"]


def test_fastapi_does_its_background_work_and_leaves_no_thread() -> None:
    app, done = FastAPI(), []

    @app.get("/recipients")
    def recipients(background: BackgroundTasks) -> dict[str, Any]:
        background.add_task(done.append, 1)
        background.add_task(asyncio.sleep, 0.5)  # slow work, which goes on when the check is over
        background.add_task(done.append, 2)
        return {"list": [{"uid": "a", "msg": "b"}], "next": ""}

    before = set(threading.enumerate())
    assert asked(app).verdict == "pass"
    assert done == [1, 2]
    started = set(threading.enumerate()) - before
    for thread in started:
        thread.join(30)
    assert not any(thread.is_alive() for thread in started)


def test_a_coroutine_may_check_its_own_app() -> None:
    async def test() -> Report:
        return asked(asgi(start(200, (b"content-type", b"application/json")), body(PAGE)))

    assert asyncio.run(test()).verdict == "pass"


def test_several_crawls_at_once_share_the_app() -> None:
    mock = create_app(MockConfig(page_size=50))
    for app in (mock, WsgiToAsgi(mock)):
        assert check("/recipients", app=app, load=4).crawl.requests > 50


def takes_one(scope: object) -> None:
    raise AssertionError


@pytest.mark.parametrize("app", [takes_one, "app:app", object(), lambda: None, MockConfig])
def test_what_is_no_app_is_refused(app: Any) -> None:
    with pytest.raises(UsageError, match="app is not a WSGI or ASGI application"):
        check("/recipients", app=app)


def test_without_an_app_a_path_is_no_url() -> None:
    with pytest.raises(UsageError, match="must begin with http"):
        check("/recipients")
