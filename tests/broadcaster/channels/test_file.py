"""The file: whole lines, each key once, on the disk before it counts, and nothing else harmed."""

import asyncio
import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from channel_kit import call_of, send_all
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcaster.channels import open_channel
from broadcaster.channels.base import Answer, Channel, Verdict
from broadcaster.errors import WrongCommand
from broadcaster.model import Call, retry_key

Rows = list[tuple[str, str]]
TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
ROWS = st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=8)


def channel_to(path: Path) -> Channel:
    return open_channel(f"file:{path}", environ={})


def calls_of(channel: Channel, rows: Rows) -> list[Call]:
    return [call_of(channel, uid, msg, row) for row, (uid, msg) in enumerate(rows)]


def write(path: Path, rows: Rows) -> list[Answer]:
    channel = channel_to(path)
    return send_all(channel, calls_of(channel, rows))


def read(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_bytes().split(b"\n") if line]


def expected(rows: Rows) -> list[dict[str, str]]:
    return [
        {"key": str(retry_key("b", row, 0)), "uid": uid, "msg": msg}
        for row, (uid, msg) in enumerate(rows)
    ]


@given(ROWS)
def test_what_is_accepted_stands_in_the_file_in_its_order(rows: Rows) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "out.jsonl")
        assert {answer.verdict for answer in write(path, rows)} == {Verdict.ACCEPTED}
        assert read(path) == expected(rows)


@settings(max_examples=200)
@given(ROWS, st.data())
def test_cut_off_at_any_byte_and_sent_again_each_key_stands_there_once(
    rows: Rows, data: st.DataObject
) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "out.jsonl")
        write(path, rows)
        content = path.read_bytes()
        length = data.draw(st.integers(0, len(content)))
        zeros = data.draw(st.sampled_from([0, 0, 1, 4096]))
        path.write_bytes(content[:length] + b"\0" * zeros)
        write(path, rows)
        assert read(path) == expected(rows)


def test_a_key_comes_twice_at_once_and_stands_there_once(tmp_path: Path) -> None:
    channel = channel_to(tmp_path / "out")
    calls = calls_of(channel, [("a", "b"), ("c", "d")])
    answers = send_all(channel, [*calls, *calls])
    assert [answer.verdict for answer in answers] == [Verdict.ACCEPTED] * 4
    assert read(tmp_path / "out") == expected([("a", "b"), ("c", "d")])


def test_many_calls_share_a_wait_for_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = []
    fsync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda descriptor: (waits.append(1), fsync(descriptor)))
    write(tmp_path / "out", [("u", str(number)) for number in range(2000)])
    assert len(waits) <= 5


def test_only_the_owner_can_read_the_file(tmp_path: Path) -> None:
    write(tmp_path / "out", [("a", "b")])
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "content",
    [b"my notes", b"my notes\n", b'{"uid": 1}\n', b'{"key":"x"}\n{}\n', b"\n", b"\xff\xfe"],
)
def test_a_file_of_another_content_is_let_be(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "notes"
    path.write_bytes(content)
    with pytest.raises(WrongCommand, match=r"holds other data than sent messages \(line "):
        write(path, [("a", "b")])
    assert path.read_bytes() == content


def test_a_place_that_cannot_be_written_is_a_wrong_command(tmp_path: Path) -> None:
    for path, words in [
        (tmp_path, "is not a regular file"),
        (Path("/dev/null"), "is not a regular file"),
        (tmp_path / "none" / "out", "cannot be written (No such file or directory)"),
    ]:
        with pytest.raises(WrongCommand) as error:
            write(path, [("a", "b")])
        assert words in str(error.value)


def test_two_processes_do_not_write_at_once(tmp_path: Path) -> None:
    async def run() -> None:
        first, second = channel_to(tmp_path / "out"), channel_to(tmp_path / "out")
        await first.open()
        with pytest.raises(WrongCommand, match="Another process writes to"):
            await second.open()
        await first.close()
        await second.open()
        await second.close()

    asyncio.run(run())


def changed_between(path: Path, change: str) -> tuple[list[Answer], bytes]:
    """Send a row, change the file, send another."""

    async def run() -> list[Answer]:
        channel = channel_to(path)
        await channel.open()
        first, second = calls_of(channel, [("a", "b"), ("c", "d")])
        answers = [await channel.send(first)]
        if change == "gone":
            path.unlink()
        elif change == "replaced":
            path.with_suffix(".new").write_bytes(b"new")
            path.with_suffix(".new").replace(path)
        else:
            os.truncate(path, 3)
        answers.append(await channel.send(second))
        await channel.close()
        return answers

    answers = asyncio.run(run())
    return answers, path.read_bytes() if path.exists() else b""


@pytest.mark.parametrize(
    ("change", "words", "left"),
    [
        ("gone", "is gone. Correct this", b""),
        ("replaced", "was replaced by another file.", b"new"),
        ("shortened", "was changed by another program.", b'{"k'),
    ],
)
def test_a_file_that_others_touch_pauses(
    tmp_path: Path, change: str, words: str, left: bytes
) -> None:
    answers, content = changed_between(tmp_path / "out", change)
    assert [answer.verdict for answer in answers] == [Verdict.ACCEPTED, Verdict.PAUSE]
    assert words in answers[1].reason
    assert content == left


LIMITED = """
import asyncio, resource, signal, sys
sys.path[:0] = [sys.argv[2]]
from pathlib import Path
from channel_kit import call_of
from broadcaster.channels import open_channel
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

async def run():
    channel = open_channel(f"file:{sys.argv[1]}", environ={})
    await channel.open()
    print((await channel.send(call_of(channel, "a", "b", 0))).verdict)
    size = Path(sys.argv[1]).stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 50, resource.RLIM_INFINITY))
    answer = await channel.send(call_of(channel, "c", "d", 1))
    print(answer.verdict, answer.reason)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    print((await channel.send(call_of(channel, "c", "d", 1))).verdict)
    await channel.close()

asyncio.run(run())
"""


def test_a_write_that_fails_halfway_pauses_and_leaves_no_trace(tmp_path: Path, root: Path) -> None:
    command = [sys.executable, "-c", LIMITED, str(tmp_path / "out"), str(root / "tests/support")]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    first, second, third = done.stdout.splitlines()
    assert (first, third) == ("accepted", "accepted")
    assert second.startswith(f"pause {tmp_path / 'out'} cannot be written (File too large).")
    assert read(tmp_path / "out") == expected([("a", "b"), ("c", "d")])


def test_a_disk_that_fails_altogether_leaves_the_outcome_open_until_the_file_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(descriptor: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    path = tmp_path / "out"
    write(path, [])
    with monkeypatch.context() as dying:  # no such disk can be had here
        dying.setattr(os, "fsync", fail)
        dying.setattr(os, "ftruncate", lambda descriptor, size: fail(descriptor))

        async def run() -> list[Answer]:
            channel = channel_to(path)
            await channel.open()
            answers = [await channel.send(call) for call in calls_of(channel, [("a", "b")] * 2)]
            await channel.close()
            return answers

        first, second = asyncio.run(run())
    assert (first.verdict, second.verdict) == (Verdict.UNKNOWN, Verdict.PAUSE)
    assert first.reason == f"{path} cannot be written (Input/output error)."
    assert [answer.verdict for answer in write(path, [("a", "b")])] == [Verdict.ACCEPTED]
    assert read(path) == expected([("a", "b")])


WRITER = """
import asyncio, sys
sys.path[:0] = [sys.argv[2]]
from channel_kit import call_of
from broadcaster.channels import open_channel

async def one(channel, row):
    await channel.send(call_of(channel, f"u{row}", "m" * (row % 300), row))
    print(row, flush=True)

async def run():
    channel = open_channel(f"file:{sys.argv[1]}", environ={})
    await channel.open()
    for start in range(0, 100_000, 50):
        await asyncio.gather(*(one(channel, row) for row in range(start, start + 50)))

asyncio.run(run())
"""


def test_killed_while_writing_nothing_accepted_is_lost_and_nothing_stands_twice(
    tmp_path: Path, root: Path
) -> None:
    path = tmp_path / "out"
    accepted: set[int] = set()
    for lines in (1, 40, 130, 275, 400):
        command = [sys.executable, "-c", WRITER, str(path), str(root / "tests/support")]
        with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            accepted |= {int(process.stdout.readline()) for _ in range(lines)}
            process.send_signal(signal.SIGKILL)
            accepted |= {int(line) for line in process.stdout if line.endswith("\n")}
    write(path, [])
    keys = [row["key"] for row in read(path)]
    assert len(keys) == len(set(keys))
    assert {str(retry_key("b", row, 0)) for row in accepted} <= set(keys)
