"""One mock for all tests that don't need their own, and plain requests to ask it."""

from collections.abc import Iterator

import pytest
import requests

from mockserver import MockConfig, MockServer
from mockserver.recipients.data import GeneratedRows


@pytest.fixture(scope="session")
def mock() -> Iterator[MockServer]:
    """A mock of 230 rows in pages of 100."""
    with MockServer(MockConfig(rows=GeneratedRows(230))) as server:
        yield server


@pytest.fixture
def http() -> Iterator[requests.Session]:
    """A session that takes nothing from the environment."""
    with requests.Session() as session:
        session.trust_env = False
        yield session
