"""Workers as processes, a stand-in for LINE as one, and a PostgreSQL that can be restarted."""

import contextlib
import json
import os
import pwd
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from broadcaster.queue.engine import Engine
from broadcaster.queue.worker import queue_of
from broadcaster.store import Store

TOKEN = "a-token-of-the-stand-in"
LEASE_SECONDS = 2.0
DEADLINE_SECONDS = 100.0
STOP_SECONDS = 30.0


def wait_until(what: Callable[[], Any], seconds: float = DEADLINE_SECONDS) -> Any:
    """What the question gives once it gives something."""
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end, f"not so after {seconds} s: {what}"
        time.sleep(0.05)
    return found


class Line:
    """`broadcast-mock line` as a process of its own, asked by its control API."""

    def __init__(self, *options: str) -> None:
        command = [str(Path(sys.executable).parent / "broadcast-mock"), "line", "--port", "0"]
        self._process = subprocess.Popen(
            [*command, "--token", TOKEN, *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()
        self._session = requests.Session()
        self._session.trust_env = False
        self.name = f"line at {self.url}"

    def close(self) -> None:
        self._session.close()
        self._process.terminate()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def summary(self) -> dict[str, Any]:
        """The figures."""
        found: dict[str, Any] = self._session.get(f"{self.url}/_control/summary", timeout=30).json()
        return found

    def set(self, what: str, **values: Any) -> None:
        """Faults or limits, from now on."""
        done = self._session.post(f"{self.url}/_control/{what}", json=values, timeout=30)
        assert done.status_code == 200, done.text

    def counts(self, of: str = "line") -> dict[str, int]:
        """How often each user was reached, by LINE or by the `webhook`."""
        found: dict[str, int] = {}
        after: int | None = 0
        while after is not None:
            page = self._session.get(
                f"{self.url}/_control/effects",
                params={"after": after, "limit": 10_000, "of": of},
                timeout=30,
            ).json()
            found |= {user["uid"]: user["count"] for user in page["users"]}
            after = page["next"]
        return found


class Workers:
    """Several `broadcast worker` on one store."""

    def __init__(self, store_address: str, line: Line, logs: Path) -> None:
        self._address = store_address
        self._line = line
        self._logs = logs
        self._started = 0
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self, number: int = 1, *options: str, via: str = "line") -> None:
        """So many more."""
        for _ in range(number):
            self._started += 1
            environ = {
                **os.environ,
                "BROADCAST_STORE": self._address,
                "BROADCAST_LINE_TOKEN": TOKEN,
                "BROADCAST_LINE_BASE_URL": self._line.url,
            }
            with (self._logs / f"worker{self._started}.log").open("wb") as log:
                self.running.append(
                    subprocess.Popen(
                        [
                            str(Path(sys.executable).parent / "broadcast"),
                            "worker",
                            "--via",
                            via,
                            "--lease",
                            str(LEASE_SECONDS),
                            *options,
                        ],
                        env=environ,
                        stderr=log,
                        stdout=subprocess.DEVNULL,
                    )
                )

    def wait_until_working(self) -> None:
        """Until each of them has begun."""
        wait_until(lambda: len(self.events("worker_began")) >= self._started)

    def kill_one(self, chance: random.Random) -> None:
        """SIGKILL to any of them, and another one in its place."""
        victim = self.running.pop(chance.randrange(len(self.running)))
        victim.kill()
        victim.wait()
        self.start()

    def stop(self) -> list[int]:
        """SIGTERM to all, which end in the time that deploy/ gives them; their exit statuses."""
        for worker in self.running:
            worker.terminate()
        return [worker.wait(timeout=STOP_SECONDS) for worker in self.running]

    def close(self) -> None:
        for worker in self.running:
            worker.kill()
            worker.wait()

    def logged(self) -> str:
        """All that they logged."""
        return "".join(path.read_text("utf-8") for path in sorted(self._logs.glob("*.log")))

    def events(self, name: str, **members: Any) -> list[dict[str, Any]]:
        """What they logged by this name with such members; a line cut by a kill is left out."""
        found = []
        for line in self.logged().splitlines():
            with contextlib.suppress(ValueError):
                event = json.loads(line)
                if event["event"] == name and members.items() <= event.items():
                    found.append(event)
        return found


def hand_over(
    store: Store, number: int, line: Line, *, via: str | None = None, **sending: Any
) -> None:
    """Start sending by workers, as `broadcast send --queue` does; by LINE unless `via` names, as
    the store does, another channel.
    """
    engine = Engine(store.url)
    with store.writing() as connection:
        engine.prepare(connection)
    store.chunk_queue.start(
        number,
        engine.dispatch,
        queue=queue_of(via or line.name),
        look_seconds=LEASE_SECONDS,
        now=time.time(),
        via=via or line.name,
        **sending,
    )


class Server:
    """The PostgreSQL behind an address, to be treated badly."""

    def __init__(self, address: str, pg_ctl: Path) -> None:
        self._folder = Path(parse_qs(urlsplit(address).query)["host"][0])
        self._pg_ctl = pg_ctl

    def restart(self) -> None:
        """As after a crash: nothing is finished, nobody is told."""
        self._control("-m", "immediate", "-l", "log", "restart")

    @contextlib.contextmanager
    def stopped(self) -> Iterator[None]:
        """Not there, within the block."""
        options = (self._folder / "data" / "postmaster.opts").read_text("utf-8").split(" ", 1)[1]
        self._control("-m", "immediate", "stop")
        try:
            yield
        finally:
            self._control("-l", "log", "-o", options.strip().replace('"', "'"), "start")

    def _control(self, *arguments: str) -> None:
        owner = pwd.getpwuid((self._folder / "data").stat().st_uid).pw_name
        user: Mapping[str, Any] = {"user": owner, "extra_groups": []} if os.geteuid() == 0 else {}
        subprocess.run(
            [self._pg_ctl, "-D", "data", "-w", *arguments],
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            check=True,
            **user,
        )


@pytest.fixture
def store_kind() -> str:
    """The queue needs PostgreSQL."""
    return "postgresql"


@pytest.fixture
def line() -> Iterator[Line]:
    """Without a limit; counts what each user received."""
    started = Line("--no-texts", "--rate", "0")
    yield started
    started.close()


@pytest.fixture
def workers(store_address: str, line: Line, tmp_path: Path) -> Iterator[Workers]:
    """None yet; those that a test starts end with it."""
    logs = tmp_path / "logs"
    logs.mkdir()
    started = Workers(store_address, line, logs)
    yield started
    started.close()
