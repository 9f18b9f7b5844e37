"""Servers of other languages, as tests start them: an example's run script, or one command."""

import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = ROOT / "examples" / "endpoints"
KEY = "a-key-that-nobody-may-see"
STARTING_SECONDS = 240  # the first start of an example installs what it needs


@dataclass(frozen=True)
class Answer:
    """What the server answered to one request."""

    status: int
    headers: dict[str, str]
    text: str


@dataclass(frozen=True)
class StackServer:
    """A running server: its port, the path of its endpoint, its database and what it printed."""

    port: int
    path: str
    database: Path
    log: Path

    @property
    def url(self) -> str:
        """The address of the endpoint."""
        return f"http://127.0.0.1:{self.port}{self.path}"

    def ask(self, query: str = "", *, method: str = "GET", key: str | None = KEY) -> Answer:
        """Send one request, with the key in a header unless it is None."""
        join = "&" if "?" in self.path else "?"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {} if key is None else {"X-Api-Key": key}
        try:
            connection.request(method, self.path + (join + query if query else ""), headers=headers)
            response = connection.getresponse()
            text = response.read().decode()
        finally:
            connection.close()
        return Answer(response.status, {n.lower(): v for n, v in response.getheaders()}, text)


def free_port() -> int:
    """Find a port that is free now, below those that the system gives to clients."""
    for port in range(18_000 + os.getpid() % 5_000, 32_000):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no port is free")


@contextmanager
def running(
    command: list[str | Path], folder: Path, path: str, database: Path, **variables: str
) -> Iterator[StackServer]:
    """Start a server in a folder, wait until it listens, and end it with its children."""
    port = free_port()
    log = database.with_suffix(".log")
    environment = {
        **os.environ,
        "PORT": str(port),
        "API_KEY": KEY,
        "DATABASE": str(database),
        **variables,
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_until_it_listens(process, port, log)
        yield StackServer(port, path, database, log)
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a server and its children."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_until_it_listens(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Return when the port takes connections; fails with the server's output when it ends first.

    A script that says what its language lacks skips the test; on CI that is a failed installation.
    """
    deadline = time.monotonic() + STARTING_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            output = log.read_text("utf-8", errors="replace")
            if output.startswith("This needs") and os.environ.get("CI") != "true":
                pytest.skip(output)
            pytest.fail(f"The server ended with status {process.returncode}:\n{output}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)  # between two looks; nothing is taken for granted after it
    pytest.fail(log.read_text("utf-8", errors="replace"))
