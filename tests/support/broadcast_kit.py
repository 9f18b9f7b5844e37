"""Runs the command `broadcast` as a user does: a process with a store of its own."""

import json
import os
import pty
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from mockserver.line_api import LineServer

COMMAND = Path(sys.executable).parent / "broadcast"
DEADLINE_SECONDS = 60.0


class Broadcast:
    """The command with a store in a folder."""

    def __init__(self, folder: Path, line: LineServer | None = None, **environment: str) -> None:
        self.folder = folder
        self.store = folder / "store.sqlite"
        kept = {name: value for name, value in os.environ.items() if "BROADCAST" not in name}
        self.environment = {
            **kept,
            "BROADCAST_STORE": f"sqlite:///{self.store}",
            "HOME": str(folder),
            "COLUMNS": "200",
            **environment,
        }
        if line is not None:
            self.environment |= {
                "BROADCAST_LINE_BASE_URL": line.url,
                "BROADCAST_LINE_TOKEN": line.token,
            }

    def __call__(
        self, *arguments: str | Path, code: int | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run it without a terminal; with `code`, it must end so."""
        done = subprocess.run(
            [COMMAND, *arguments],
            capture_output=True,
            encoding="utf-8",
            check=False,
            stdin=subprocess.DEVNULL,
            cwd=self.folder,
            timeout=DEADLINE_SECONDS,
            env={**self.environment, **environment},
        )
        assert "Traceback" not in done.stderr, done.stderr
        if code is not None:
            assert done.returncode == code, done.stdout + done.stderr
        return done

    def start(self, *arguments: str | Path) -> "subprocess.Popen[str]":
        """Begin it, with pipes for its output."""
        return subprocess.Popen(
            [COMMAND, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            cwd=self.folder,
            env=self.environment,
        )

    def on_terminal(self, answer: str, *arguments: str | Path) -> tuple[int, str]:
        """Run it at a terminal where somebody typed the answer: its status, what is shown."""
        process, leader = self._at_terminal(*arguments)
        os.write(leader, answer.encode())
        shown = _read_until(leader, None)
        os.close(leader)
        return process.wait(timeout=DEADLINE_SECONDS), shown

    def interrupted_at(self, words: str, *arguments: str | Path) -> tuple[int, str]:
        """Run it at a terminal, and interrupt it once the words are shown."""
        process, leader = self._at_terminal(*arguments)
        shown = _read_until(leader, words)
        process.send_signal(signal.SIGINT)
        shown += _read_until(leader, None)
        os.close(leader)
        return process.wait(timeout=DEADLINE_SECONDS), shown

    def _at_terminal(self, *arguments: str | Path) -> "tuple[subprocess.Popen[bytes], int]":
        leader, follower = pty.openpty()
        process = subprocess.Popen(
            [COMMAND, *arguments],
            stdin=follower,
            stdout=follower,
            stderr=follower,
            cwd=self.folder,
            env=self.environment,
        )
        os.close(follower)
        return process, leader

    def status(self, *arguments: str) -> Any:
        """What `broadcast status --json` says."""
        return json.loads(self("status", *arguments, "--json", code=0).stdout)

    def only(self) -> dict[str, Any]:
        """The status of the only broadcast in the store."""
        [one] = self.status()
        found: dict[str, Any] = one
        return found

    def load(self, target: str | Path, *arguments: str) -> str:
        """Load it whole; gives the id."""
        done = self("load", target, "--no-config", "--json", *arguments, code=0)
        name: str = json.loads(done.stdout)["id"]
        return name

    def stored_bytes(self) -> bytes:
        """All that the store has on the disk."""
        return b"".join(path.read_bytes() for path in sorted(self.folder.glob("store.sqlite*")))


def contacts(path: Path, rows: Sequence[tuple[str, str]]) -> Path:
    """A CSV file of these contacts."""
    lines = ["uid,msg", *(f'{uid},"{msg.replace(chr(34), chr(34) * 2)}"' for uid, msg in rows)]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def some_rows(count: int) -> list[tuple[str, str]]:
    """Rows for people with ids of LINE."""
    return [(f"U{number:032x}", f"Hello, number {number}") for number in range(count)]


def wait_for(condition: Callable[[], bool], *, process: "subprocess.Popen[str]") -> None:
    """Until it holds; fails when the process ends before."""
    while not condition():
        try:
            process.wait(0.02)
        except subprocess.TimeoutExpired:
            continue
        raise AssertionError(f"it ended too early: {process.communicate()}")


class Sink:
    """A webhook's other side: answers the n-th request with `status(n)`, n from 1."""

    def __init__(self) -> None:
        self.received: list[dict[str, str]] = []
        self.headers: list[dict[str, str]] = []
        self.status: Callable[[int], int] = lambda number: 200
        sink = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                sink.received.append(
                    json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                )
                sink.headers.append(dict(self.headers))
                self.send_response(sink.status(len(sink.received)))
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *arguments: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._http.server_port}/hook"

    def close(self) -> None:
        """Stop serving."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


def _read_until(leader: int, words: str | None) -> str:
    data = b""
    while words is None or words.encode() not in data:
        try:
            part = os.read(leader, 4096)
        except OSError:  # how Linux tells that the other end has gone
            break
        if not part:
            break
        data += part
    return data.decode("utf-8", "replace")
