"""What tests of the checker may ask for."""

from collections.abc import Iterator

import pytest
from answering import Server


@pytest.fixture
def server() -> Iterator[Server]:
    """A server that answers 404 until it is told otherwise."""
    running = Server()
    yield running
    running.close()
