"""What the tests of the window share: a window over a store of its own, without a socket."""

import os
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from answering import Answer, Asked, Server
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from broadcaster.store import Store, open_store
from broadcaster.web import WindowConfig, create_app
from broadcaster.web.jobs.checks import CheckJobs
from broadcaster.web.jobs.queues import JobQueues, open_queues
from mockserver import MockServer

LONGEST_SECONDS = 60.0


class Visitor:
    """A browser without a script, in front of one window."""

    def __init__(self, client: FlaskClient, store: Store, queues: JobQueues) -> None:
        self.client = client
        self.store = store
        self.queues = queues
        self.checks: CheckJobs = queues.checks

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.client.get(path, **more)

    def post(self, path: str, data: Any = None, **more: Any) -> TestResponse:
        return self.client.post(path, data=data or {}, **more)

    def start(self, url: str, **fields: Any) -> str:
        """Begin a check; gives its id."""
        answer = self.post("/checks", {"url": url, "probes": "yes", **fields})
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"].rpartition("/")[2]

    def wait(self, name: str) -> str:
        """The page of a check once it ended."""
        seen = -(10**9)
        while (progress := self.checks.wait(name, seen, LONGEST_SECONDS)) is not None:
            assert progress.version != seen, "nothing happened for too long"
            seen = progress.version
        return self.get(f"/checks/{name}").text

    def check(self, url: str, **fields: Any) -> str:
        """Check to the end; gives the page of the result."""
        return self.wait(self.start(url, **fields))


OpenWindow = Callable[..., Visitor]


@pytest.fixture
def window_address(tmp_path: Path) -> str:
    """The address of the store of the windows."""
    return f"sqlite:///{tmp_path / 'window.sqlite'}"


@pytest.fixture
def open_window(window_address: str) -> Iterator[OpenWindow]:
    """Opens windows over one store; each keyword is a setting of WindowConfig."""
    all_queues: list[JobQueues] = []
    store = open_store(window_address)

    def opened(**settings: Any) -> Visitor:
        config = WindowConfig(**{"checks_at_once": 2, **settings})
        queues = open_queues(config, store, os.environ)
        all_queues.append(queues)
        app = create_app(config, store, queues)
        app.testing = True
        return Visitor(app.test_client(), store, queues)

    yield opened
    for queues in all_queues:
        queues.close()
    store.close()


@pytest.fixture
def visitor(open_window: OpenWindow) -> Visitor:
    """In front of a window of one's own."""
    return open_window()


@pytest.fixture(scope="session")
def mock() -> Iterator[MockServer]:
    with MockServer() as running:
        yield running


@pytest.fixture
def slow_server() -> Iterator[Server]:
    """Answers page after page without an end, each only when `go_on` is set; see `asked`."""
    server = Server()
    go_on = threading.Event()
    arrived = threading.Semaphore(0)

    def answer(asked: Asked) -> Answer:
        arrived.release()
        assert go_on.wait(LONGEST_SECONDS)
        number = int(asked.token or 0) + 1
        row = f'{{"uid": "u{number}", "msg": "hello {number}"}}'
        return Answer(f'{{"list": [{row}], "next": "{number}"}}'.encode())

    server.answer = answer
    server.go_on, server.arrived = go_on, arrived  # type: ignore[attr-defined]
    yield server
    go_on.set()
    server.close()


def text_of(page: str) -> str:
    """The page as it is read: without its tags, blanks in one."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page))
