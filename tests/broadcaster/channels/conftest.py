"""Servers that a channel sends to."""

from collections.abc import Iterator

import pytest
from scripted import ScriptedServer

from mockserver.line_api import LineServer


@pytest.fixture
def scripted() -> Iterator[ScriptedServer]:
    """A server whose answers are bytes."""
    server = ScriptedServer()
    yield server
    server.close()


@pytest.fixture
def line() -> Iterator[LineServer]:
    """The stand-in for LINE."""
    with LineServer() as server:
        yield server
