"""The tables are made, found made, and never made twice, whoever asks and however many."""

import subprocess
import sys
import threading
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from broadcaster.errors import StoreError
from broadcaster.store import open_store
from broadcaster.store.database.address import parse_address
from broadcaster.store.schema.tables import metadata

OPEN = "import sys; from broadcaster.store import open_store; open_store(sys.argv[1]).close()"


@pytest.fixture
def empty_address(store_address: str, store_kind: str) -> str:
    """A place where no table stands yet."""
    if store_kind == "postgresql":
        with psycopg.connect(plain(store_address), autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
    return store_address


def plain(address: str) -> str:
    return address.replace("postgresql+psycopg://", "postgresql://")


def test_the_migrations_make_the_tables_that_the_code_declares(empty_address: str) -> None:
    open_store(empty_address).close()
    engine = sa.create_engine(parse_address(empty_address))
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_indexes_and_checks_are_made_too(empty_address: str) -> None:
    """Which a comparison of the metadata does not look at: predicates and CHECK constraints."""
    open_store(empty_address).close()
    migrated = sa.create_engine(parse_address(empty_address))
    inspector = sa.inspect(migrated)
    checks = {found["name"] for found in inspector.get_check_constraints("chunks")}
    assert checks == {
        c.name for c in metadata.tables["chunks"].constraints if isinstance(c, sa.CheckConstraint)
    }
    (index,) = inspector.get_indexes("chunks")
    predicate = index["dialect_options"][f"{migrated.dialect.name}_where"]
    assert "+ unknown" in str(predicate)
    migrated.dispose()


def test_opening_twice_changes_nothing(empty_address: str) -> None:
    with open_store(empty_address) as first:
        made = first.broadcasts.create(now=1.0)
    with open_store(empty_address) as second:
        assert second.broadcasts.get(made.id) == made


def test_several_processes_may_make_the_tables_at_once(empty_address: str) -> None:
    processes = [
        subprocess.Popen([sys.executable, "-c", OPEN, empty_address], stderr=subprocess.PIPE)
        for _ in range(4)
    ]
    errors = [process.communicate()[1] for process in processes]
    assert errors == [b""] * 4
    with open_store(empty_address) as store:
        assert store.broadcasts.newest(10) == []


def test_several_threads_may_make_the_tables_at_once(empty_address: str) -> None:
    errors: list[BaseException] = []

    def make() -> None:
        try:
            open_store(empty_address).close()
        except BaseException as error:  # noqa: BLE001  shown by the assertion
            errors.append(error)

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_a_store_of_a_newer_version_is_left_alone(store_address: str) -> None:
    open_store(store_address).close()
    engine = sa.create_engine(parse_address(store_address))
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError) as refused:
        open_store(store_address)
    assert str(refused.value) == (
        "The store was made by a newer version of this program; use that one."
    )
    with engine.connect() as connection:
        found = connection.execute(sa.text("SELECT version_num FROM alembic_version"))
        assert found.scalar_one() == "9999"
    engine.dispose()


def test_another_programs_tables_are_left_alone(empty_address: str) -> None:
    engine = sa.create_engine(parse_address(empty_address))
    if empty_address.startswith("sqlite"):
        Path(str(engine.url.database)).parent.mkdir(parents=True)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE chunks (mine INTEGER)"))
    with pytest.raises(StoreError, match="holds tables of another program"):
        open_store(empty_address)
    assert sa.inspect(engine).get_table_names() == ["chunks"]
    engine.dispose()
