"""Customers' data: for the owner's eyes alone, and gone when it is to be forgotten."""

import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_kit import (
    FOREVER,
    LOADER,
    add_pages,
    begin_load,
    claimed_calls,
    deliveries_of,
    loaded,
    page_of,
    rows_of,
    send_all,
    sending,
    settled_as,
)

from broadcaster.errors import NotNow, StoreError
from broadcaster.model import Broadcast, BroadcastState, DeliveryState, StopCause
from broadcaster.store import Store, open_store
from broadcaster.store.schema.tables import metadata

FORGET = """
import sys
from broadcaster.store import erasure, open_store

erasure._ROWS_A_STEP = 5
with open_store(sys.argv[1]) as store:
    number = store.broadcasts.get(sys.argv[2]).number
    original = store.erasure._erase_some
    def erase(number, keep):
        print("step", flush=True)
        return original(number, keep=keep)
    store.erasure._erase_some = erase
    store.erasure.forget(number, 50.0)
"""


def files_of(address: str) -> list[Path]:
    file = Path(address.removeprefix("sqlite:///"))
    return sorted(file.parent.glob(f"{file.name}*"))


def secrets_in(address: str) -> list[str]:
    """What stands of customers' data in the bytes of the store's files."""
    found = []
    for path in files_of(address):
        found += [
            f"{path.name}: {hit!r}"
            for hit in re.findall(rb"(?:UID|MSG)[^\0]{0,9}", path.read_bytes())
        ]
    return found


def private_rows(count: int, first: int = 0, size: int = 3) -> list[tuple[str, str]]:
    return [(f"UID{n:06d}", f"MSG{n:06d} " * size) for n in range(first, first + count)]


def test_the_files_are_their_owners_alone(sqlite_address: str) -> None:
    with open_store(sqlite_address) as store:
        loaded(store, rows_of(10))
        files = files_of(sqlite_address)
        assert [path.name for path in files] == [
            "broadcasts.sqlite",
            "broadcasts.sqlite-shm",
            "broadcasts.sqlite-wal",
        ]
        assert [oct(path.stat().st_mode & 0o777) for path in files] == ["0o600"] * 3
        assert files[0].parent.stat().st_mode & 0o777 == 0o700


def test_a_file_that_was_put_there_is_closed_to_others(sqlite_address: str) -> None:
    file = Path(sqlite_address.removeprefix("sqlite:///"))
    file.parent.mkdir()
    file.touch()
    file.chmod(0o644)
    with open_store(sqlite_address) as store:
        loaded(store, rows_of(10))
        assert [oct(path.stat().st_mode & 0o777) for path in files_of(sqlite_address)] == [
            "0o640"
        ] * 3


def test_no_column_is_for_secrets() -> None:
    """Credentials stay in memory; `headers` of a page are those of the answer."""
    columns = {f"{table.name}.{c.name}" for table in metadata.sorted_tables for c in table.c}
    suspicious = {
        c for c in columns if re.search("secret|password|auth|header|token|credential", c)
    }
    assert suspicious == {
        "broadcasts.token_param",
        "pages.headers",
        "pages.next_token",
        "pages.token",
    }


def ended(store: Store, broadcast: Broadcast) -> Broadcast:
    """Some of each outcome, with reasons that name the customer."""
    while chunk := store.ledger.lease(
        broadcast.number, "a", now=10.0, lease_seconds=60.0, repeatable=True
    ):
        calls = claimed_calls(store, broadcast, chunk, now=10.0, at_most=500)
        of_row = (DeliveryState.ACCEPTED, DeliveryState.REFUSED)
        answers = [
            settled_as([one], of_row[one.row % 2], reason=f"not for {one.uid}")[0]
            for one in deliveries_of(calls)
        ]
        store.ledger.settle(answers, 11.0)
        store.ledger.release(chunk)
    store.broadcasts.settle(broadcast.number, 12.0)
    return store.broadcasts.get(broadcast.id)


def test_what_is_forgotten_leaves_its_sums(store: Store) -> None:
    broadcast = ended(store, sending(store, private_rows(30)))
    store.erasure.forget(broadcast.number, 50.0)
    found = store.broadcasts.get(broadcast.id)
    assert (found.counts, found.rows, found.summary) == (
        broadcast.counts,
        30,
        broadcast.summary,
    )
    assert (found.state, found.forgotten_at, found.report) == (BroadcastState.DONE, 50.0, None)
    assert store.loads.rows(broadcast.number, 0, 100) == []
    assert store.loads.pages(broadcast.number) == []
    store.erasure.forget(broadcast.number, 60.0)
    assert store.broadcasts.get(broadcast.id) == found


def test_what_is_forgotten_is_in_no_byte_of_the_files(sqlite_address: str) -> None:
    with open_store(sqlite_address) as store:
        broadcast = ended(store, sending(store, private_rows(700)))
        assert secrets_in(sqlite_address)
        store.erasure.forget(broadcast.number, 50.0)
        assert secrets_in(sqlite_address) == []
    assert secrets_in(sqlite_address) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(data=st.data())
def test_no_byte_is_left_beside_what_others_keep(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Pages of the file are shared, split and merged; sizes from a word to several pages."""
    address = f"sqlite:///{tmp_path_factory.mktemp('stores')}/store.sqlite"
    with open_store(address) as store:
        others = begin_load(store)
        mine = begin_load(store)
        kept = 0
        for _ in range(data.draw(st.integers(1, 6), label="turns")):
            count = data.draw(st.integers(1, 120), label="mine")
            first = store.broadcasts.get(mine.id).rows
            size = data.draw(st.sampled_from([1, 3, 40, 900]), label="size")
            add_pages(store, mine, private_rows(count, first, size))
            more = data.draw(st.integers(0, 120), label="others")
            add_pages(store, others, rows_of(more, kept))
            kept += more
        store.loads.finish(mine.number, LOADER, {}, 2.0)
        if data.draw(st.booleans(), label="sent"):
            store.broadcasts.start_sending(mine.number, via="console", now=3.0)
            ended(store, store.broadcasts.get(mine.id))
        store.erasure.forget(mine.number, 50.0)
        assert secrets_in(address) == []
        assert store.loads.rows(others.number, 0, 10_000) == rows_of(kept)


def test_forgetting_waits_for_who_still_reads(sqlite_address: str) -> None:
    with open_store(sqlite_address) as store:
        broadcast = loaded(store, private_rows(50))
    file = sqlite_address.removeprefix("sqlite:///")
    reader = sqlite3.connect(file, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM deliveries").fetchone()
    with open_store(sqlite_address, busy_seconds=0.05) as store:
        with pytest.raises(StoreError, match="being read by another process"):
            store.erasure.forget(broadcast.number, 50.0)
        reader.execute("ROLLBACK")
        store.erasure.forget(broadcast.number, 51.0)
        assert secrets_in(sqlite_address) == []
    reader.close()


def test_forgetting_goes_on_after_a_kill(new_address: Callable[[], str]) -> None:
    address = new_address()
    with open_store(address) as store:
        broadcast = ended(store, sending(store, private_rows(200)))
    process = subprocess.Popen(
        [sys.executable, "-c", FORGET, address, broadcast.id], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    for _ in range(3):
        assert process.stdout.readline() == "step\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    with open_store(address) as store:
        found = store.broadcasts.get(broadcast.id)
        assert found.counts == broadcast.counts
        assert store.ledger.next_due_at(broadcast.number) is None
        store.erasure.forget(broadcast.number, 60.0)
        assert store.loads.rows(broadcast.number, 0, 1000) == []
        assert store.broadcasts.get(broadcast.id).counts == broadcast.counts
    if address.startswith("sqlite"):
        assert secrets_in(address) == []


def test_what_is_being_sent_is_not_forgotten(store: Store) -> None:
    broadcast = sending(store, rows_of(3))
    with pytest.raises(NotNow, match="pause or cancel it first"):
        store.erasure.forget(broadcast.number, 50.0)
    assert len(store.loads.rows(broadcast.number, 0, 10)) == 3


def test_what_is_forgotten_can_neither_be_sent_nor_loaded_nor_reopened(store: Store) -> None:
    done = ended(store, sending(store, rows_of(10)))
    ready = loaded(store, rows_of(10))
    loading = begin_load(store)
    add_pages(store, loading, rows_of(10))
    blocked = begin_load(store)
    store.loads.block(blocked.number, LOADER, "wrong", None, 2.0)
    for one in (done, ready, loading, blocked):
        store.erasure.forget(one.number, 50.0)
    assert [store.broadcasts.get(one.id).state for one in (done, ready, loading, blocked)] == [
        BroadcastState.DONE,
        BroadcastState.CANCELLED,
        BroadcastState.CANCELLED,
        BroadcastState.BLOCKED,
    ]
    page = page_of(2, 10, rows_of(1))
    for forbidden in (
        lambda: store.broadcasts.start_sending(ready.number, via="console", now=51.0),
        lambda: store.loads.add_page(
            loading.number, LOADER, page, rows_of(1), until=FOREVER, now=51.0
        ),
        lambda: store.loads.finish(loading.number, LOADER, {}, 51.0),
        lambda: store.loads.reopen(blocked.number, 51.0),
    ):
        with pytest.raises(NotNow):
            forbidden()
    assert store.ledger.reopen(done.number, [DeliveryState.REFUSED], now=51.0) == 0
    assert store.broadcasts.get(done.id).state is BroadcastState.DONE


def test_a_late_answer_to_what_is_forgotten_is_dropped(store: Store) -> None:
    broadcast = sending(store, private_rows(10))
    chunk = store.ledger.lease(broadcast.number, "a", now=10.0, lease_seconds=60.0, repeatable=True)
    assert chunk is not None
    calls = claimed_calls(store, broadcast, chunk, now=10.0, at_most=5)
    store.broadcasts.pause(broadcast.number, StopCause.PERSON, 11.0)
    store.erasure.forget(broadcast.number, 12.0)
    accepted = settled_as(deliveries_of(calls), DeliveryState.ACCEPTED, reason="UID")
    store.ledger.settle(accepted, 13.0)
    store.ledger.release(chunk)
    found = store.broadcasts.get(broadcast.id)
    assert found.counts[DeliveryState.HELD] == 5  # nobody will ever know
    assert sum(found.counts.values()) == 10


def test_others_are_not_touched(store: Store) -> None:
    one, two = sending(store, rows_of(700)), sending(store, rows_of(700))
    store.broadcasts.cancel(one.number, 4.0)
    store.erasure.forget(one.number, 5.0)
    assert send_all(store, two) == 700
