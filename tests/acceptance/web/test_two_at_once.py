"""Two browsers act at once on one broadcast: each gets a page that says how it stands."""

import re
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest
import requests
from window_process import WindowProcess

from mockserver.line_api import LineConfig, LineServer

ROWS = 20
ROUNDS = 2
SLOWLY = {"rate": "5"}
LONGEST_SECONDS = 60
numbers = count(1)


class Person:
    """Somebody at a browser of their own."""

    def __init__(self, url: str, via: str) -> None:
        self._url = url
        self._via = via
        self.contacts: dict[str, list[str]] = {}
        """The people of each broadcast, by its name."""

    def act(self, name: str, act: str, fields: Mapping[str, str]) -> requests.Response:
        where = f"{self._url}/broadcasts/{name}/{act}"
        return requests.post(
            where, data={"via": self._via, "confirmed": "yes", **fields}, timeout=LONGEST_SECONDS
        )

    def load(self) -> str:
        """A new broadcast, ready to be sent."""
        number = next(numbers)
        contacts = [f"U{number * 1000 + n:032x}" for n in range(ROWS)]
        rows = "".join(f"{uid},hello\n" for uid in contacts)
        files = {"file": ("contacts.csv", f"uid,msg\n{rows}".encode())}
        form = {"source": "file", "via": self._via}
        url = f"{self._url}/broadcasts"
        answer = requests.post(url, data=form, files=files, timeout=LONGEST_SECONDS)
        name = answer.url.rpartition("/")[2]
        self.contacts[name] = contacts
        self.until(name, "Ready to be sent")
        return name

    def until(self, name: str, *headings: str) -> None:
        """Wait until the page has one of these headings, along its events, as a browser does."""
        address = f"{self._url}/broadcasts/{name}"
        while (found := heading(requests.get(address, timeout=30).text)) not in headings:
            assert found in ("Loading", "Sending", "Paused"), found
            with requests.get(f"{address}/events", stream=True, timeout=LONGEST_SECONDS) as told:
                next(told.iter_lines(chunk_size=1), None)


def heading(page: str) -> str:
    found = re.search(r"<h1>([^<]*)</h1>", page)
    assert found is not None, page
    return found[1]


@pytest.fixture(scope="module")
def line() -> Iterator[LineServer]:
    """The stand-in for LINE, which does not know the first person of each broadcast."""
    unknown = tuple(f"U{number * 1000:032x}" for number in range(1, 200))
    with LineServer(LineConfig(unknown=unknown)) as running:
        yield running


@pytest.fixture(scope="module")
def person(line: LineServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Person]:
    settings = {"BROADCAST_LINE_BASE_URL": line.url, "BROADCAST_LINE_TOKEN": line.token}
    store: Path = tmp_path_factory.mktemp("two") / "store.sqlite"
    running = WindowProcess(store, env=settings)
    yield Person(running.url, f"line at {line.url}")
    running.stop()


def in_state(person: Person, state: str) -> str:
    """A broadcast that stands so."""
    name = person.load()
    if state == "sending":
        person.act(name, "send", SLOWLY)
    elif state == "paused":
        person.act(name, "send", {"first": "2"})
        person.until(name, "Paused")
    elif state == "done":
        person.act(name, "send", {})
        person.until(name, "The broadcast is done")
    return name


@pytest.mark.parametrize(
    ("state", "first", "second", "ends"),
    [
        ("ready", ("send", {}), ("send", {}), {"The broadcast is done"}),
        ("ready", ("send", {}), ("send", {"first": "3"}), {"The broadcast is done", "Paused"}),
        ("ready", ("send", SLOWLY), ("cancel", {}), {"Cancelled"}),
        ("ready", ("cancel", {}), ("cancel", {}), {"Cancelled"}),
        ("sending", ("pause", {}), ("cancel", {}), {"Cancelled"}),
        ("sending", ("pause", {}), ("pause", {}), {"Paused"}),
        ("sending", ("pause", {}), ("send", {}), {"The broadcast is done", "Paused"}),
        ("paused", ("send", {}), ("send", {}), {"The broadcast is done"}),
        ("paused", ("send", SLOWLY), ("cancel", {}), {"Cancelled"}),
        ("done", ("retry", {}), ("retry", {}), {"The broadcast is done"}),
        ("done", ("retry", {}), ("cancel", {}), {"The broadcast is done", "Cancelled"}),
    ],
)
def test_each_gets_a_clear_page(
    person: Person,
    line: LineServer,
    state: str,
    first: tuple[str, Mapping[str, str]],
    second: tuple[str, Mapping[str, str]],
    ends: set[str],
) -> None:
    for _ in range(ROUNDS):
        name = in_state(person, state)
        together = threading.Barrier(2)

        def at_once(
            what: tuple[str, Mapping[str, str]],
            name: str = name,
            both: threading.Barrier = together,
        ) -> requests.Response:
            both.wait(LONGEST_SECONDS)
            return person.act(name, *what)

        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(at_once, (first, second)))
        for answer in answers:
            assert answer.status_code in (200, 409), answer.text
            assert heading(answer.text) in ends | {"Sending", "Paused"}
            assert (answer.status_code == 409) == ('role="alert"' in answer.text), answer.text
        person.until(name, *ends)
        received = [line.counts().get(uid, 0) for uid in person.contacts[name]]
        assert received[0] == 0  # whom the stand-in does not know
        least = 1 if ends == {"The broadcast is done"} else 0
        assert {least, 1} >= set(received[1:])
