"""Several processes and threads at one broadcast, and a server that goes away in the middle."""

import json
import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from store_kit import (
    add_pages,
    begin_load,
    claimed_calls,
    deliveries_of,
    rows_of,
    sending,
    settled_as,
)

from broadcaster.errors import StoreError
from broadcaster.model import BroadcastState, DeliveryState
from broadcaster.store import Store, open_store

SENDER = """
import json, sys
sys.path.insert(0, "tests/support")
from store_kit import deliveries_of, claimed_calls, settled_as
from broadcaster.model import DeliveryState
from broadcaster.store import open_store

address, name, owner = sys.argv[1:]
taken = []
with open_store(address) as store:
    print("here", flush=True)
    sys.stdin.readline()
    broadcast = store.broadcasts.get(name)
    while chunk := store.ledger.lease(
        broadcast.number, owner, now=10.0, lease_seconds=60.0, repeatable=True
    ):
        if not taken:
            print("begun", flush=True)
            sys.stdin.readline()
        while calls := claimed_calls(store, broadcast, chunk, now=10.0, at_most=120):
            rows = list(deliveries_of(calls))
            taken += [one.row for one in rows]
            store.ledger.settle(settled_as(rows, DeliveryState.ACCEPTED), 11.0)
        store.ledger.release(chunk)
print(json.dumps(taken))
"""


def test_several_processes_send_each_row_once(new_address: Callable[[], str]) -> None:
    address = new_address()
    with open_store(address) as store:
        broadcast = sending(store, rows_of(6_000))
        processes = [
            subprocess.Popen(
                [sys.executable, "-c", SENDER, address, broadcast.id, f"owner {number}"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for number in range(3)
        ]
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "here\n"
        for said in ("begun\n", ""):  # all begin together, and go on once each has a chunk
            for process in processes:
                assert process.stdin is not None
                process.stdin.write("\n")
                process.stdin.flush()
            for process in processes if said else ():
                assert process.stdout.readline() == said  # type: ignore[union-attr]
        outputs = [process.communicate()[0] for process in processes]
        assert [process.returncode for process in processes] == [0, 0, 0]
        shares = [json.loads(output) for output in outputs]
        assert Counter(row for share in shares for row in share) == Counter(range(6_000))
        assert all(shares)
        assert store.broadcasts.settle(broadcast.number, 12.0) is BroadcastState.DONE


def test_several_threads_send_each_row_once(store: Store) -> None:
    broadcast = sending(store, rows_of(3_000))
    taken: list[int] = []
    errors: list[BaseException] = []

    def send(owner: str) -> None:
        try:
            while chunk := store.ledger.lease(
                broadcast.number, owner, now=10.0, lease_seconds=60.0, repeatable=True
            ):
                while calls := claimed_calls(store, broadcast, chunk, now=10.0, at_most=100):
                    rows = list(deliveries_of(calls))
                    taken.extend(one.row for one in rows)
                    store.ledger.settle(settled_as(rows, DeliveryState.ACCEPTED), 11.0)
                store.ledger.release(chunk)
        except BaseException as error:  # noqa: BLE001  shown by the assertion
            errors.append(error)

    threads = [threading.Thread(target=send, args=(f"owner {n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert Counter(taken) == Counter(range(3_000))


def test_postgresql_leases_around_what_another_has_locked(
    new_address: Callable[[], str], store_kind: str
) -> None:
    """SKIP LOCKED: nobody waits for a chunk that is being leased. SQLite has one writer at a time,
    who is waited for.
    """
    with open_store(new_address()) as store:
        broadcast = sending(store, rows_of(1_200))
        with store.writing() as other:
            other.execute(
                sa.text("SELECT 1 FROM chunks WHERE first_row = 0 FOR UPDATE")
                if store_kind == "postgresql"
                else sa.text("SELECT 1")
            )
            found: list[int | None] = []
            leased = threading.Event()

            def lease() -> None:
                chunk = store.ledger.lease(
                    broadcast.number, "b", now=10.0, lease_seconds=60.0, repeatable=True
                )
                found.append(None if chunk is None else chunk.first_row)
                leased.set()

            thread = threading.Thread(target=lease)
            thread.start()
            assert leased.wait(20 if store_kind == "postgresql" else 0.2) == (
                store_kind == "postgresql"
            )
        thread.join()
        assert found == [500 if store_kind == "postgresql" else 0]


def test_looking_waits_for_nobody(store: Store) -> None:
    broadcast = sending(store, rows_of(10))
    with store.writing() as connection:
        connection.execute(sa.text("UPDATE broadcasts SET reason = 'not yet committed'"))
        connection.execute(sa.text("UPDATE chunks SET not_before = 1e9"))
        found: list[Any] = []
        thread = threading.Thread(target=lambda: found.append(store.broadcasts.get(broadcast.id)))
        thread.start()
        thread.join(20)
        assert [one.reason for one in found] == [""]


def test_one_look_is_of_one_moment(store: Store) -> None:
    """Rows and their sums never disagree, however fast the load goes on."""
    broadcast = begin_load(store)
    with store.reading() as connection:
        count = sa.text("SELECT rows FROM broadcasts")
        before = connection.execute(count).scalar_one()
        thread = threading.Thread(target=add_pages, args=(store, broadcast, rows_of(10)))
        thread.start()
        thread.join()
        assert connection.execute(count).scalar_one() == before
    assert store.broadcasts.get(broadcast.id).rows == 10


def pg_ctl(program: Path, url: str, *arguments: str) -> None:
    """Stop or start the server that the URL leads to."""
    folder = Path(url.partition("host=")[2])
    done = subprocess.run(
        [program, "-D", "data", "-w", "-l", "log", *arguments],
        cwd=folder,
        user=folder.owner() if os.geteuid() == 0 else None,
        extra_groups=[] if os.geteuid() == 0 else None,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    assert done.returncode == 0


@pytest.fixture
def crash(
    postgresql_url: str, require_program: Callable[[str, str], Path]
) -> Callable[[str], None]:
    """Stop the server as if its machine had failed, or start it again."""
    program = require_program("pg_ctl", "apt-get install postgresql")
    folder = postgresql_url.partition("host=")[2]
    options = f"-c listen_addresses='' -k {folder} -c fsync=off"
    how = {"stop": ("-m", "immediate", "stop"), "start": ("-o", options, "start")}
    return lambda what: pg_ctl(program, postgresql_url, *how[what])


def test_a_server_that_goes_away_and_comes_back(
    postgresql_template: str, crash: Callable[[str], None]
) -> None:
    with open_store(postgresql_template) as store:
        loading = begin_load(store)
        broadcast = sending(store, rows_of(1_000))
        chunk = store.ledger.lease(
            broadcast.number, "a", now=10.0, lease_seconds=60.0, repeatable=True
        )
        assert chunk is not None
        calls = claimed_calls(store, broadcast, chunk, now=10.0, at_most=100)
        accepted = settled_as(deliveries_of(calls), DeliveryState.ACCEPTED)
        told = 0

        def load() -> None:
            nonlocal told
            while True:
                add_pages(store, loading, rows_of(200, told), 100)
                told += 200
                if told >= 1_000:
                    going.set()

        going = threading.Event()
        failures: list[BaseException] = []

        def load_until_it_fails() -> None:
            try:
                load()
            except BaseException as error:  # noqa: BLE001  looked at below
                failures.append(error)

        thread = threading.Thread(target=load_until_it_fails)
        thread.start()
        assert going.wait(60)
        crash("stop")
        try:
            thread.join()
            with pytest.raises(StoreError) as failed:
                store.ledger.settle(accepted, 11.0)
        finally:
            crash("start")
        for error in (*failures, failed.value):
            assert str(error) == (
                f"The store {store.place!r} cannot be reached; once it can, run the same command "
                "again."
            )
        store.ledger.settle(accepted, 12.0)
        assert store.broadcasts.counts(broadcast.number)[DeliveryState.ACCEPTED] == 100
        found = store.broadcasts.get(loading.id)
        assert found.rows >= told
        assert store.loads.rows(loading.number, 0, 10**9) == rows_of(found.rows)
    plain = postgresql_template.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(plain, autocommit=True) as connection:  # a template holds no rows
        connection.execute("TRUNCATE broadcasts, pages, deliveries, chunks RESTART IDENTITY")
