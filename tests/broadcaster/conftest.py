"""Stores for the tests of the broadcaster: fresh ones, of each kind, cheaply."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from broadcaster.store import Store, open_store

KINDS = ("sqlite", "postgresql")
_numbers = itertools.count()

NewAddress = Callable[[], str]


def administer(url: str, statement: str) -> None:
    """Run a statement that may not stand in a transaction."""
    plain = url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[call-overload]  # a name of our own making


@pytest.fixture(scope="session")
def postgresql_template(postgresql_url: str) -> str:
    """The URL of a database that holds the tables and nothing else."""
    administer(postgresql_url, "CREATE DATABASE template_of_stores")
    address = postgresql_url.replace("/postgres?", "/template_of_stores?")
    open_store(address).close()
    return address


@pytest.fixture(params=KINDS)
def store_kind(request: pytest.FixtureRequest) -> str:
    """Runs the test with each kind of store."""
    return str(request.param)


@pytest.fixture
def new_address(
    store_kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[NewAddress]:
    """Each call gives the address of a store that nobody has used."""
    made: list[str] = []

    def make() -> str:
        name = f"store_{next(_numbers)}"
        if store_kind == "sqlite":
            return f"sqlite:///{tmp_path / 'stores' / name}.sqlite"
        template: str = request.getfixturevalue("postgresql_template")
        administer(
            request.getfixturevalue("postgresql_url"),
            f"CREATE DATABASE {name} TEMPLATE template_of_stores",
        )
        made.append(name)
        return template.replace("/template_of_stores?", f"/{name}?")

    yield make
    for name in made:
        url = request.getfixturevalue("postgresql_url")
        administer(url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def store_address(new_address: NewAddress) -> str:
    """The address of a fresh store of each kind."""
    return new_address()


@pytest.fixture
def store(store_address: str) -> Iterator[Store]:
    """A fresh store of each kind, open."""
    with open_store(store_address) as opened:
        yield opened


@pytest.fixture
def sqlite_address(tmp_path: Path) -> str:
    """The address of a fresh SQLite store."""
    return f"sqlite:///{tmp_path / 'stores' / 'broadcasts.sqlite'}"
