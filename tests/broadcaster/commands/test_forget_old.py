"""`broadcast forget --before`: all that ended long ago, and nothing that may still be sent."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from store_kit import loaded, rows_of, send_all, sending

from broadcaster.model import StopCause
from broadcaster.store import Store, open_store

Forget = Callable[..., "subprocess.CompletedProcess[str]"]
NOW = 4e9  # later than any moment that a command is run at


@pytest.fixture
def forget(sqlite_address: str) -> Forget:
    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [Path(sys.executable).parent / "broadcast", "forget", "--store", sqlite_address]
        return subprocess.run(
            [*command, *arguments], capture_output=True, encoding="utf-8", check=False
        )

    return run


def sent(store: Store, ended_at: float) -> str:
    """A broadcast that is done; the rows are accepted and it is settled at that moment."""
    one = sending(store, rows_of(3))
    send_all(store, one)
    store.broadcasts.settle(one.number, ended_at)
    return one.id


def test_what_ended_before_is_erased_and_the_rest_is_kept(
    sqlite_address: str, forget: Forget
) -> None:
    with open_store(sqlite_address) as store:
        old, new = sent(store, 20.0), sent(store, NOW)
        ready = loaded(store, rows_of(3)).id
        paused = sending(store, rows_of(3))
        store.broadcasts.pause(paused.number, StopCause.PERSON, 5.0)
    done = forget("--before", "90d", "--yes")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("1 broadcast erased; the counts are kept.\n2 older broadcasts ")
    assert ready in done.stdout
    assert paused.id in done.stdout
    with open_store(sqlite_address) as store:
        forgotten = {one.id for one in store.broadcasts.each() if one.forgotten_at is not None}
        assert forgotten == {old}
        assert store.broadcasts.get(new).rows == 3
    again = forget("--before", "90d", "--yes")
    assert again.stdout.startswith("No broadcast that still has its data ended before ")


def test_it_asks_first(sqlite_address: str, forget: Forget) -> None:
    with open_store(sqlite_address) as store:
        sent(store, 20.0)
    done = forget("--before", "2020-01-01")
    assert done.returncode == 2
    assert "--yes" in done.stderr


@pytest.mark.parametrize("arguments", [(), ("3f2a", "--before", "90d"), ("--before", "soon")])
def test_a_wrong_command_is_one_sentence(forget: Forget, arguments: tuple[str, ...]) -> None:
    done = forget(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
