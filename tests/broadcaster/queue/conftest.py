"""A store on PostgreSQL, a stand-in, and workers, each test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from queue_kit import Line, Workers


@pytest.fixture
def store_kind() -> str:
    """The queue is for PostgreSQL alone."""
    return "postgresql"


@pytest.fixture
def line() -> Iterator[Line]:
    """Without a limit; counts what each user received."""
    started = Line("--no-texts", "--rate", "0")
    yield started
    started.close()


@pytest.fixture
def workers(store_address: str, line: Line, tmp_path: Path) -> Iterator[Workers]:
    """None yet; those that a test starts end with it."""
    logs = tmp_path / "logs"
    logs.mkdir()
    started = Workers(store_address, line, logs)
    yield started
    started.close()
