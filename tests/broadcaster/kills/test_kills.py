"""Senders are killed with SIGKILL at random moments, over and over, and nobody notices.

Real processes, real databases, and a channel that loses answers and fails at random. What reached
people is counted on the other side.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from mockserver import MockConfig, MockServer
from mockserver.line_api import Faults, Limits, LineConfig, LineServer
from mockserver.recipients.data import ListedRows

COMMAND = Path(sys.executable).with_name("broadcast")
PATIENCE_SECONDS = 90.0
WHOLE = os.environ.get("BROADCAST_SOAK") == "1"
# answers lost after and before the effect, 500 after and before it, and connections that break
FAULTS = Faults(
    answer_lost=0.04,
    request_lost=0.03,
    error_after=0.04,
    error_before=0.03,
    reset_after=0.02,
    half_answer=0.02,
    rate_limited=0.01,
    seed=7,
)


@dataclass(frozen=True)
class Hunt:
    """How long: kills, and rows enough that there is always something left to be killed in."""

    kills: int
    rows: int


@pytest.fixture
def hunt(whole: bool) -> Hunt:
    return Hunt(kills=105, rows=30_000) if whole else Hunt(kills=5, rows=1_000)


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'store.sqlite'}"
        return
    url = sa.make_url(request.getfixturevalue("postgresql_url"))
    name = f"kills_{os.getpid()}_{time.monotonic_ns()}"
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    yield url.set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


def rows(count: int) -> list[dict[str, str]]:
    return [{"uid": f"U{row:032x}", "msg": f"Hello {row}"} for row in range(count)]


class Broadcasts:
    """The command, with its store and its channel."""

    def __init__(self, address: str, line: LineServer, via: str) -> None:
        self._line = line
        self._via = via
        self._environment = os.environ | {
            "BROADCAST_STORE": address,
            "BROADCAST_LINE_TOKEN": line.token,
            "BROADCAST_LINE_BASE_URL": line.url,
        }

    def run(self, *arguments: str, expected: tuple[int, ...] = (0,)) -> str:
        done = subprocess.run(
            [COMMAND, *arguments],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        assert done.returncode in expected, done.stdout + done.stderr
        return done.stdout

    def load(self, endpoint: str) -> str:
        """Loads, and gives the broadcast's id."""
        return str(json.loads(self.run("load", endpoint, "--json"))["id"])

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [COMMAND, *arguments],
            env=self._environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def send(self, name: str) -> "subprocess.Popen[str]":
        return self.start("send", name, "--via", self._via, "--yes")

    def status(self, name: str) -> dict[str, object]:
        found: dict[str, object] = json.loads(self.run("status", name, "--json"))
        return found


def received(line: LineServer, of: str) -> int:
    """How many messages have arrived."""
    summary = line.summary()
    return int(summary["effects"] if of == "line" else summary["webhook"]["effects"])


def kill_when(process: "subprocess.Popen[str]", reached: Callable[[], bool]) -> bool:
    """Kills the process once it is so far; False when it had ended before."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not reached():
        if process.poll() is not None:
            return False
        assert time.monotonic() < deadline, "it makes no progress"
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    return True


def send_and_kill(broadcasts: Broadcasts, name: str, line: LineServer, of: str, kills: int) -> int:
    """Sends again and again, killed each time after some more rows; gives the kills."""
    chance = random.Random(20_261_125)
    for killed in range(kills):
        target = received(line, of) + chance.randrange(0, 200)
        process = broadcasts.send(name)
        if not kill_when(process, lambda: received(line, of) >= target):  # noqa: B023
            assert process.stderr is not None
            said = process.communicate()[1]
            assert process.returncode in (0, 1), said
            return killed
    return kills


@pytest.mark.timeout(3600 if WHOLE else 900)
def test_line_has_one_effect_for_every_row(address: str, hunt: Hunt) -> None:
    wanted = rows(hunt.rows)
    limits = Limits(rate=0)
    with (
        MockServer(MockConfig(rows=ListedRows(wanted), page_size=499)) as mock,
        LineServer(LineConfig(faults=FAULTS, limits=limits)) as line,
    ):
        broadcasts = Broadcasts(address, line, "line")
        name = broadcasts.load(mock.endpoint)
        killed = send_and_kill(broadcasts, name, line, "line", hunt.kills)
        last = broadcasts.send(name)
        assert last.communicate(timeout=PATIENCE_SECONDS * 10) is not None
        status = broadcasts.status(name)
        summary = line.summary()
        assert status["state"] == "done"
        assert status["counts"] == zeros() | {"accepted": hunt.rows}
        assert line.effects() == {row["uid"]: [row["msg"]] for row in wanted}
        assert summary["violations"] == 0
        assert killed >= min(hunt.kills, 3)


@pytest.mark.timeout(3600 if WHOLE else 900)
def test_a_webhook_without_idempotency_has_one_effect_at_most(address: str, hunt: Hunt) -> None:
    wanted = rows(hunt.rows)
    faults = Faults(answer_lost=0.002, error_after=0.001, seed=7)
    config = LineConfig(faults=faults, limits=Limits(rate=0), honour_idempotency_key=False)
    with (
        MockServer(MockConfig(rows=ListedRows(wanted), page_size=499)) as mock,
        LineServer(config) as line,
    ):
        broadcasts = Broadcasts(address, line, f"webhook:{line.webhook_url}")
        name = broadcasts.load(mock.endpoint)
        killed = send_and_kill(broadcasts, name, line, "webhook", hunt.kills)
        last = broadcasts.send(name)
        assert last.communicate(timeout=PATIENCE_SECONDS * 10) is not None
        counts = broadcasts.status(name)["counts"]
        assert isinstance(counts, dict)
        got = line.counts("webhook")
        assert set(got.values()) <= {1}
        assert counts["accepted"] <= len(got) <= counts["accepted"] + counts["held"]
        assert counts["accepted"] + counts["held"] == hunt.rows
        # what is held is what was in the air: a kill leaves no more in doubt than calls at once
        assert counts["held"] <= 130 * (killed + 1)
        assert killed >= min(hunt.kills, 3)


@pytest.mark.timeout(3600 if WHOLE else 600)
def test_a_load_that_is_killed_over_and_over_is_whole(address: str, hunt: Hunt) -> None:
    wanted = rows(hunt.rows // 10)
    chance = random.Random(1)
    with (
        MockServer(MockConfig(rows=ListedRows(wanted), page_size=20)) as mock,
        LineServer() as line,
    ):
        broadcasts = Broadcasts(address, line, "line")
        for _ in range(hunt.kills // 5 or 1):
            pages = chance.randrange(0, len(wanted) // 20)
            with broadcasts.start("load", mock.endpoint) as process:
                kill_when(process, lambda: pages_of(broadcasts) >= pages)  # noqa: B023
        name = broadcasts.load(mock.endpoint)
        status = broadcasts.status(name)
        assert status["rows"] == len(wanted)
        broadcasts.run("send", name, "--via", "line", "--yes")
        assert line.effects() == {row["uid"]: [row["msg"]] for row in wanted}


def pages_of(broadcasts: Broadcasts) -> int:
    """How many pages of the newest broadcast are stored."""
    found = json.loads(broadcasts.run("status", "--json"))
    return int(found[0]["rows"]) // 20 if found else 0


def zeros() -> dict[str, int]:
    states = ("ready", "sending", "accepted", "refused", "unknown", "held")
    return dict.fromkeys(states, 0)
