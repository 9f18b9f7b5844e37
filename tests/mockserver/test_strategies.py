"""The public strategies: what they draw is served as drawn, is right, and finds planted bugs."""

import inspect
from collections.abc import Iterator
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

import pytest
import requests
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from broadcaster.loading.loader import Loader
from broadcaster.model import BroadcastState
from broadcaster.store import open_store
from checker import check
from checker.api import Config, Endpoint
from mockserver import MockConfig, MockError, MockServer, PagedRows
from mockserver.strategies import GeneratedEndpoint, endpoints, pages, rows, texts, tokens


@pytest.fixture(scope="module")
def mock() -> Iterator[MockServer]:
    with MockServer() as server:
        yield server


def read(url: str) -> list[dict[str, str]]:
    """A plain loop over the pages, as the contract asks for."""
    found, token = [], ""
    with requests.Session() as session:
        session.trust_env = False
        while True:
            answer = session.get(url, params={"next": token} if token else {})
            answer.raise_for_status()
            if not answer.content.strip():
                return found
            page = answer.json()
            found += page["list"]
            token = page["next"]
            if not token:
                return found


@given(endpoint=endpoints())
@settings(max_examples=40)
def test_a_client_reads_what_was_drawn(mock: MockServer, endpoint: GeneratedEndpoint) -> None:
    mock.play(endpoint.config)
    assert read(mock.endpoint) == endpoint.rows


@given(endpoint=endpoints(max_pages=4))
@settings(max_examples=25)
def test_a_check_finds_no_error_in_what_was_drawn(
    mock: MockServer, endpoint: GeneratedEndpoint
) -> None:
    mock.play(endpoint.config)
    report = check(mock.endpoint)
    errors = [each for each in report.findings if each.severity == "error"]
    # a row that was drawn twice is on two pages, or a page was drawn twice
    assert {each.rule for each in errors} <= {"NEXT004", "NEXT005", "NEXT006"}


@given(endpoint=endpoints(max_pages=3, faults=["ROW003", "PAGE005", "HTTP007"]))
@settings(max_examples=20)
def test_a_fault_is_on_the_page_for_which_it_was_drawn(
    mock: MockServer, endpoint: GeneratedEndpoint
) -> None:
    mock.play(endpoint.config)
    found = {each.rule for each in check(mock.endpoint, probes=False, retries=0).findings}
    for spec in endpoint.faults:
        name, _, page = spec.partition("@")
        assert endpoint.pages[int(page) - 1] == () or name in found


@given(pages(rows(texts(max_size=3)), min_rows=1, max_rows=2), tokens(), st.data())
@settings(max_examples=40)
def test_the_parts_are_what_the_contract_allows(
    page: tuple[dict[str, str], ...], token: str, data: st.DataObject
) -> None:
    assert 1 <= len(page) <= 2
    assert all(set(row) == {"uid", "msg"} for row in page)
    assert all(text.strip() and text.encode() for row in page for text in row.values())
    assert token.strip()
    assert "\0" not in data.draw(texts(control_characters=True))


def test_everything_shrinks_to_what_is_small() -> None:
    least = find(endpoints(), lambda endpoint: len(endpoint.rows) >= 2)
    assert len(least.rows) == 2
    assert least.end == ""
    assert least.faults == ()
    assert all(len(text) == 1 for row in least.rows for text in row.values())


@pytest.mark.parametrize(
    "config",
    [
        lambda: MockConfig(tokens=("a",)),
        lambda: MockConfig(rows=PagedRows(((), (), ())), tokens=("a", "a")),
        lambda: MockConfig(rows=PagedRows(((), ())), tokens=(" ",)),
    ],
)
def test_tokens_that_cannot_be_served(config: Any) -> None:
    with pytest.raises(MockError, match="token"):
        config()


def test_a_page_has_fewer_than_500_rows() -> None:
    with pytest.raises(ValueError, match="499"):
        pages(max_rows=500)


BUG = ("            (uid, msg)\n", "            (uid, msg.rstrip())\n")
"""In a copy of our loader: white space at the end of a message is lost."""


def loader_with(bug: tuple[str, str]) -> type[Loader]:
    """The class of a copy of the loader's module in which a line is changed."""
    source = inspect.getsource(inspect.getmodule(Loader))  # type: ignore[arg-type]
    assert bug[0] in source
    copy = ModuleType("loader_with_a_bug")
    copy.__dict__["__name__"] = Loader.__module__
    exec(compile(source.replace(*bug), "loader_with_a_bug.py", "exec"), copy.__dict__)
    return copy.Loader  # type: ignore[no-any-return]


def loaded_rows(loader_class: type[Loader], url: str) -> list[tuple[str, str]] | None:
    """The rows that a load stored; None if it did not end ready to send."""
    config = Config(endpoint=Endpoint.parse(url), retries=0, probes=False)
    with TemporaryDirectory() as folder, open_store(f"sqlite:///{folder}/store") as store:
        loader = loader_class(store)
        broadcast = loader.load(loader.find_or_create(config, new=True), config).broadcast
        if broadcast.state is not BroadcastState.READY:
            return None
        return list(store.loads.rows(broadcast.number, 0, broadcast.rows))


def loses_rows(loader_class: type[Loader], mock: MockServer, endpoint: GeneratedEndpoint) -> bool:
    mock.play(endpoint.config)
    loaded = loaded_rows(loader_class, mock.endpoint)
    return loaded is not None and loaded != [(row["uid"], row["msg"]) for row in endpoint.rows]


def test_a_bug_in_a_copy_of_the_loader_is_found_within_200_examples(mock: MockServer) -> None:
    broken = loader_with(BUG)
    generating = settings(
        max_examples=200, derandomize=True, database=None, phases=(Phase.generate,)
    )
    found = find(endpoints(), lambda each: loses_rows(broken, mock, each), settings=generating)
    assert not loses_rows(Loader, mock, found)
