"""When the store cannot be used: one clear sentence each, nothing lost, and no lie."""

import os
import pwd
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.exc import SQLAlchemyError
from store_kit import (
    FOREVER,
    LOADER,
    add_pages,
    begin_load,
    claimed_calls,
    deliveries_of,
    loaded,
    page_of,
    rows_of,
    sending,
    settled_as,
)

from broadcaster.errors import BroadcastError, StoreError, StoreUnreachable, WrongCommand
from broadcaster.model import DeliveryState, StopCause
from broadcaster.store import Store, default_address, open_store
from broadcaster.store.database.address import parse_address
from broadcaster.store.database.error_messages import error_of

ON_CI = os.environ.get("CI") == "true"


def file_of(address: str) -> Path:
    return Path(address.removeprefix("sqlite:///"))


def said(call: Callable[[], object]) -> str:
    """The one sentence that a person is shown."""
    with pytest.raises(BroadcastError) as raised:
        call()
    text = str(raised.value)
    assert text.endswith(".")
    assert "\n" not in text
    error = raised.value
    assert error.__cause__ is None
    assert error.__context__ is None or error.__suppress_context__
    return text


# What was deleted


@pytest.fixture
def in_use(sqlite_address: str) -> Iterator[tuple[Store, Path]]:
    with open_store(sqlite_address) as store:
        yield store, file_of(sqlite_address)


def delete_all(file: Path) -> None:
    for path in file.parent.iterdir():
        path.unlink()


def delete_folder(file: Path) -> None:
    shutil.rmtree(file.parent)


def delete_log(file: Path) -> None:
    Path(f"{file}-wal").unlink()


def replace_by_another(file: Path) -> None:
    delete_all(file)
    open_store(f"sqlite:///{file}").close()


def move_away(file: Path) -> None:
    file.rename(file.with_suffix(".moved"))


GONE = [Path.unlink, delete_all, delete_folder, replace_by_another, move_away]


@pytest.mark.parametrize("remove", [*GONE, delete_log])
def test_nothing_is_reported_as_done_in_a_file_that_is_gone(
    in_use: tuple[Store, Path], remove: Callable[[Path], None]
) -> None:
    store, file = in_use
    broadcast = sending(store, rows_of(10))
    chunk = store.ledger.lease(broadcast.number, "a", now=1.0, lease_seconds=60.0, repeatable=True)
    assert chunk is not None
    calls = claimed_calls(store, broadcast, chunk, now=1.0, at_most=5)
    remove(file)
    accepted = settled_as(deliveries_of(calls), DeliveryState.ACCEPTED)

    for work in (
        lambda: store.ledger.settle(accepted, 2.0),
        lambda: claimed_calls(store, broadcast, chunk, now=2.0, at_most=5),
        lambda: store.broadcasts.create(now=2.0),
        lambda: store.broadcasts.pause(broadcast.number, StopCause.PERSON, 2.0),
    ):
        assert said(work) == (
            f"The store {str(file)!r} was deleted or replaced while it was in use; "
            "put the file back, and run the same command again."
        )


@pytest.mark.parametrize("remove", GONE)
def test_nothing_is_read_from_a_file_that_is_gone(
    in_use: tuple[Store, Path], remove: Callable[[Path], None]
) -> None:
    store, file = in_use
    broadcast = sending(store, rows_of(10))
    remove(file)
    for look in (
        lambda: store.broadcasts.get(broadcast.id),
        lambda: store.broadcasts.counts(broadcast.number),
        lambda: store.outcomes.causes(broadcast.number),
    ):
        assert "deleted or replaced" in said(look)


def test_a_deleted_file_does_not_come_back_empty(in_use: tuple[Store, Path]) -> None:
    store, file = in_use
    file.unlink()
    with pytest.raises(StoreError), store.reading():  # the open connection is taken meanwhile
        assert "gone or not ours to use" in said(lambda: store.broadcasts.newest(10))
    assert not file.exists()


def test_a_file_that_was_put_back_is_used_again(in_use: tuple[Store, Path]) -> None:
    store, file = in_use
    broadcast = loaded(store, rows_of(10))
    moved = file.with_suffix(".moved")
    file.rename(moved)
    assert "deleted or replaced" in said(lambda: store.broadcasts.get(broadcast.id))
    moved.rename(file)
    assert store.broadcasts.get(broadcast.id).rows == 10


# What is no store


@pytest.mark.parametrize("content", [b"not a database at all" * 100, b"SQLite format 3\0" * 300])
def test_a_file_of_something_else(sqlite_address: str, content: bytes) -> None:
    file = file_of(sqlite_address)
    file.parent.mkdir()
    file.write_bytes(content)
    assert said(lambda: open_store(sqlite_address)) == (
        f"The store {str(file)!r} is damaged, or no store at all; put a copy in its place, "
        "and keep the damaged file."
    )
    assert file.read_bytes() == content


def test_a_damaged_file(sqlite_address: str) -> None:
    file = file_of(sqlite_address)
    with open_store(sqlite_address) as store:
        broadcast = loaded(store, [(uid, msg * 200) for uid, msg in rows_of(2_000)])
    with file.open("r+b") as opened:
        for place in range(3 * 4096, file.stat().st_size, 3 * 4096):
            opened.seek(place)
            opened.write(b"\xa5" * 4096)

    def use() -> None:
        with open_store(sqlite_address) as store:
            list(store.outcomes.each(broadcast.number))

    assert "is damaged" in said(use)


def test_a_folder_in_the_place_of_the_file(tmp_path: Path) -> None:
    assert "cannot be opened" in said(lambda: open_store(f"sqlite:///{tmp_path}"))


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "cannot be made" in said(lambda: open_store(f"sqlite:///{tmp_path}/file/store.sqlite"))


# What the address says


AMBIGUOUS = [
    "postgresql://user:Sesa@me-4711@db.example/name",
    "postgresql://user:Sesa@me/4711@db.example/name",
    "postgresql://user:Sesa@me?4711@db.example/name",
    "postgresql://user:Sesame@@db.example/name",
    "postgresql://user@tenant:Sesame-4711@db.example/name",
]


@pytest.mark.parametrize("address", AMBIGUOUS)
def test_an_address_with_an_unescaped_at_sign_prints_no_part_of_a_password(address: str) -> None:
    text = said(lambda: parse_address(address))
    assert "write each @ of the user or the password as %40" in text
    for part in ("Sesa", "me", "4711"):
        assert not re.search(rf"\b{part}\b", text)


def test_an_address_with_an_escaped_at_sign_is_one() -> None:
    url = parse_address("postgresql://user:Sesa%40me%2F4711@db.example/name?host=@socket")
    assert (url.password, url.host, url.database) == ("Sesa@me/4711", "db.example", "name")


def test_a_server_that_is_not_there_may_come(tmp_path: Path) -> None:
    with pytest.raises(StoreUnreachable):
        open_store(f"postgresql://nobody@/none?host={tmp_path}")


# What may not be written


@contextmanager
def without_privileges(folder: Path) -> Iterator[None]:
    """As somebody who is not root, whom no mode of a file would stop."""
    if os.geteuid() != 0:
        yield
        return
    user = pwd.getpwnam("nobody").pw_uid
    for path in (folder, *folder.rglob("*")):
        os.chown(path, user, -1)
    os.seteuid(user)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def folder_for_all() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="store") as name:
        yield Path(name)


@pytest.mark.parametrize("what", ["file", "folder", "both"])
def test_what_is_read_only(folder_for_all: Path, what: str) -> None:
    folder = folder_for_all / "stores"
    file = folder / "broadcasts.sqlite"
    with open_store(f"sqlite:///{file}") as store:
        loaded(store, rows_of(10))
    with without_privileges(folder_for_all):
        if what in ("file", "both"):
            file.chmod(0o400)
        if what in ("folder", "both"):
            folder.chmod(0o500)

        def use() -> None:
            with open_store(f"sqlite:///{file}") as store:
                store.broadcasts.create(now=1.0)

        try:
            text = said(use)
            assert "can only be read" in text or "not ours to use" in text
        finally:
            folder.chmod(0o700)
            file.chmod(0o600)
        with open_store(f"sqlite:///{file}") as store:
            (found,) = store.broadcasts.each()
            assert found.rows == 10


def test_a_folder_in_which_nothing_may_be_made(folder_for_all: Path) -> None:
    folder_for_all.chmod(0o500)
    with without_privileges(folder_for_all):
        text = said(lambda: open_store(f"sqlite:///{folder_for_all}/broadcasts.sqlite"))
    assert "cannot be made (Permission denied)" in text


# What is locked


def test_a_lock_that_another_process_holds_too_long(sqlite_address: str) -> None:
    with open_store(sqlite_address) as store:
        broadcast = loaded(store, rows_of(10))
    other = sqlite3.connect(file_of(sqlite_address), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with open_store(sqlite_address, busy_seconds=0.05) as store:
        assert said(lambda: store.broadcasts.create(now=1.0)) == (
            f"The store {store.place!r} is locked by another process; wait for it, or stop it, "
            "and try again."
        )
        assert store.broadcasts.get(broadcast.id).rows == 10  # who reads need not wait
        other.execute("ROLLBACK")
        store.broadcasts.create(now=1.0)
    other.close()


# A full disk


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m,mode=700", "tmpfs", str(folder)]
    if os.geteuid() != 0:
        if not ON_CI:
            pytest.skip("This test mounts a small disk, which needs root.")
        user = ["-o", f"uid={os.geteuid()}"]
        command = ["sudo", "-n", *command[:-2], *user, *command[-2:]]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode and not ON_CI:
        pytest.skip(f"This test mounts a small disk, which is not allowed here: {done.stderr}")
    assert done.returncode == 0, done.stderr
    yield folder
    unmount = ["umount", "--lazy", str(folder)]
    subprocess.run(unmount if os.geteuid() == 0 else ["sudo", "-n", *unmount], check=True)


def fill(file: Path) -> None:
    with file.open("wb", buffering=0) as opened, suppress(OSError):
        while opened.write(b"\0" * 4096):
            pass


def test_a_disk_that_fills_up_while_it_is_loaded(small_disk: Path) -> None:
    address = f"sqlite:///{small_disk}/broadcasts.sqlite"
    with open_store(address) as store:
        broadcast = begin_load(store)
        pages = 0

        def load() -> None:
            nonlocal pages
            for page in range(1, 1000):
                rows = [(uid, msg * 20) for uid, msg in rows_of(100, pages * 100)]
                stored = page_of(page, pages * 100, rows)
                store.loads.add_page(broadcast.number, LOADER, stored, rows, until=FOREVER, now=1.0)
                pages = page

        assert said(load) == (
            f"The store {store.place!r} has no room left on its disk; make room and run the same "
            "command again."
        )
        found = store.broadcasts.get(broadcast.id)
        assert (found.pages, found.rows) == (pages, pages * 100)
        assert pages > 0
        assert len(store.loads.rows(broadcast.number, 0, 10**9)) == pages * 100
    with open_store(address) as store:
        assert store.broadcasts.get(broadcast.id).rows == pages * 100


def test_a_disk_that_fills_up_while_it_is_sent(small_disk: Path) -> None:
    """Nothing is claimed that is not on the disk, and room helps."""
    address = f"sqlite:///{small_disk}/broadcasts.sqlite"
    filler = small_disk / "filler"
    with open_store(address) as store:
        broadcast = sending(store, rows_of(400))
        chunk = store.ledger.lease(
            broadcast.number, "a", now=1.0, lease_seconds=60.0, repeatable=True
        )
        assert chunk is not None
        fill(filler)

        def claim_all() -> None:
            for _ in range(400):
                claimed_calls(store, broadcast, chunk, now=1.0, at_most=1)

        assert "has no room left on its disk" in said(claim_all)
        before = store.broadcasts.counts(broadcast.number)
        assert sum(before.values()) == 400
        filler.unlink()
        calls = claimed_calls(store, broadcast, chunk, now=1.0, at_most=400)
        assert len(calls) == before[DeliveryState.READY]


def test_a_full_disk_takes_no_changes(small_disk: Path) -> None:
    with open_store(f"sqlite:///{small_disk}/broadcasts.sqlite") as store:
        store.check_writable()
        fill(small_disk / "filler")

        def write_often() -> None:
            for _ in range(200):  # the log beside the file has some room of its own
                store.check_writable()

        assert "has no room left on its disk" in said(write_often)
        (small_disk / "filler").unlink()
        store.check_writable()


def test_a_store_that_another_process_writes_to_takes_changes(sqlite_address: str) -> None:
    with open_store(sqlite_address) as store:
        other = sqlite3.connect(file_of(sqlite_address), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        store.check_writable()
        other.execute("ROLLBACK")
        other.close()
        file_of(sqlite_address).unlink()
        assert "was deleted or replaced" in said(store.check_writable)


def test_a_disk_that_is_full_from_the_start(small_disk: Path) -> None:
    fill(small_disk / "filler")
    text = said(lambda: open_store(f"sqlite:///{small_disk}/broadcasts.sqlite"))
    assert "no room left" in text


# Copies


def test_a_copy_of_a_closed_store_is_a_store(sqlite_address: str, tmp_path: Path) -> None:
    with open_store(sqlite_address) as store:
        broadcast = loaded(store, rows_of(1000))
    assert [path.name for path in file_of(sqlite_address).parent.iterdir()] == ["broadcasts.sqlite"]
    shutil.copy(file_of(sqlite_address), tmp_path / "copy.sqlite")
    with open_store(f"sqlite:///{tmp_path / 'copy.sqlite'}") as copy:
        assert copy.loads.rows(broadcast.number, 0, 2000) == rows_of(1000)


def test_a_copy_of_an_open_store_with_its_log_is_a_store(
    sqlite_address: str, tmp_path: Path
) -> None:
    with open_store(sqlite_address) as store:
        broadcast = sending(store, rows_of(1000))
        file = file_of(sqlite_address)
        (tmp_path / "copy").mkdir()
        for ending in ("", "-wal"):
            shutil.copy(f"{file}{ending}", tmp_path / "copy" / f"{file.name}{ending}")
    with open_store(f"sqlite:///{tmp_path / 'copy' / file.name}") as copy:
        found = copy.broadcasts.get(broadcast.id)
        assert sum(found.counts.values()) == 1000
        assert copy.loads.rows(broadcast.number, 0, 2000) == rows_of(1000)


def test_a_backup_while_it_is_loaded_holds_whole_pages(sqlite_address: str, tmp_path: Path) -> None:
    with open_store(sqlite_address) as store:
        broadcast = begin_load(store)
        add_pages(store, broadcast, rows_of(2000), 100)
        source = sqlite3.connect(file_of(sqlite_address))
        target = sqlite3.connect(tmp_path / "copy.sqlite")
        steps = iter(range(100))

        def meanwhile(_status: int, _remaining: int, _total: int) -> None:
            if next(steps, None) is not None:
                first = store.broadcasts.get(broadcast.id).rows
                add_pages(store, broadcast, rows_of(100, first), 100)

        source.backup(target, pages=50, progress=meanwhile)
        source.close()
        target.close()
    with open_store(f"sqlite:///{tmp_path / 'copy.sqlite'}") as copy:
        found = copy.broadcasts.get(broadcast.id)
        assert found.pages == len(copy.loads.pages(broadcast.number)) >= 20
        assert copy.loads.rows(broadcast.number, 0, 10**6) == rows_of(found.pages * 100)


# Addresses


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("nonsense", "cannot be read"),
        ("postgresql://user:hunter2@host:port/db", "cannot be read"),
        ("mysql://user:hunter2@host/db", "cannot be a 'mysql'"),
        ("sqlite://", "must be a file"),
        ("sqlite:///:memory:", "must be a file"),
        ("sqlite:///x?mode=ro", "must be a file"),
    ],
)
def test_an_address_that_cannot_be_one(address: str, words: str) -> None:
    with pytest.raises(WrongCommand) as raised:
        open_store(address)
    assert words in str(raised.value)
    assert "BROADCAST_STORE" in str(raised.value)
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://user:hunter2@127.0.0.1:1/db",
        "postgresql://user@127.0.0.1:1/db?password=hunter2",
        "postgresql://user:hunter2@/db?host=/nowhere&password=hunter2",
        "postgresql://user:hunter2@127.0.0.1:1/db?nonsense=hunter2",
    ],
)
def test_a_server_that_is_not_there_and_no_password_told(address: str) -> None:
    text = said(lambda: open_store(address))
    assert "hunter2" not in text
    assert "cannot be reached" in text or "does not know" in text


def test_a_database_or_a_user_that_is_not_there(postgresql_url: str) -> None:
    missing = postgresql_url.replace("/postgres?", "/not_there?")
    assert "has no such database" in said(lambda: open_store(missing))
    stranger = postgresql_url.replace("//tests@", "//stranger:hunter2@")
    text = said(lambda: open_store(stranger))
    assert "refuses us" in text
    assert "hunter2" not in text


def test_the_place_is_told_without_a_password(postgresql_url: str) -> None:
    secret = postgresql_url.replace("//tests@", "//tests:hunter2@") + "&password=hunter2"
    with open_store(secret) as store:
        assert "hunter2" not in store.place
        assert store.place.startswith("postgresql://tests:***@/postgres?host=")


def test_the_default_is_a_file_of_the_user() -> None:
    assert default_address({"BROADCAST_STORE": " sqlite:///x "}) == "sqlite:///x"
    assert default_address({}).endswith("broadcast-conformance/broadcasts.sqlite")


def test_a_tilde_is_the_users_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    with open_store("sqlite:///~/store.sqlite") as store:
        assert store.place == str(tmp_path / "store.sqlite")


def test_a_store_stays_where_it_is_when_the_folder_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with open_store("sqlite:///store.sqlite") as store:
        monkeypatch.chdir("/")
        store.broadcasts.create(now=1.0)
        assert store.place == str(tmp_path / "store.sqlite")


def test_a_server_that_takes_no_changes_is_not_told_of_files() -> None:
    url = parse_address("postgresql://user@db.example/name")
    cause = "cannot execute INSERT in a read-only transaction"
    text = str(error_of(url, psycopg.errors.ReadOnlySqlTransaction(cause)))
    assert text.endswith("it is a standby server, or set to read-only; name the primary server.")


def test_a_failure_of_another_kind_asks_for_a_report() -> None:
    url = parse_address("sqlite:///x")
    assert "report it" in str(error_of(url, SQLAlchemyError("row ('U1', 'secret message')")))
    assert "secret message" not in str(
        error_of(url, SQLAlchemyError("row ('U1', 'secret message')"))
    )


def test_a_store_that_fails_ends_no_program_with_a_traceback(tmp_path: Path) -> None:
    """Its errors are ours, whatever raised them: the command's shell catches nothing else."""
    code = (
        "import sys\nfrom broadcaster.store import open_store\n"
        "from broadcaster.errors import BroadcastError\n"
        "try:\n open_store(sys.argv[1])\nexcept BroadcastError as error:\n print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, f"sqlite:///{tmp_path}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    assert done.stdout.endswith("gone or not ours to use.\n")


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_database_that_cannot_hold_every_text(postgresql_url: str, encoding: str) -> None:
    name = f"in_{encoding.lower()}"
    plain = postgresql_url.replace("postgresql+psycopg://", "postgresql://")
    address = postgresql_url.replace("/postgres?", f"/{name}?")
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} ENCODING '{encoding}' TEMPLATE template0")
        text = said(lambda: open_store(address))
        command = [Path(sys.executable).parent / "broadcast", "list", "--store", address]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        connection.execute(f"DROP DATABASE {name}")
    assert f"is a database in the encoding {encoding}" in text
    assert "create one with ENCODING 'UTF8'" in text
    assert (done.returncode, done.stderr) == (3, f"broadcast: {text}\n")
