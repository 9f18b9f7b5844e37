"""Loads an endpoint into the store: whole, resumed, and stopped at the first error."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from broadcaster.errors import NotNow
from broadcaster.loading.csv_source import config_for_file
from broadcaster.loading.loader import Loader, LoadResult
from broadcaster.model import BroadcastState, DeliveryState, Summary
from broadcaster.store import Store, open_store
from checker.api import Config, Endpoint, Event, PageRead
from mockserver import MockConfig, MockServer
from mockserver.recipients.data import ListedRows

ROWS = [{"uid": f"U{row:032x}", "msg": f"Hello {row} \N{PARTY POPPER}"} for row in range(730)]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path / 'store.sqlite'}") as opened:
        yield opened


@pytest.fixture
def mock() -> Iterator[MockServer]:
    with MockServer(MockConfig(rows=ListedRows(ROWS))) as server:
        yield server


def config(url: str, **settings: object) -> Config:
    return Config(endpoint=Endpoint.parse(url), retries=0, **settings)  # type: ignore[arg-type]


def load(
    store: Store, wanted: Config, listener: Callable[[Event], None] | None = None
) -> LoadResult:
    loader = Loader(store)
    return loader.load(loader.find_or_create(wanted), wanted, listener)


def stored_rows(store: Store, result: LoadResult) -> list[dict[str, str]]:
    found = store.loads.rows(result.broadcast.number, 0, 1_000_000)
    return [{"uid": uid, "msg": msg} for uid, msg in found]


def interrupt_after(pages: int) -> Callable[[Event], None]:
    def listener(event: Event) -> None:
        if isinstance(event, PageRead) and event.page.number == pages:
            raise KeyboardInterrupt

    return listener


def test_a_right_endpoint_is_loaded_whole(store: Store, mock: MockServer) -> None:
    result = load(store, config(mock.endpoint))
    assert result.broadcast.state is BroadcastState.READY
    assert stored_rows(store, result) == ROWS
    assert result.broadcast.summary == Summary(
        rows=730, people=730, people_with_several=0, repeated_rows=0, longest_message=12
    )
    assert result.broadcast.counts[DeliveryState.READY] == 730
    assert result.report.verdict == "pass"


@pytest.mark.parametrize(
    "fault", ["ROW003", "PAGE004", "NEXT003", "NEXT004", "NEXT006", "JSON005", "HTTP002", "NEXT008"]
)
def test_an_error_stops_the_load_and_nothing_of_it_can_be_sent(
    store: Store, mock: MockServer, fault: str
) -> None:
    result = load(store, config(mock.fault_endpoint(fault)))
    assert result.broadcast.state is BroadcastState.BLOCKED
    assert fault in result.broadcast.reason
    assert fault in {finding.rule for finding in result.report.findings}
    with pytest.raises(NotNow):
        store.broadcasts.start_sending(result.broadcast.number, via="console", now=1.0)


def test_a_page_with_an_error_is_the_last_that_is_asked_for(store: Store, mock: MockServer) -> None:
    result = load(store, config(mock.fault_endpoint("ROW003")))
    assert result.report.crawl.pages <= 2
    assert not result.report.complete


def test_warnings_do_not_stop_it_and_are_recorded(store: Store, mock: MockServer) -> None:
    result = load(store, config(mock.fault_endpoint("ROW011")))
    assert result.broadcast.state is BroadcastState.READY
    assert result.broadcast.report is not None
    assert [each["rule"] for each in result.broadcast.report["findings"]] == ["ROW011"]  # type: ignore[attr-defined]


def test_an_interrupted_load_goes_on_where_it_was(store: Store, mock: MockServer) -> None:
    first = load(store, config(mock.endpoint), interrupt_after(4))
    assert (first.broadcast.state, first.broadcast.rows) == (BroadcastState.LOADING, 400)
    second = load(store, config(mock.endpoint))
    assert second.broadcast.id == first.broadcast.id
    assert second.resumed_pages == 4
    assert stored_rows(store, second) == ROWS
    assert second.broadcast.state is BroadcastState.READY


def test_only_what_is_missing_is_asked_for_again(store: Store, mock: MockServer) -> None:
    load(store, config(mock.endpoint, probes=False), interrupt_after(6))
    second = load(store, config(mock.endpoint, probes=False))
    # the last page that is stored, to be compared, and the two that were missing
    assert second.report.crawl.requests == 3


def test_repeats_are_found_across_an_interruption(store: Store) -> None:
    rows = [*ROWS[:400], ROWS[3]]
    with MockServer(MockConfig(rows=ListedRows(rows))) as server:
        load(store, config(server.endpoint), interrupt_after(4))
        second = load(store, config(server.endpoint))
    assert second.broadcast.state is BroadcastState.BLOCKED
    assert [finding.rule for finding in second.report.findings] == ["NEXT006"]


def test_a_page_that_has_changed_meanwhile_stops_the_load(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "contacts.csv"
    lines = [f"{row['uid']},{row['msg']}\n" for row in ROWS]
    file.write_text("uid,msg\n" + "".join(lines), "utf-8")
    load(store, config_for_file(file), interrupt_after(1))
    lines[100] = f"{ROWS[100]['uid']},Something else\n"
    file.write_text("uid,msg\n" + "".join(lines), "utf-8")
    second = load(store, config_for_file(file))
    assert second.broadcast.state is BroadcastState.BLOCKED
    assert "has other rows than when" in second.broadcast.reason


def test_a_load_that_a_passing_fault_stopped_goes_on(store: Store) -> None:
    rows, secret = ListedRows(ROWS), "the same for both servers"
    with MockServer(MockConfig(rows=rows, faults=("HTTP007@4",), token_secret=secret)) as broken:
        port = int(broken.url.rpartition(":")[2])
        first = load(store, config(broken.endpoint))
    assert (first.broadcast.state, first.broadcast.pages) == (BroadcastState.BLOCKED, 3)
    with MockServer(MockConfig(rows=rows, token_secret=secret), port=port) as mended:
        again = load(store, config(mended.endpoint))
    assert again.broadcast.id == first.broadcast.id
    assert (again.broadcast.state, again.resumed_pages) == (BroadcastState.READY, 3)
    assert stored_rows(store, again) == ROWS


def test_a_faulty_endpoint_is_loaded_anew_once_it_is_mended(store: Store, mock: MockServer) -> None:
    first = load(store, config(mock.fault_endpoint("ROW003")))
    second = load(store, config(mock.fault_endpoint("ROW003")))
    assert second.broadcast.id != first.broadcast.id


def test_two_loads_of_one_broadcast_do_not_interfere(store: Store, mock: MockServer) -> None:
    loader, wanted = Loader(store), config(mock.endpoint)
    broadcast = loader.find_or_create(wanted)
    refused: list[str] = []

    def load_too(event: Event) -> None:
        if isinstance(event, PageRead) and event.page.number == 2:
            with pytest.raises(NotNow) as told:
                Loader(store).load(broadcast, wanted)
            refused.append(str(told.value))

    assert loader.load(broadcast, wanted, load_too).broadcast.state is BroadcastState.READY
    assert "another process" in refused[0]


KILLED = """
import os, sys
from broadcaster.loading.loader import Loader
from broadcaster.store import open_store
from checker.api import Config, Endpoint, PageRead

store = open_store(sys.argv[1])
config = Config(endpoint=Endpoint.parse(sys.argv[2]), probes=False)

def die(event):
    if isinstance(event, PageRead) and event.page.number == int(sys.argv[3]):
        os.kill(os.getpid(), 9)

loader = Loader(store)
loader.load(loader.find_or_create(config), config, die)
"""


def test_a_killed_load_goes_on_at_once(store: Store, mock: MockServer, tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'store.sqlite'}"
    for page in (2, 5, 7):
        command = [sys.executable, "-c", KILLED, address, mock.endpoint, str(page)]
        assert subprocess.run(command, check=False).returncode == -9
        (left,) = store.broadcasts.each()
        assert (left.state, left.pages) == (BroadcastState.LOADING, page)
    result = load(store, config(mock.endpoint))
    assert result.broadcast.id == left.id
    assert stored_rows(store, result) == ROWS


def test_header_values_and_secret_parameters_are_never_stored(
    tmp_path: Path, mock: MockServer
) -> None:
    path = tmp_path / "store.sqlite"
    with open_store(f"sqlite:///{path}") as store:
        url = f"{mock.endpoint}?api_key=open-sesame-4711"
        load(store, config(url, headers=(("Authorization", "Bearer s3cr3t-4711"),)))
        stored = b"".join(one.read_bytes() for one in tmp_path.iterdir())
    assert b"s3cr3t-4711" not in stored
    assert b"open-sesame-4711" not in stored
    assert b"Hello 729" in stored


def test_a_file_of_contacts_is_loaded_like_an_endpoint(store: Store, root: Path) -> None:
    result = load(store, config_for_file(root / "examples" / "contacts.csv", channel="line"))
    assert (result.broadcast.state, result.broadcast.rows) == (BroadcastState.READY, 1200)
