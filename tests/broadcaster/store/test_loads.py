"""A load: page by page, each whole or not at all, by one loader at a time, and summed up."""

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from store_kit import (
    FOREVER,
    LOADER,
    Row,
    add_pages,
    begin_load,
    loaded,
    page_of,
    rows_of,
    sending,
)

from broadcaster.errors import NotNow
from broadcaster.model import BroadcastState, DeliveryState, Summary
from broadcaster.store import Store, open_store

PAGE_ROWS = 37
ENDLESS_LOAD = """
import itertools, sys
sys.path.insert(0, "tests/support")
from store_kit import LOADER, FOREVER, page_of
from broadcaster.store import open_store

address, name, size = sys.argv[1], sys.argv[2], int(sys.argv[3])
with open_store(address) as store:
    broadcast = store.broadcasts.get(name)
    store.loads.begin(broadcast.number, LOADER, until=FOREVER, now=1.0)
    for page in itertools.count(broadcast.pages + 1):
        first = (page - 1) * size
        rows = [(f"U{n:032x}", f"message {n}") for n in range(first, first + size)]
        store.loads.add_page(
            broadcast.number, LOADER, page_of(page, first, rows), rows, until=FOREVER, now=1.0
        )
        print(page, flush=True)
"""

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
few = st.sampled_from(["a", "b", "ü", "\0", "👍", "แ"])
any_rows = st.lists(st.tuples(texts | few, texts | few), max_size=40)


def summary_of(rows: list[Row]) -> Summary:
    """The oracle."""
    messages: dict[str, set[str]] = {}
    for uid, msg in rows:
        messages.setdefault(uid, set()).add(msg)
    return Summary(
        rows=len(rows),
        people=len(messages),
        people_with_several=sum(len(several) > 1 for several in messages.values()),
        repeated_rows=sum(n - 1 for n in Counter(rows).values()),
        longest_message=max((len(m.encode("utf-16-le")) // 2 for _, m in rows), default=0),
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(rows=any_rows, page_rows=st.integers(1, 12))
@example(rows=[], page_rows=1)
@example(rows=[("u", "แแแ"), ("u", "aaaa"), ("u", "👍👍")], page_rows=2)
@example(rows=[("u", "👍" * 5), ("v", "a" * 11), ("w", "แ" * 7)], page_rows=3)
@example(rows=[("u", "one\0two"), ("u", "one\0three"), ("u\0x", "m"), ("u\0y", "m")], page_rows=3)
def test_what_was_loaded_is_there_and_summed_up(
    store: Store, rows: list[Row], page_rows: int
) -> None:
    broadcast = loaded(store, rows, page_rows)
    assert store.loads.rows(broadcast.number, 0, 1000) == rows
    assert broadcast.summary == summary_of(rows)
    assert broadcast.state is BroadcastState.READY
    assert broadcast.rows == len(rows) == broadcast.counts[DeliveryState.READY]
    assert sum(broadcast.counts.values()) == len(rows)


def test_the_longest_texts_are_kept_whole(store: Store) -> None:
    rows = [("U1", "👍" * 2500), ("U2", "\0" * 5000), ("U3", "แ" * 5000), ("U4", "a" * 5000)]
    broadcast = loaded(store, rows)
    assert store.loads.rows(broadcast.number, 0, 4) == rows
    assert broadcast.summary is not None
    assert broadcast.summary.longest_message == 5000


def test_pages_keep_tokens_and_headers(store: Store) -> None:
    broadcast = begin_load(store)
    rows = rows_of(3)
    odd = page_of(1, 0, rows)
    store.loads.add_page(broadcast.number, LOADER, odd, rows, until=FOREVER, now=1.0)
    assert store.loads.pages(broadcast.number) == [odd]


def test_an_empty_page_counts_as_a_page(store: Store) -> None:
    broadcast = begin_load(store)
    store.loads.add_page(broadcast.number, LOADER, page_of(1, 0, []), [], until=FOREVER, now=1.0)
    found = store.broadcasts.get(broadcast.id)
    assert (found.pages, found.rows) == (1, 0)


def test_a_load_goes_on_where_another_process_left_it(new_address: Callable[[], str]) -> None:
    address = new_address()
    rows = rows_of(900)
    with open_store(address) as first:
        broadcast = begin_load(first)
        add_pages(first, broadcast, rows[:499])
    with open_store(address) as second:
        found = second.broadcasts.unfinished_load("k")
        assert found is not None
        assert found.id == broadcast.id
        (page,) = second.loads.pages(found.number)
        assert (page.next_token, page.rows) == ("t1", 499)
        add_pages(second, found, rows[499:])
        second.loads.finish(found.number, LOADER, {}, 2.0)
        assert second.loads.rows(found.number, 0, 1000) == rows
        assert second.broadcasts.unfinished_load("k") is None


def test_a_page_that_does_not_follow_is_refused(store: Store) -> None:
    broadcast = begin_load(store)
    add_pages(store, broadcast, rows_of(10))
    for stored in (page_of(1, 0, rows_of(10)), page_of(3, 10, rows_of(10))):
        with pytest.raises(NotNow, match="holds 1 pages"):
            store.loads.add_page(
                broadcast.number, LOADER, stored, rows_of(10), until=FOREVER, now=1.0
            )
    assert store.broadcasts.get(broadcast.id).rows == 10


def test_a_page_that_cannot_be_stored_leaves_nothing(store: Store) -> None:
    broadcast = begin_load(store)
    rows = [("U1", "fine"), ("U2", "half a pair: \ud83d")]
    with pytest.raises(UnicodeEncodeError):
        store.loads.add_page(
            broadcast.number, LOADER, page_of(1, 0, rows), rows, until=FOREVER, now=1.0
        )
    assert store.loads.pages(broadcast.number) == []
    assert store.loads.rows(broadcast.number, 0, 10) == []


def test_two_loaders_do_not_interfere(store: Store) -> None:
    broadcast = begin_load(store, owner="first")
    with pytest.raises(NotNow, match="being loaded by another process"):
        store.loads.begin(broadcast.number, "second", until=FOREVER, now=2.0)
    with pytest.raises(NotNow, match="taken over"):
        store.loads.add_page(
            broadcast.number, "second", page_of(1, 0, []), [], until=FOREVER, now=2.0
        )


def test_a_load_whose_loader_is_gone_is_taken_over(store: Store) -> None:
    broadcast = store.broadcasts.create(now=1.0)
    store.loads.begin(broadcast.number, "first", until=60.0, now=1.0)
    store.loads.begin(broadcast.number, "second", until=160.0, now=61.0)
    for refused in (
        lambda: store.loads.add_page(
            broadcast.number, "first", page_of(1, 0, []), [], until=FOREVER, now=62.0
        ),
        lambda: store.loads.finish(broadcast.number, "first", {}, 62.0),
        lambda: store.loads.block(broadcast.number, "first", "no", None, 62.0),
    ):
        with pytest.raises(NotNow, match="taken over"):
            refused()
    store.loads.release(broadcast.number, "first")  # not its own any more
    with pytest.raises(NotNow, match="second"):
        store.loads.begin(broadcast.number, "third", until=FOREVER, now=63.0)
    store.loads.release(broadcast.number, "second")
    store.loads.begin(broadcast.number, "third", until=FOREVER, now=64.0)


def test_a_blocked_load_can_neither_be_sent_nor_loaded_further(store: Store) -> None:
    broadcast = begin_load(store)
    add_pages(store, broadcast, rows_of(3))
    report = {"a": "\0\ud800"}
    store.loads.block(broadcast.number, LOADER, "PAGE004\0\ud800 too many", report, 2.0)
    found = store.broadcasts.get(broadcast.id)
    assert found.state is BroadcastState.BLOCKED
    assert found.reason.startswith("PAGE004\N{REPLACEMENT CHARACTER}")
    assert found.report == report
    with pytest.raises(NotNow):
        store.broadcasts.start_sending(broadcast.number, via="console", now=3.0)
    with pytest.raises(NotNow):
        store.loads.begin(broadcast.number, LOADER, until=FOREVER, now=3.0)


def test_what_is_loaded_is_not_loaded_again(store: Store) -> None:
    broadcast = sending(store, rows_of(3))
    with pytest.raises(NotNow, match="no longer loading"):
        store.loads.begin(broadcast.number, LOADER, until=FOREVER, now=3.0)


@pytest.mark.parametrize("pages_first", [1, 40])
def test_a_killed_load_leaves_whole_pages(new_address: Callable[[], str], pages_first: int) -> None:
    address = new_address()
    with open_store(address) as store:
        broadcast = begin_load(store)
    for round_ in range(1, 4):
        process = subprocess.Popen(
            [sys.executable, "-c", ENDLESS_LOAD, address, broadcast.id, str(PAGE_ROWS)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        told = 0
        for line in process.stdout:
            told = int(line)
            if told >= pages_first * round_:
                break
        process.send_signal(signal.SIGKILL)
        told = max([told, *(int(line) for line in process.stdout if line.endswith("\n"))])
        process.wait()
        process.stdout.close()
        with open_store(address) as store:
            found = store.broadcasts.get(broadcast.id)
            pages = store.loads.pages(broadcast.number)
            rows = store.loads.rows(broadcast.number, 0, 10**9)
        assert found.pages == len(pages) >= told  # what was told is there
        assert rows == rows_of(len(pages) * PAGE_ROWS)
        assert [page.page for page in pages] == list(range(1, len(pages) + 1))


def test_the_log_of_a_long_load_does_not_grow_without_end(
    sqlite_address: str, tmp_path: Path
) -> None:
    """While somebody looks at the load now and then, as the window does."""
    log = tmp_path / "stores" / "broadcasts.sqlite-wal"
    with open_store(sqlite_address) as store, open_store(sqlite_address) as onlooker:
        broadcast = begin_load(store)
        biggest = 0
        for first in range(0, 40_000, 4_000):
            rows = [(uid, msg * 120) for uid, msg in rows_of(4_000, first)]
            add_pages(store, broadcast, rows)
            assert sum(1 for _ in onlooker.outcomes.each(broadcast.number)) == first + 4_000
            biggest = max(biggest, log.stat().st_size)
        loaded_bytes = (tmp_path / "stores" / "broadcasts.sqlite").stat().st_size
    assert loaded_bytes > 40_000_000
    assert biggest < 25_000_000
