"""Runs the window as its users do: a process of its own, over a store that outlives it."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

__all__ = ["COMMAND", "WindowProcess"]

COMMAND = (Path(sys.executable).parent / "broadcast", "serve")


class WindowProcess:
    """`url` is where it serves, `token` that of the printed address, if any. Started anew it
    is the same window on the same port.

    `ended_at` is where a test has ended one: a browser there may lose its connection in any way.
    """

    ended_at: ClassVar[set[str]] = set()

    def __init__(
        self,
        store: Path,
        *options: str,
        env: Mapping[str, str] | None = None,
        token: bool = False,
        cwd: Path | None = None,
    ) -> None:
        self._store = store
        self._options = options if token else ("--no-token", *options)
        self._cwd = cwd
        self._env = env or {}
        self._port = 0
        self._process: subprocess.Popen[str] | None = None
        self.url = ""
        self.token: str | None = None
        self.start()

    def start(self) -> None:
        """Start it, and wait until it says where it is."""
        environment = {**os.environ, "BROADCAST_STORE": f"sqlite:///{self._store}", **self._env}
        process = subprocess.Popen(
            [*COMMAND, "--port", str(self._port), *self._options],
            env=environment,
            cwd=self._cwd,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )
        self._process = process
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if found := re.search(r"(http://\S+?:(\d+))/(?:\?token=(\S+))?", line):
                self.url, self._port, self.token = found[1], int(found[2]), found[3]
                return
        raise AssertionError(f"the window did not start: {''.join(said)}")

    @property
    def process_number(self) -> int:
        """The number of the server's process."""
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it in order."""
        self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is not None:
            self.ended_at.add(self.url)
            process.send_signal(number)
            process.communicate(timeout=60)
