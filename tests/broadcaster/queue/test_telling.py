"""What operators are told of workers: in `broadcast status`, `broadcast workers`, metrics, logs."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families
from queue_kit import Line, Workers, hand_over, wait_until
from store_kit import loaded, rows_of

from broadcaster.model import BroadcastState, DeliveryState, StopCause
from broadcaster.store import Store
from broadcaster.store.fleet import FleetEndpoint
from broadcaster.store.workers import ALIVE_SECONDS


def broadcast(store_address: str, *arguments: str) -> str:
    """What the command prints."""
    done = subprocess.run(
        [Path(sys.executable).parent / "broadcast", *arguments],
        env={**os.environ, "BROADCAST_STORE": store_address},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=True,
    )
    return done.stdout


def figures_of(port: int) -> dict[tuple[str, ...], float]:
    """What Prometheus reads: each figure by its name and the values of its sorted labels."""
    with requests.Session() as session:
        session.trust_env = False
        text = session.get(f"http://127.0.0.1:{port}/metrics", timeout=60).text
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_a_broadcast_in_the_hands_of_workers_says_so(
    store: Store, store_address: str, line: Line, workers: Workers
) -> None:
    name = loaded(store, rows_of(1_200)).id
    hand_over(store, store.broadcasts.get(name).number, line, rate=5.0)
    nobody = broadcast(store_address, "status", name)
    assert "none runs; start one with: broadcast worker --via" in nobody
    assert "3 waiting for a worker" in nobody
    assert "senders" not in nobody
    workers.start(1, "--health-port", "0")
    port = wait_until(lambda: workers.events("health_served"))[0]["port"]
    wait_until(lambda: line.summary()["effects"])
    assert "workers   1 runs" in wait_until(lambda: _paced(store_address, name))
    document = json.loads(broadcast(store_address, "status", name, "--json"))["queue"]
    assert (document["workers"], document["chunks"], document["ended_leases"]) == (1, 3, 0)
    assert 0.0 < document["pace"] <= 5.0
    assert document["pace_low"] is None
    assert document["oldest_chunk_seconds"] > 0.0
    figures = figures_of(port)
    rows = [figures["broadcast_rows", state.value] for state in DeliveryState]
    assert sum(rows) == 1_200
    assert figures["broadcast_workers",] == 1
    assert figures["broadcast_pace_low", "fewer", line.name] == 0
    assert figures["broadcast_pace_calls_per_second", line.name] > 0
    (queue,) = {key[1] for key in figures if key[0] == "broadcast_queue_chunks"}
    assert figures["broadcast_queue_oldest_chunk_seconds", queue] > 0


def _paced(store_address: str, name: str) -> str:
    text = broadcast(store_address, "status", name)
    return text if "pace      at most" in text else ""


def test_why_the_pace_is_low_is_told(
    store: Store, store_address: str, line: Line, workers: Workers
) -> None:
    name = loaded(store, rows_of(600)).id
    line.set("faults", rate_limited=1.0)
    workers.start(1)
    hand_over(store, store.broadcasts.get(name).number, line)
    (low,) = wait_until(lambda: workers.events("pace_low"))[:1]
    assert (low["channel"], low["cause"]) in {(line.name, "fewer"), (line.name, "wait")}
    text = wait_until(lambda: _paced(store_address, name))
    assert "the channel asked" in text


def test_workers_are_listed_with_what_they_hold(
    store: Store, store_address: str, line: Line, workers: Workers
) -> None:
    assert "No worker runs" in broadcast(store_address, "workers")
    name = loaded(store, rows_of(20)).id
    line.set("faults", hang_before=1.0)
    workers.start(1)
    hand_over(store, store.broadcasts.get(name).number, line)
    held = wait_until(lambda: _workers(store_address, name))
    assert held["channels"] == [line.name]
    assert held["chunks"] == {name: 1}
    assert held["name"].endswith(f":{workers.running[0].pid}")
    assert f"holds     1 chunk of broadcast {name}" in broadcast(store_address, "workers")
    workers.running[0].kill()
    workers.running[0].wait()
    (dead,) = store.workers.standing(time.time() + ALIVE_SECONDS)
    assert not dead.is_alive(time.time() + ALIVE_SECONDS)
    line.set("faults")
    workers.start(1)
    (lease,) = wait_until(lambda: workers.events("lease_ended"))
    assert (lease["broadcast"], lease["chunk"]) == (name, 0)
    assert lease["owner"].startswith(held["name"])


def _workers(store_address: str, name: str) -> dict[str, Any] | None:
    found = json.loads(broadcast(store_address, "workers", "--json"))
    return found[0] if found and name in found[0]["chunks"] else None


def test_a_worker_that_is_stopped_is_not_listed(store: Store, workers: Workers) -> None:
    workers.start(1)
    workers.wait_until_working()
    assert len(store.workers.standing(time.time())) == 1
    assert workers.stop() == [0]
    assert store.workers.standing(time.time()) == []


def test_a_store_that_takes_no_changes_is_not_ready(
    store: Store, store_address: str, workers: Workers
) -> None:
    workers.start(1, "--health-port", "0")
    port = wait_until(lambda: workers.events("health_served"))[0]["port"]
    with requests.Session() as session:
        session.trust_env = False

        def ready() -> int:
            return session.get(f"http://127.0.0.1:{port}/readyz", timeout=60).status_code

        wait_until(lambda: ready() == 200)
        _make_read_only(store_address, "on")
        wait_until(lambda: ready() == 503)
        _make_read_only(store_address, "off")
        wait_until(lambda: ready() == 200)


def _make_read_only(store_address: str, value: str) -> None:
    """The database, for new connections; those that there are end."""
    plain = store_address.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute("SET default_transaction_read_only = off")
        name = connection.info.dbname
        connection.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = {value}')
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_a_fleet_that_needs_a_look_is_told(store: Store, store_address: str) -> None:
    assert "Fleet" not in broadcast(store_address, "status")
    shop = FleetEndpoint(name="shop", host="a.example", endpoint="https://a.example/r")
    store.fleet.enroll([shop], every_seconds=None, now=1.0)
    assert "Fleet: 1 endpoint, 1 due for a check, 0 failing" in broadcast(store_address, "status")


@pytest.mark.parametrize("state", [BroadcastState.READY, BroadcastState.PAUSED])
def test_what_workers_do_not_send_has_no_queue(
    store: Store, store_address: str, state: BroadcastState
) -> None:
    one = loaded(store, rows_of(3))
    if state is BroadcastState.PAUSED:
        store.broadcasts.start_sending(one.number, via="console", now=3.0)
        store.broadcasts.pause(one.number, StopCause.PERSON, 4.0)
    assert json.loads(broadcast(store_address, "status", one.id, "--json"))["queue"] is None
