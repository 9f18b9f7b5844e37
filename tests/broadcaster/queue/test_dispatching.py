"""Chunks are handed out in the transaction that makes them ready, by turns, and again when lost."""

import os
import subprocess
import sys
from collections.abc import Sequence

import psycopg
import pytest
import sqlalchemy as sa
from store_kit import loaded, rows_of

from broadcaster.errors import NotNow, WrongCommand
from broadcaster.model import BroadcastState, DeliveryState, StopCause
from broadcaster.queue.engine import Engine
from broadcaster.store import Store, open_store
from broadcaster.store.chunk_queue import WINDOW_CHUNKS
from broadcaster.store.dispatch import URGENT, ReadyChunk

LOOK_SECONDS = 15.0


class Handed:
    """Stands in the engine's place, and remembers."""

    def __init__(self) -> None:
        self.chunks: list[ReadyChunk] = []

    def __call__(self, _connection: sa.Connection, ready: Sequence[ReadyChunk]) -> int:
        self.chunks += ready
        return len(ready)

    def next_first(self) -> ReadyChunk:
        """What a worker takes, as the engine orders it."""
        chosen = max(self.chunks, key=lambda one: one.priority)
        self.chunks.remove(chosen)
        return chosen


def start(store: Store, number: int, handed: Handed, now: float = 100.0) -> None:
    store.chunk_queue.start(
        number, handed, queue="q", look_seconds=LOOK_SECONDS, now=now, via="console"
    )


def end(store: Store, chunk: ReadyChunk, handed: Handed, now: float = 101.0) -> None:
    store.chunk_queue.ended(
        chunk.broadcast, chunk.first_row, handed, look_seconds=LOOK_SECONDS, now=now
    )


def finish(store: Store, chunk: ReadyChunk, handed: Handed, now: float = 101.0) -> None:
    """All rows of a chunk are accepted."""
    with store.writing() as connection:
        connection.execute(
            sa.text(
                "UPDATE chunks SET accepted = rows, ready = 0 "
                "WHERE broadcast = :number AND first_row = :first"
            ),
            {"number": chunk.broadcast, "first": chunk.first_row},
        )
    end(store, chunk, handed, now)


def many(store: Store, count: int) -> int:
    """A broadcast with so many chunks, of one row each."""
    number = loaded(store, rows_of(1)).number
    with store.writing() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO chunks (broadcast, first_row, rows, ready, sending, accepted, "
                "refused, unknown, held) SELECT :number, n, 1, 1, 0, 0, 0, 0, 0 "
                "FROM generate_series(1, :last) AS n"
            ),
            {"number": number, "last": count - 1},
        )
    return number


def test_a_large_broadcast_is_handed_out_by_and_by(store: Store) -> None:
    number, handed = many(store, 3 * WINDOW_CHUNKS), Handed()
    start(store, number, handed)
    assert len(handed.chunks) == WINDOW_CHUNKS
    done = 0
    while handed.chunks:
        finish(store, handed.next_first(), handed)
        done += 1
        assert len(handed.chunks) <= WINDOW_CHUNKS
    assert done == 3 * WINDOW_CHUNKS
    assert store.queue_figures.by_queue(0.0) == {}


def test_broadcasts_take_turns_and_a_newcomer_does_not_wait(store: Store) -> None:
    large, small, handed = many(store, 1_000), many(store, 5), Handed()
    start(store, large, handed)
    for _ in range(20):
        finish(store, handed.next_first(), handed)
    start(store, small, handed)
    served = []
    for _ in range(10):
        chunk = handed.next_first()
        served.append(chunk.broadcast)
        finish(store, chunk, handed)
    assert served.count(small) == 5


def test_what_nobody_began_is_handed_out_again(store: Store) -> None:
    number, handed = many(store, 2), Handed()
    start(store, number, handed, now=100.0)
    handed.chunks.clear()
    look = LOOK_SECONDS
    assert (
        store.chunk_queue.reconcile(handed, look_seconds=look, now=100.0 + look - 0.1).chunks == 0
    )
    assert store.chunk_queue.reconcile(handed, look_seconds=look, now=100.0 + look).chunks == 2
    assert {one.priority for one in handed.chunks} == {URGENT}


def test_what_somebody_sends_is_left_alone_until_the_lease_ends(store: Store) -> None:
    number, handed = many(store, 1), Handed()
    start(store, number, handed, now=100.0)
    handed.chunks.clear()
    lease = {"now": 110.0, "lease_seconds": 10.0, "repeatable": True}
    assert store.ledger.lease(number, "a worker", **lease) is not None  # type: ignore[arg-type]
    look = LOOK_SECONDS
    assert store.chunk_queue.reconcile(handed, look_seconds=look, now=116.0).chunks == 0
    store.ledger.renew(number, "a worker", [0], 125.0)
    assert store.chunk_queue.reconcile(handed, look_seconds=look, now=120.0).chunks == 0
    assert store.chunk_queue.reconcile(handed, look_seconds=look, now=124.9).chunks == 0
    over = store.chunk_queue.reconcile(handed, look_seconds=look, now=125.0)
    assert over.chunks == 1
    assert [(one.first_row, one.owner) for one in over.ended_leases] == [(0, "a worker")]


def test_what_waits_is_handed_out_when_it_may_be_sent(store: Store) -> None:
    number, handed = many(store, 1), Handed()
    start(store, number, handed, now=100.0)
    with store.writing() as connection:
        connection.execute(sa.text("UPDATE chunks SET not_before = 160.0"))
    end(store, handed.next_first(), handed, now=101.0)
    look = LOOK_SECONDS
    assert store.chunk_queue.reconcile(handed, look_seconds=look, now=159.0).chunks == 0
    assert store.chunk_queue.reconcile(handed, look_seconds=look, now=160.0).chunks == 1


def test_what_is_given_back_is_handed_out_at_once(store: Store) -> None:
    number, handed = many(store, 1), Handed()
    start(store, number, handed)
    chunk = handed.next_first()
    end(store, chunk, handed)
    assert handed.next_first().first_row == chunk.first_row


def test_rows_that_are_opened_again_are_found(store: Store) -> None:
    number, handed = many(store, 3), Handed()
    start(store, number, handed)
    for _ in range(2):
        finish(store, handed.next_first(), handed)
    with store.writing() as connection:
        connection.execute(
            sa.text("UPDATE chunks SET ready = rows, accepted = 0 WHERE first_row = 0")
        )
    finish(store, handed.next_first(), handed)
    assert [one.first_row for one in handed.chunks] == [0]


def test_the_last_chunk_ends_the_broadcast(store: Store) -> None:
    number, handed = many(store, 2), Handed()
    start(store, number, handed)
    finish(store, handed.next_first(), handed)
    assert store.broadcasts.state(number) is BroadcastState.SENDING
    finish(store, handed.next_first(), handed)
    assert store.broadcasts.state(number) is BroadcastState.DONE


def test_a_broadcast_whose_last_worker_died_at_the_end_is_done(store: Store) -> None:
    number, handed = many(store, 1), Handed()
    start(store, number, handed)
    with store.writing() as connection:
        connection.execute(sa.text("UPDATE chunks SET accepted = rows, ready = 0"))
    store.chunk_queue.refill(handed, look_seconds=LOOK_SECONDS, now=101.0)
    assert store.broadcasts.state(number) is BroadcastState.DONE


def test_a_connection_that_the_server_ended_is_replaced(store: Store, store_address: str) -> None:
    number, handed = many(store, 1), Handed()
    start(store, number, handed)
    with psycopg.connect(store_address.replace("+psycopg", ""), autocommit=True) as other:
        ended = other.execute(
            "SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity "
            "WHERE application_name = 'broadcast' AND datname = current_database()"
        ).fetchone()
    assert ended == (1,)
    assert store.broadcasts.state(number) is BroadcastState.SENDING


def test_a_paused_broadcast_is_let_go(store: Store) -> None:
    number, handed = many(store, 3), Handed()
    start(store, number, handed)
    store.broadcasts.pause(number, StopCause.PERSON, 101.0)
    assert store.chunk_queue.broadcast(number) is None
    end(store, handed.next_first(), handed)
    assert store.queue_figures.by_queue(0.0) == {}


def test_a_canary_is_all_that_is_handed_out(store: Store) -> None:
    number, handed = many(store, 10), Handed()
    store.chunk_queue.start(
        number, handed, queue="q", look_seconds=LOOK_SECONDS, now=1.0, via="console", limit=4
    )
    assert [one.first_row for one in handed.chunks] == [0, 1, 2, 3]


def test_a_job_exists_when_the_transaction_is_committed_and_only_then(store: Store) -> None:
    engine, number = Engine(store.url), loaded(store, rows_of(3)).number
    for _ in range(2):  # making the tables twice changes nothing
        with store.writing() as connection:
            engine.prepare(connection)

    def dispatch_and_fail(connection: sa.Connection, ready: Sequence[ReadyChunk]) -> int:
        engine.dispatch(connection, ready)
        raise NotNow("after all")

    with pytest.raises(NotNow):
        store.chunk_queue.start(
            number, dispatch_and_fail, queue="q", look_seconds=1.0, now=1.0, via="console"
        )
    assert jobs(store) == 0
    for _ in range(2):  # the second finds it waiting
        store.chunk_queue.start(
            number, engine.dispatch, queue="q", look_seconds=1.0, now=1.0, via="console"
        )
    assert jobs(store) == 1
    assert store.broadcasts.counts(number)[DeliveryState.READY] == 3


def jobs(store: Store) -> int:
    with store.reading() as connection:
        query = sa.text("SELECT count(*) FROM broadcast_queue.procrastinate_jobs")
        found: int = connection.execute(query).scalar_one()
        return found


def test_a_file_is_no_store_for_workers(sqlite_address: str) -> None:
    with open_store(sqlite_address) as store, pytest.raises(WrongCommand) as refused:
        Engine(store.url)
    assert str(refused.value) == (
        "Workers need a store on PostgreSQL: set BROADCAST_STORE to "
        "postgresql://USER@HOST/DATABASE."
    )


def test_without_the_engine_one_sentence_says_how_to_get_it() -> None:
    without = "import sys; sys.modules['procrastinate'] = None; "
    without += "from broadcaster.cli import main; sys.exit(main(['worker', '--via', 'console']))"
    environ = {**os.environ, "BROADCAST_STORE": "postgresql://nobody@127.0.0.1:9/none"}
    done = subprocess.run(
        [sys.executable, "-c", without], env=environ, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == (
        "broadcast: Workers need PostgreSQL's driver and engine: pip install "
        "'broadcast-conformance[postgresql]'.\n"
    )
