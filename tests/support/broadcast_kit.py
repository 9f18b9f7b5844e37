"""Runs the command `broadcast` as a user does: a process with a store of its own."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from mockserver.line import LineServer

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
                "BROADCAST_LINE_BASE_URL": line.url, "BROADCAST_LINE_TOKEN": line.token,
            }  # fmt: skip

    def __call__(
        self, *arguments: str | Path, code: int | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run it without a terminal; with `code`, it must end so."""
        done = subprocess.run(
            [COMMAND, *arguments], capture_output=True, encoding="utf-8", check=False,
            stdin=subprocess.DEVNULL, cwd=self.folder, timeout=DEADLINE_SECONDS,
            env={**self.environment, **environment},
        )  # fmt: skip
        assert "Traceback" not in done.stderr, done.stderr
        if code is not None:
            assert done.returncode == code, done.stdout + done.stderr
        return done

    def start(self, *arguments: str | Path) -> "subprocess.Popen[str]":
        """Begin it, with pipes for its output."""
        return subprocess.Popen(
            [COMMAND, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, encoding="utf-8", cwd=self.folder, env=self.environment,
        )  # fmt: skip

    def on_terminal(self, answer: str, *arguments: str | Path) -> tuple[int, str]:
        """Run it at a terminal where somebody typed the answer: its status, what is shown."""
        leader, follower = pty.openpty()
        process = subprocess.Popen(
            [COMMAND, *arguments], stdin=follower, stdout=follower, stderr=follower,
            cwd=self.folder, env=self.environment,
        )  # fmt: skip
        os.close(follower)
        os.write(leader, answer.encode())
        shown = _read_all(leader)
        return process.wait(timeout=DEADLINE_SECONDS), shown

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


def _read_all(leader: int) -> str:
    data = b""
    while True:
        try:
            part = os.read(leader, 4096)
        except OSError:  # how Linux tells that the other end has gone
            break
        if not part:
            break
        data += part
    os.close(leader)
    return data.decode("utf-8", "replace")
