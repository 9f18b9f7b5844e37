"""Uploaded files are removed, also of a server that was killed, and never another server's."""

import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from answering import Answer, Asked, Server
from window_process import WindowProcess

NAME = "kept-for-the-check.json"


@pytest.fixture
def silent() -> Iterator[Server]:
    """An endpoint that does not answer, so that what comes after it waits in line."""
    server, closed = Server(), threading.Event()

    def answer(asked: Asked) -> Answer:
        closed.wait(60)
        return Answer()

    server.answer = answer
    yield server
    closed.set()
    server.close()


@pytest.fixture
def temporary() -> Iterator[Path]:
    """The folder of temporary files that all servers share; a short name, as sockets in it need."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@pytest.fixture
def opened(tmp_path: Path, temporary: Path) -> Iterator[Callable[[str], WindowProcess]]:
    """Opens windows, each over a store of its own."""
    windows: list[WindowProcess] = []

    def open_one(name: str) -> WindowProcess:
        settings = {"TMPDIR": str(temporary)}
        windows.append(WindowProcess(tmp_path / name, "--checks-at-once", "1", env=settings))
        return windows[-1]

    yield open_one
    for window in windows:
        window.stop()


def upload(window: WindowProcess, silent: Server) -> None:
    """A file that waits in line behind a check."""
    form = {"url": silent.url, "timeout": "60"}
    requests.post(f"{window.url}/checks", data=form, timeout=30).raise_for_status()
    files = {"files": (NAME, b'{"list": [], "next": ""}')}
    answer = requests.post(f"{window.url}/files", data={"kind": "pages"}, files=files, timeout=30)
    assert answer.status_code == 200
    assert "Checking" in answer.text


def kept(temporary: Path) -> list[Path]:
    return sorted(temporary.rglob(NAME))


def test_what_a_killed_server_left_the_next_one_removes(
    opened: Callable[[str], WindowProcess], temporary: Path, silent: Server
) -> None:
    killed = opened("killed.sqlite")
    stranger = temporary / "broadcast-window-of-nobody.txt"
    stranger.write_text("no folder")
    upload(killed, silent)
    [left] = kept(temporary)
    other = opened("other.sqlite")
    assert kept(temporary) == [left]  # of a server that runs
    upload(other, silent)
    [used] = set(kept(temporary)) - {left}
    killed.kill()
    assert kept(temporary) == sorted([left, used])
    killed.start()
    assert kept(temporary) == [used]
    assert not left.parent.parent.exists()
    assert used.parent.parent.stat().st_mode & 0o077 == 0
    assert stranger.exists()
    other.stop()
    assert [path for path in temporary.glob("broadcast-window-*") if path.is_dir()] == []
