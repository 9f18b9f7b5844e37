"""The state file: what a restart of the stand-in keeps, and which files it refuses."""

import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from line_client import ANA, BEN, LineClient, a_key

from mockserver import MockError
from mockserver.line_api import LineConfig, LineServer

Start = Callable[..., LineClient]


def filled(start: Start, path: Path, *, keep_texts: bool = True) -> Any:
    """Let a stand-in see a bit of everything, end it, and return its figures."""
    client = start(state=path, keep_texts=keep_texts)
    client.push(ANA, "one", a_key(1))
    client.push(ANA, "two", a_key(1))
    client.push("x", "three", a_key(2))
    client.multicast([ANA, BEN], "four", a_key(3))
    client.push(ANA, "five")
    client.webhook({"uid": "ana", "msg": "six"}, Idempotency_Key="é".encode().decode("latin-1"))
    summary = client.summary()
    client.server.__exit__(None, None, None)
    return summary


def test_a_restart_keeps_keys_and_effects(start: Start, tmp_path: Path) -> None:
    before = filled(start, tmp_path / "state")
    second = start(state=tmp_path / "state")
    assert second.server.effects() == {ANA: ["one", "four", "five"], BEN: ["four"]}
    assert second.server.effects("webhook") == {"ana": ["six"]}
    after = second.summary()
    for name in ("effects", "users", "keys", "keyless_effects", "violations", "peak_rate"):
        assert after[name] == before[name], name
    assert second.push(ANA, "one", a_key(1)).status_code == 409
    assert second.multicast([ANA, BEN], "four", a_key(3)).status_code == 409
    assert second.push(ANA, "seven", a_key(4)).status_code == 200


def test_an_accepted_id_is_the_same_after_a_restart(start: Start, tmp_path: Path) -> None:
    first = start(state=tmp_path / "state")
    accepted = first.push(key=a_key())
    first.server.__exit__(None, None, None)
    second = start(state=tmp_path / "state")
    repeated = second.push(key=a_key())
    assert repeated.headers["x-line-accepted-request-id"] == accepted.headers["x-line-request-id"]
    assert repeated.json()["sentMessages"] == accepted.json()["sentMessages"]
    assert repeated.headers["x-line-request-id"] != accepted.headers["x-line-request-id"]


def test_a_restart_keeps_when_a_key_was_first_seen(start: Start, tmp_path: Path) -> None:
    now = [1000.0]
    first = start(state=tmp_path / "state", clock=lambda: now[0])
    first.push("x", key=a_key())
    first.control("clock", advance_seconds=80_000)
    first.server.__exit__(None, None, None)
    now[0] += 6_399
    second = start(state=tmp_path / "state", clock=lambda: now[0])
    assert second.push(ANA, key=a_key()).status_code == 200
    assert second.summary()["violations"] == 1  # so it was still known
    now[0] += 1
    assert second.push(ANA, key=a_key()).status_code == 200


def test_a_restart_keeps_digests_without_texts(start: Start, tmp_path: Path) -> None:
    filled(start, tmp_path / "state", keep_texts=False)
    assert b"four" not in (tmp_path / "state").read_bytes()
    with_texts, without = tmp_path / "texts", start(state=tmp_path / "state", keep_texts=False)
    filled(start, with_texts)
    other = start(state=with_texts, keep_texts=False)
    digests = [
        [(user["uid"], user["digest"]) for user in each.get("/_control/effects")["users"]]
        for each in (without, other)
    ]
    assert digests[0] == digests[1]


def test_a_reset_empties_the_file(start: Start, tmp_path: Path) -> None:
    client = start(state=tmp_path / "state")
    client.push(key=a_key())
    client.control("reset")
    client.server.__exit__(None, None, None)
    again = start(state=tmp_path / "state")
    assert again.summary()["effects"] == 0
    assert again.push(key=a_key()).status_code == 200


def test_a_last_line_that_was_cut_short_is_forgotten(start: Start, tmp_path: Path) -> None:
    path = tmp_path / "state"
    filled(start, path)
    whole = path.read_bytes()
    for cut in range(1, 40):
        path.write_bytes(whole[:-cut])
        with LineServer(LineConfig(state=path)) as server:
            assert server.counts() == {ANA: 3, BEN: 1}
            assert server.counts("webhook") == {}


@pytest.mark.parametrize("content", ["hello", "hello\n", "[]\n", "{}\n", "\n", "\0\n"])
def test_a_foreign_file_is_refused_and_left_alone(tmp_path: Path, content: str) -> None:
    path = tmp_path / "state"
    path.write_text(content)
    with pytest.raises(MockError, match="not a state file"):
        LineServer(LineConfig(state=path)).__enter__()
    assert path.read_text() == content


@pytest.mark.parametrize(
    "line", ["{}", "hello", '["effect","line"]', '["key","mail","00",0,0]', '["key"]', "[]"]
)
def test_a_damaged_file_is_refused_and_left_alone(start: Start, tmp_path: Path, line: str) -> None:
    path = tmp_path / "state"
    filled(start, path)
    damaged = path.read_text() + line + "\n"
    path.write_text(damaged)
    with pytest.raises(MockError, match="damaged"):
        LineServer(LineConfig(state=path)).__enter__()
    assert path.read_text() == damaged


def test_two_stand_ins_on_one_file(start: Start, tmp_path: Path) -> None:
    start(state=tmp_path / "state")
    with pytest.raises(MockError, match="another stand-in is using it"):
        start(state=tmp_path / "state")


def test_a_file_that_cannot_be(start: Start, tmp_path: Path) -> None:
    with pytest.raises(MockError, match="can't be opened"):
        start(state=tmp_path / "none" / "state")


def test_what_cannot_be_written_down_has_no_effect(start: Start, tmp_path: Path) -> None:
    """Never an effect that a restart would forget, nor a file that a full disk has damaged."""
    path = tmp_path / "state"
    client = start(state=path)
    client.push(ANA, key=a_key(0))
    with files_of_at_most(path.stat().st_size + 5000):
        statuses = [client.push(ANA, "x" * 700, a_key(n)).status_code for n in range(1, 12)]
        assert set(statuses) == {200, 500}
    assert client.push(BEN, key=a_key(99)).status_code == 200  # there is room again
    counted, keys = client.server.counts(), client.get("/_control/keys")["keys"]
    assert counted == {ANA: 1 + statuses.count(200), BEN: 1}
    assert client.summary()["by_status"] == {
        "200": sum(counted.values()),
        "500": statuses.count(500),
    }
    client.server.__exit__(None, None, None)
    again = start(state=path)
    assert again.server.counts() == counted
    assert {each["key"] for each in again.get("/_control/keys")["keys"]} == {
        each["key"] for each in keys
    }


@contextmanager
def files_of_at_most(size_bytes: int) -> Iterator[None]:
    """As on a disk that is full beyond this size."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
