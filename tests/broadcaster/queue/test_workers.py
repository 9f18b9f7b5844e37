"""Workers as processes, killed and cut off: every row has one effect, and none is left behind."""

import asyncio
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import psycopg
import pytest
import requests
from broadcast_kit import Sink, contacts
from queue_kit import LEASE_SECONDS, TOKEN, Line, Server, Workers, hand_over, wait_until
from store_kit import claimed_calls, deliveries_of, loaded, rows_of, sending, settled_as

from broadcaster.channels import open_channel
from broadcaster.channels.stored_channel import stored_name
from broadcaster.delivery import cancel
from broadcaster.model import BroadcastState, DeliveryState, StopCause
from broadcaster.queue.chunk_jobs import ChunkJobs, WorkObserver
from broadcaster.queue.engine import Engine
from broadcaster.store import Store, open_store

WHOLE = os.environ.get("BROADCAST_SOAK") == "1"
KILLS, RESTARTS, ROWS = (100, 5, 60_000) if WHOLE else (8, 1, 4_000)
LOSSY = {"answer_lost": 0.002, "request_lost": 0.001, "error_after": 0.001, "rate_limited": 0.001}


@pytest.fixture
def sink() -> Iterator[Sink]:
    """A webhook's other side."""
    server = Sink()
    yield server
    server.close()


def done(store: Store, number: int) -> Callable[[], bool]:
    """Asks whether every row has an end state."""
    return lambda: store.broadcasts.state(number) is BroadcastState.DONE


def test_workers_send_a_broadcast(store: Store, line: Line, workers: Workers) -> None:
    broadcast = loaded(store, rows_of(1_500))
    workers.start(2)
    hand_over(store, broadcast.number, line)
    wait_until(done(store, broadcast.number))
    assert line.counts() == dict.fromkeys((uid for uid, _ in rows_of(1_500)), 1)
    assert line.summary()["requests"] == 1_500
    assert store.queue_figures.by_queue(0.0) == {}
    assert workers.stop() == [0, 0]


def test_logs_name_the_chunk_and_no_customer(store: Store, line: Line, workers: Workers) -> None:
    broadcast = loaded(store, rows_of(10))
    workers.start()
    hand_over(store, broadcast.number, line)
    wait_until(done(store, broadcast.number))
    assert workers.stop() == [0]
    (ended,) = workers.events("chunk_ended")
    assert (ended["broadcast"], ended["chunk"], ended["outcome"]) == (broadcast.id, 0, "sent")
    logged = workers.logged()
    assert not any(uid in logged or msg in logged for uid, msg in rows_of(10))


def test_a_dead_workers_chunk_is_taken_over_within_its_lease_and_a_second(
    store: Store, line: Line, workers: Workers
) -> None:
    broadcast = loaded(store, rows_of(20))
    line.set("faults", hang_before=1.0)
    workers.start()
    hand_over(store, broadcast.number, line)
    number = broadcast.number
    wait_until(lambda: store.broadcasts.counts(number)[DeliveryState.SENDING])
    first, second = workers.running[0], workers
    second.start()
    second.wait_until_working()
    line.set("faults")
    first.kill()
    first.wait()
    (until,) = store.ledger.owners(number, 0.0).values()
    wait_until(done(store, number))
    (ended,) = wait_until(lambda: workers.events("chunk_ended", outcome="sent"))
    took = datetime.fromisoformat(ended["at"]).timestamp() - until
    assert took < (1.0 if WHOLE else 5.0), "beside other tests the machine itself takes its time"
    assert set(line.counts().values()) == {1}


@pytest.mark.timeout(3600 if WHOLE else 200)
def test_kills_restarts_and_cut_connections_lose_and_repeat_nothing(
    store: Store,
    store_address: str,
    line: Line,
    workers: Workers,
    require_program: Callable[[str, str], Path],
) -> None:
    broadcast = loaded(store, rows_of(ROWS))
    server = Server(store_address, require_program("pg_ctl", "apt-get install postgresql"))
    chance = random.Random(7)
    line.set("faults", **LOSSY)
    workers.start(4)
    workers.wait_until_working()
    hand_over(store, broadcast.number, line)
    for kill in range(KILLS):
        before = line.summary()["requests"]
        wait_until(lambda reached=before + ROWS // KILLS // 4: _reached(line, reached))
        workers.kill_one(chance)
        if kill % (KILLS // RESTARTS) == KILLS // RESTARTS // 2:
            server.restart()
        else:
            _cut_connections(store_address, chance)
    wait_until(done(store, broadcast.number), 1800 if WHOLE else 60)
    assert line.counts() == dict.fromkeys((uid for uid, _ in rows_of(ROWS)), 1)
    assert store.broadcasts.counts(broadcast.number)[DeliveryState.ACCEPTED] == ROWS
    assert line.summary()["most_effects_of_a_key"] == 1
    wait_until(lambda: store.queue_figures.by_queue(0.0) == {})


def _reached(line: Line, requests: int) -> bool:
    found = line.summary()
    return found["requests"] >= requests or found["effects"] == ROWS


def _cut_connections(address: str, chance: random.Random) -> None:
    """Some of those that workers have with PostgreSQL."""
    with psycopg.connect(address.replace("+psycopg", ""), autocommit=True) as connection:
        found = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'broadcast%' "
            "AND datname = current_database()"
        ).fetchall()
        for (pid,) in chance.sample(found, min(3, len(found))):
            connection.execute("SELECT pg_terminate_backend(%s)", (pid,))


def test_a_small_broadcast_is_not_stuck_behind_a_large_one(
    store: Store, line: Line, workers: Workers
) -> None:
    large, small = loaded(store, rows_of(50_000)), loaded(store, rows_of(1_000, first=50_000))
    workers.start(2)
    hand_over(store, large.number, line)
    wait_until(lambda: line.summary()["effects"] > 200)
    hand_over(store, small.number, line)
    wait_until(done(store, small.number))
    assert store.broadcasts.counts(large.number)[DeliveryState.READY] > 30_000


def test_a_worker_that_is_told_to_stop_leaves_nothing_half_done(
    store: Store, line: Line, workers: Workers
) -> None:
    broadcast = loaded(store, rows_of(20_000))
    workers.start()
    hand_over(store, broadcast.number, line)
    wait_until(lambda: line.summary()["effects"] > 100)
    assert workers.stop() == [0]
    counts = store.broadcasts.counts(broadcast.number)
    assert counts[DeliveryState.SENDING] == counts[DeliveryState.UNKNOWN] == 0
    assert counts[DeliveryState.ACCEPTED] == line.summary()["effects"] < 20_000
    assert store.broadcasts.state(broadcast.number) is BroadcastState.SENDING


def test_a_pause_holds_for_all_workers(store: Store, line: Line, workers: Workers) -> None:
    broadcast = loaded(store, rows_of(20_000))
    number = broadcast.number
    workers.start(2)
    hand_over(store, number, line)
    wait_until(lambda: line.summary()["effects"] > 100)
    store.broadcasts.pause(number, StopCause.PERSON, time.time())
    wait_until(lambda: not store.broadcasts.counts(number)[DeliveryState.SENDING])
    wait_until(lambda: store.queue_figures.by_queue(0.0) == {})
    sent = line.summary()["effects"]
    hand_over(store, number, line)
    wait_until(lambda: line.summary()["effects"] > sent)
    assert store.broadcasts.state(number) is BroadcastState.SENDING


def test_what_stands_against_a_row_stops_no_other(
    store: Store, line: Line, workers: Workers
) -> None:
    """LINE refuses one person; the workers go on, and the broadcast is done."""
    rows = [*rows_of(600), ("not an id of LINE", "hello")]
    broadcast = loaded(store, rows)
    workers.start()
    hand_over(store, broadcast.number, line)
    wait_until(done(store, broadcast.number))
    counts = store.broadcasts.counts(broadcast.number)
    assert (counts[DeliveryState.ACCEPTED], counts[DeliveryState.REFUSED]) == (600, 1)


def test_a_worker_tells_its_health_and_its_figures(
    store: Store, line: Line, workers: Workers
) -> None:
    broadcast = loaded(store, rows_of(30))
    workers.start(1, "--health-port", "0")
    port = wait_until(lambda: workers.events("health_served"))[0]["port"]
    workers.wait_until_working()
    hand_over(store, broadcast.number, line)
    wait_until(done(store, broadcast.number))
    url = f"http://127.0.0.1:{port}"
    with requests.Session() as session:
        session.trust_env = False
        assert session.get(f"{url}/healthz", timeout=60).text == "ok\n"
        wait_until(lambda: session.get(f"{url}/readyz", timeout=60).status_code == 200)
        wait_until(lambda: _sent(session.get(f"{url}/metrics", timeout=60).text))
        figures = session.get(f"{url}/metrics", timeout=60).text
    answers = f'broadcast_worker_answers_total{{channel="{line.name}",verdict="accepted"}} 30.0'
    assert answers in figures
    assert 'broadcast_broadcasts{state="done"} 1.0' in figures
    assert "broadcast_store_up 1.0" in figures


def _sent(figures: str) -> bool:
    return 'broadcast_worker_chunk_seconds_count{outcome="sent"} 1.0' in figures


def test_without_its_store_a_worker_is_alive_and_not_ready(
    store: Store,
    store_address: str,
    workers: Workers,
    require_program: Callable[[str, str], Path],
) -> None:
    server = Server(store_address, require_program("pg_ctl", "apt-get install postgresql"))
    workers.start(1, "--health-port", "0")
    port = wait_until(lambda: workers.events("health_served"))[0]["port"]
    url = f"http://127.0.0.1:{port}"
    with requests.Session() as session:
        session.trust_env = False
        wait_until(lambda: session.get(f"{url}/readyz", timeout=60).status_code == 200)
        with server.stopped():
            wait_until(lambda: session.get(f"{url}/readyz", timeout=60).status_code == 503)
            assert session.get(f"{url}/healthz", timeout=60).status_code == 200
            assert "broadcast_store_up 0.0" in session.get(f"{url}/metrics", timeout=60).text
        wait_until(lambda: session.get(f"{url}/readyz", timeout=60).status_code == 200)
    assert workers.stop() == [0]


def test_a_worker_that_starts_before_postgresql_waits_for_it(
    store: Store,
    store_address: str,
    line: Line,
    workers: Workers,
    require_program: Callable[[str, str], Path],
) -> None:
    broadcast = loaded(store, rows_of(10))
    server = Server(store_address, require_program("pg_ctl", "apt-get install postgresql"))
    with server.stopped():
        workers.start()
        (waits,) = wait_until(lambda: workers.events("waiting_for_store"))
        assert "cannot be reached" in waits["cause"]
    workers.wait_until_working()
    hand_over(store, broadcast.number, line)
    wait_until(done(store, broadcast.number))
    assert workers.stop() == [0]


def test_a_broadcasts_own_rate_holds_for_all_workers_together(
    store: Store, line: Line, workers: Workers
) -> None:
    broadcast = loaded(store, rows_of(3_000))
    workers.start(2)
    workers.wait_until_working()
    hand_over(store, broadcast.number, line, rate=200.0)
    wait_until(done(store, broadcast.number))
    # with a rate each it comes near 400, as three chunks a worker last; a busy machine sends late
    assert line.summary()["peak_rate"] < 300


def test_workers_heed_another_rate_while_they_send(
    store: Store, line: Line, workers: Workers
) -> None:
    broadcast = loaded(store, rows_of(600))
    workers.start(2)
    hand_over(store, broadcast.number, line, rate=0.02)
    wait_until(lambda: line.summary()["effects"])
    store.broadcasts.set_rate(broadcast.number, 500.0, time.time())
    wait_until(done(store, broadcast.number))
    assert set(line.counts().values()) == {1}


def test_a_job_that_runs_twice_is_refused_by_the_lease(store: Store, line: Line) -> None:
    """Both at once, and once more after the end: no row is sent twice."""
    broadcast = loaded(store, rows_of(400))
    hand_over(store, broadcast.number, line)
    job = {"broadcast": broadcast.number, "first_row": 0}
    environ = {"BROADCAST_LINE_TOKEN": TOKEN, "BROADCAST_LINE_BASE_URL": line.url}
    outcomes = Outcomes()

    async def run() -> None:
        channel = open_channel("line", environ=environ)
        await channel.open()
        try:
            jobs = ChunkJobs(
                store,
                [channel],
                Engine(store.url).dispatch,
                at_once=2,
                lease_seconds=LEASE_SECONDS,
                watching=outcomes,
            )
            while store.broadcasts.state(broadcast.number) is BroadcastState.SENDING:
                await asyncio.gather(jobs.perform(job), jobs.perform(job))  # a slice of it
            await jobs.perform(job)
        finally:
            await channel.close()

    asyncio.run(run())
    assert line.summary()["requests"] == 400
    assert store.broadcasts.state(broadcast.number) is BroadcastState.DONE
    assert len(outcomes.seen) > 3


class Outcomes(WorkObserver):
    """Remembers how jobs ended."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def chunk_ended(self, outcome: str, seconds: float) -> None:
        self.seen.append(outcome)


def test_where_a_repeat_is_not_safe_a_person_decides_on_what_a_dead_worker_left(
    store: Store, workers: Workers, line: Line
) -> None:
    broadcast = loaded(store, rows_of(3_000))
    number, spec = broadcast.number, f"webhook:{line.url}/webhook"
    workers.start(via=spec)
    hand_over(store, number, line, via=stored_name(open_channel(spec, environ={})))
    wait_until(lambda: line.summary()["webhook"]["effects"] > 200)
    (victim,) = workers.running
    victim.kill()
    victim.wait()
    workers.start(via=spec)
    wait_until(done(store, number))
    reached, counts = line.counts("webhook"), store.broadcasts.counts(number)
    accepted, held = counts[DeliveryState.ACCEPTED], counts[DeliveryState.HELD]
    assert set(reached.values()) == {1}
    assert accepted + held == 3_000
    assert accepted <= len(reached) <= 3_000


def test_what_a_lost_host_left_of_a_cancelled_broadcast_is_held_by_a_worker(
    store: Store, line: Line, workers: Workers
) -> None:
    number = loaded(store, rows_of(3)).number
    hand_over(store, number, line)
    now = time.time()
    chunk = store.ledger.lease(
        number, "far.example:7:x", now=now, lease_seconds=LEASE_SECONDS, repeatable=True
    )
    assert chunk is not None
    broadcast = store.broadcasts.newest(1)[0]
    assert len(claimed_calls(store, broadcast, chunk, now=now, at_most=2)) == 2
    cancelled = cancel(store, broadcast)
    assert cancelled.counts[DeliveryState.SENDING] == 2, "that host may still be sending"
    workers.start()
    wait_until(lambda: store.broadcasts.counts(number)[DeliveryState.HELD] == 2)
    assert store.broadcasts.counts(number)[DeliveryState.READY] == 1
    assert line.summary()["effects"] == 0


def broadcast_command(*arguments: str, line: Line, store: str) -> subprocess.CompletedProcess[str]:
    """Run `broadcast`."""
    environ = {
        **os.environ,
        "BROADCAST_STORE": store,
        "BROADCAST_LINE_TOKEN": TOKEN,
        "BROADCAST_LINE_BASE_URL": line.url,
    }
    command = Path(sys.executable).parent / "broadcast"
    return subprocess.run(
        [command, *arguments], env=environ, capture_output=True, text=True, check=False
    )


def test_send_hands_over_by_the_command_and_a_canary_waits(
    store: Store, store_address: str, line: Line, workers: Workers
) -> None:
    broadcast = loaded(store, rows_of(1_200))
    workers.start()
    send = ["send", broadcast.id, "--via", "line", "--queue", "--yes"]
    first = broadcast_command(*send, "--first", "20", line=line, store=store_address)
    assert first.returncode == 0, first.stderr
    assert f"Queued for the workers of {line.name}" in first.stdout
    number = broadcast.number
    wait_until(lambda: store.broadcasts.state(number) is BroadcastState.PAUSED)
    assert set(line.counts()) == {uid for uid, _ in rows_of(20)}
    resume = ["resume", broadcast.id, "--queue", "--yes"]
    rest = broadcast_command(*resume, line=line, store=store_address)
    assert rest.returncode == 0, rest.stderr
    assert f"Queued for the workers of {line.name}" in rest.stdout
    wait_until(done(store, number))
    assert line.counts() == dict.fromkeys((uid for uid, _ in rows_of(1_200)), 1)


def test_run_and_retry_hand_over_by_the_command(
    store: Store, store_address: str, line: Line, workers: Workers, sink: Sink, tmp_path: Path
) -> None:
    people = contacts(tmp_path / "people.csv", rows_of(30))
    via = f"webhook+idempotent:{sink.url}"
    sink.status = lambda number: 400 if number <= 2 else 200
    run = ["run", str(people), "--no-config", "--via", via, "--queue", "--yes"]
    ran = broadcast_command(*run, line=line, store=store_address)
    assert ran.returncode == 0, ran.stderr
    assert "30 rows" in ran.stdout
    assert f"Queued for the workers of {via}" in ran.stdout
    (broadcast,) = store.broadcasts.newest(2)
    workers.start(via=via)
    wait_until(done(store, broadcast.number))
    assert store.broadcasts.counts(broadcast.number)[DeliveryState.REFUSED] == 2
    retry = ["retry", broadcast.id, "--queue", "--yes"]
    again = broadcast_command(*retry, line=line, store=store_address)
    assert again.returncode == 0, again.stderr
    assert f"Queued for the workers of {via}" in again.stdout
    wait_until(lambda: store.broadcasts.counts(broadcast.number)[DeliveryState.ACCEPTED] == 30)
    assert len(sink.received) == 32


def test_a_multicast_is_sent_by_workers_for_multicasts(
    store: Store, store_address: str, line: Line, workers: Workers
) -> None:
    broadcast = loaded(store, [(uid, "the same for all") for uid, _ in rows_of(1_000)])
    workers.start(1, "--multicast")
    send = ["send", broadcast.id, "--via", "line", "--multicast", "--queue", "--yes"]
    assert broadcast_command(*send, line=line, store=store_address).returncode == 0
    wait_until(done(store, broadcast.number))
    summary = line.summary()
    assert (summary["effects"], summary["requests"] < 20) == (1_000, True)


def test_a_store_in_a_file_has_no_queue(line: Line, sqlite_address: str, tmp_path: Path) -> None:
    with open_store(sqlite_address) as store:
        broadcast = loaded(store, rows_of(3))
    send = ["send", broadcast.id, "--via", "line", "--queue", "--yes"]
    refused = broadcast_command(*send, line=line, store=sqlite_address)
    sentence = "Workers need a store on PostgreSQL: set BROADCAST_STORE to"
    assert (refused.returncode, sentence in refused.stderr) == (2, True)
    people = str(contacts(tmp_path / "people.csv", rows_of(3)))
    with open_store(sqlite_address) as store:
        failed = sending(store, rows_of(1))
        chunk = store.ledger.lease(failed.number, "a", now=1.0, lease_seconds=1.0, repeatable=True)
        assert chunk is not None
        calls = claimed_calls(store, failed, chunk, now=1.0, at_most=1)
        store.ledger.settle(settled_as(deliveries_of(calls), DeliveryState.REFUSED), 2.0)
        store.ledger.release(chunk)
        for command in (["resume", broadcast.id], ["retry", failed.id], ["run", people]):
            also = broadcast_command(
                *command, "--via", "console", "--queue", "--yes", line=line, store=sqlite_address
            )
            assert (also.returncode, sentence in also.stderr) == (2, True)
        assert store.broadcasts.counts(failed.number)[DeliveryState.REFUSED] == 1
        assert len(store.broadcasts.newest(3)) == 2, "nothing was loaded"
    worked = broadcast_command("worker", "--via", "line", line=line, store=sqlite_address)
    assert (worked.returncode, sentence in worked.stderr) == (2, True)
    assert line.summary()["effects"] == 0
