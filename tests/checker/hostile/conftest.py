"""A server that does what it is told with each connection, and a check of it that trusts nothing.

A script gets a `Line`: the connection with one request on it. When the script returns, the
connection waits for the next request; `line.close()` and `line.reset()` end it.
"""

import contextlib
import json
import socket
import ssl
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import jsonschema
import pytest

from checker import Report, check
from checker.reports.format import Style
from checker.reports.json_report import render_json
from checker.reports.text_report import render_text, verdict_line
from schemas import read

HERE = Path(__file__).parent
SCHEMA = jsonschema.Draft202012Validator(read("report"))


class LineOverError(Exception):
    """The connection has ended: the script's ordinary end."""


class Line:
    """A connection with a request on it."""

    def __init__(self, sock: socket.socket, request: bytes) -> None:
        self.sock = sock
        self.request = request
        self.method, self.target, _ = request.split(b"\r\n")[0].decode("latin-1").split(" ")

    def header(self, name: str) -> str | None:
        """A header of the request."""
        for line in self.request.decode("latin-1").split("\r\n")[1:]:
            found, _, value = line.partition(": ")
            if found.lower() == name.lower():
                return value
        return None

    def send(self, content: bytes) -> None:
        """These bytes and no others."""
        try:
            self.sock.sendall(content)
        except OSError:
            raise LineOverError from None

    def forever(self, content: bytes) -> NoReturn:
        """The same again and again, until the client has had enough."""
        while True:
            self.send(content)

    def drip(self, content: bytes) -> None:
        """Byte by byte, each some time after the other, for as long as the client waits."""
        for index in range(len(content)):
            self.send(content[index : index + 1])
            self.wait(0.05)

    def forever_slowly(self, content: bytes) -> NoReturn:
        """The first of these bytes, and then nothing but zeros, each some time after the other."""
        self.send(content)
        while True:
            self.drip(b"\0" * 100)

    def wait(self, seconds: float | None = None) -> None:
        """Say nothing, until the client goes or that time is over."""
        self.sock.settimeout(seconds)
        try:
            while self.sock.recv(65_536):
                pass
        except TimeoutError:
            self.sock.settimeout(None)
            return
        except OSError:
            pass
        raise LineOverError

    def reply(
        self,
        body: bytes | str = b"",
        *headers: str,
        status: str = "200 OK",
        length: object = None,
        kind: str | None = "application/json",
    ) -> None:
        """A response, right but for what is asked for; `length=""` leaves the length out."""
        content = body.encode() if isinstance(body, str) else body
        lines = [f"HTTP/1.1 {status}", *headers]
        if kind is not None:
            lines.append(f"Content-Type: {kind}")
        if length != "":
            lines.append(f"Content-Length: {len(content) if length is None else length}")
        head = "\r\n".join(lines) + "\r\n\r\n"
        self.send(head.encode("latin-1") + content)

    def page(self, *headers: str, rows: int = 2, then: str = "", start: int = 0) -> None:
        """A right page."""
        found = [{"uid": f"user-{n}", "msg": f"hello {n}"} for n in range(start, start + rows)]
        self.reply(json.dumps({"list": found, "next": then}, separators=(",", ":")), *headers)

    def chunks(self, *parts: bytes) -> None:
        """The head of a chunked response, and these bytes as they are."""
        self.send(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n" + b"".join(parts)
        )

    def close(self) -> NoReturn:
        """Say goodbye."""
        raise LineOverError

    def reset(self) -> NoReturn:
        """Slam the door."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise LineOverError


Script = Callable[[Line], object]


class HostileServer:
    """Runs a script for every request, and keeps what was asked."""

    def __init__(self, script: Script, *, greets: bool = False) -> None:
        """With `greets`, the script is run before anything is read, once a connection."""
        self._script = script
        self._greets = greets
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._closing = False
        self.requests: list[Line] = []
        self.connections = 0
        self.failures: list[BaseException] = []
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/recipients"
        self._begin(self._accept)

    def _begin(self, target: Callable[..., None], *args: Any) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self._open.add(sock)
            if self._closing:
                sock.close()
                return
            self.connections += 1
            self._begin(self._serve, sock)

    def _serve(self, sock: socket.socket) -> None:
        try:
            if self._greets:
                self._script(Line(sock, b"- - -"))
            while request := _request(sock):
                line = Line(sock, request)
                self.requests.append(line)
                self._script(line)
        except LineOverError:
            pass
        except BaseException as error:  # noqa: BLE001  told to the test at the end
            self.failures.append(error)
        finally:
            self._open.discard(sock)
            sock.close()

    def close(self) -> None:
        """End every connection and wait for their threads."""
        self._closing = True
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for sock in list(self._open):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()


def _request(sock: socket.socket) -> bytes:
    """The next request's head; empty when there is none."""
    head = b""
    while b"\r\n\r\n" not in head:
        try:
            part = sock.recv(65_536)
        except OSError:
            return b""
        if not part:
            return b""
        head += part
    return head


Serve = Callable[..., HostileServer]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start a server of a script; it ends with the test, which fails if its script did."""
    servers: list[HostileServer] = []

    def start(script: Script, *, greets: bool = False) -> HostileServer:
        servers.append(HostileServer(script, greets=greets))
        return servers[-1]

    yield start
    for server in servers:
        server.close()
    assert [failure for server in servers for failure in server.failures] == []


class Outcome:
    """A report, and everything that anyone may read of it."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.json = render_json(report)
        style = Style(color=False, width=100)
        self.text = verdict_line(report, style) + "\n" + render_text(report, style)
        assert report.crashes == ()
        SCHEMA.validate(json.loads(self.json))

    @property
    def rules(self) -> set[str]:
        """All that were found."""
        return {finding.rule for finding in self.report.findings}

    @property
    def errors(self) -> set[str]:
        """Those that make the check fail."""
        return {f.rule for f in self.report.findings if f.severity.value == "error"}

    @property
    def says(self) -> str:
        """What the findings say, in one text."""
        return " ".join(finding.message for finding in self.report.findings)


Examine = Callable[..., Outcome]


@pytest.fixture
def examine() -> Examine:
    """Check a server: no second try, and no probes unless asked for."""

    def run(server: HostileServer | str, **options: Any) -> Outcome:
        url = server if isinstance(server, str) else server.url
        return Outcome(check(url, **{"timeout": 20, "retries": 0, "probes": False, **options}))

    return run


class Finished:
    """A process of broadcast-check that has ended."""

    def __init__(self, done: subprocess.CompletedProcess[str]) -> None:
        self.status, self.out, self.err = done.returncode, done.stdout, done.stderr
        assert "Traceback" not in self.err
        assert self.status in (0, 1), self.err

    @property
    def errors(self) -> set[str]:
        """The error rules of a JSON report."""
        report = json.loads(self.out)
        return {f["rule"] for f in report["findings"] if f["severity"] == "error"}


@pytest.fixture
def command() -> Callable[..., Finished]:
    """The command itself, as a process: `command(server, "--format", "json")`."""

    def run(server: HostileServer, *options: str) -> Finished:
        words = [sys.executable, "-m", "checker", server.url, "--retries", "0", *options]
        return Finished(subprocess.run(words, capture_output=True, encoding="utf-8", check=False))

    return run


Weigh = Callable[..., tuple[Finished, int]]


@pytest.fixture(scope="session")
def peak_memory(tmp_path_factory: pytest.TempPathFactory) -> Weigh:
    """The command in a process that notes its peak memory, in bytes."""
    if not Path("/proc/self/status").exists():
        pytest.skip("the peak is read from /proc, which is Linux's")

    def run(server: HostileServer, *options: str) -> tuple[Finished, int]:
        note = tmp_path_factory.mktemp("memory") / "peak"
        fixed = ["--retries", "0", "--timeout", "30", "--format", "json"]
        words = [sys.executable, str(HERE / "note_peak.py"), str(note), server.url]
        done = subprocess.run(
            [*words, *fixed, *options], capture_output=True, encoding="utf-8", check=False
        )
        return Finished(done), int(note.read_text("ascii"))

    return run


@pytest.fixture(scope="session")
def healthy_peak(peak_memory: Weigh) -> int:
    """The peak memory of a check that finds nothing to remark."""
    server = HostileServer(lambda line: line.page())
    try:
        done, peak = peak_memory(server, "--no-probes")
    finally:
        server.close()
    assert done.errors == set()
    return peak


@pytest.fixture
def tls_context() -> ssl.SSLContext:
    """A server's half of TLS with a certificate for nobody in particular."""
    trustme = pytest.importorskip("trustme")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    return context
