"""The line of checks where it does not go as it should."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest
from answering import Server

from broadcaster.errors import NotNow
from broadcaster.store import open_store
from broadcaster.web.jobs.check_job import CheckJob
from broadcaster.web.jobs.checks import CheckJobs
from checker.api import Config, Endpoint


def order(url: str) -> CheckJob:
    config = Config(endpoint=Endpoint.parse(url), timeout_seconds=60)
    return CheckJob(endpoint=url, host="127.0.0.1", config=config)


def wait(line: CheckJobs, name: str) -> None:
    seen = -(10**9)
    while (progress := line.wait(name, seen, 60)) is not None:
        assert progress.version != seen, "nothing happened for too long"
        seen = progress.version


@pytest.fixture
def store(tmp_path: Path) -> Any:
    with open_store(f"sqlite:///{tmp_path / 'line.sqlite'}") as opened:
        yield opened


def test_a_check_whose_process_is_killed_is_lost(store: Any, slow_server: Server) -> None:
    line = CheckJobs(store, at_once=1, waiting=5)
    name = line.start(order(slow_server.url))
    assert slow_server.arrived.acquire(timeout=60)
    os.kill(line._entries[name].process.pid, signal.SIGKILL)  # type: ignore[union-attr, arg-type]
    wait(line, name)
    record = store.checks.get(name)
    assert record.state == "failed"
    assert "ended unexpectedly" in record.reason
    line.close()


def test_a_check_s_time_has_an_end(store: Any, slow_server: Server) -> None:
    line = CheckJobs(store, at_once=1, waiting=5, seconds=0.5)
    name = line.start(order(slow_server.url))
    wait(line, name)
    record = store.checks.get(name)
    assert record.state == "stopped"
    assert record.reason == "its time was up"
    line.close()


def test_a_closed_line_ends_its_checks_and_takes_no_more(store: Any, slow_server: Server) -> None:
    line = CheckJobs(store, at_once=1, waiting=5)
    running = line.start(order(slow_server.url))
    assert slow_server.arrived.acquire(timeout=60)
    waiting = line.start(order(slow_server.url))
    line.close()
    assert store.checks.get(running).state == "stopped"
    assert store.checks.get(running).report["interrupted"]
    assert store.checks.get(waiting).reason == "the server was stopped"
    with pytest.raises(NotNow):
        line.start(order(slow_server.url))


def test_stopping_what_ended_changes_nothing(store: Any) -> None:
    line = CheckJobs(store, at_once=1, waiting=5)
    name = line.start(order("http://127.0.0.1:9/"))
    line.stop("no such check")
    line.stop(name)
    wait(line, name)
    line.stop(name)
    assert line.look(name) is None
    line.close()
