"""Stand-ins for LINE, each test's own, and a client for it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from line_client import LineClient

from mockserver.line_api import LineConfig, LineServer

Start = Callable[..., LineClient]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a stand-in with these settings and return a client of it."""
    with ExitStack() as running:

        def started(**settings: Any) -> LineClient:
            client = LineClient(running.enter_context(LineServer(LineConfig(**settings))))
            running.callback(client.session.close)
            return client

        yield started


@pytest.fixture
def client(start: Start) -> LineClient:
    """A client of a stand-in as it comes."""
    return start()
