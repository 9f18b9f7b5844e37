"""The server as a process: what it refuses, what it says, and how it ends."""

import re
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import requests
from answering import Answer, Asked, Server
from window_process import COMMAND, WindowProcess


def refused(store: Path, *options: str, **settings: str) -> str:
    """What it says when it does not start."""
    done = subprocess.run(
        [*COMMAND, *options],
        env={"BROADCAST_STORE": f"sqlite:///{store}", **settings},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    return done.stderr


@pytest.mark.parametrize("options", [["--host", "0.0.0.0"], ["--name", "x.example"]])
def test_without_a_password_it_does_not_start_for_others(
    tmp_path: Path, options: list[str]
) -> None:
    said = refused(tmp_path / "store.sqlite", *options)
    assert re.fullmatch(r"broadcast: Others could reach this window, so it needs .*\n", said)
    assert not (tmp_path / "store.sqlite").exists()


def test_a_port_that_is_taken_is_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = refused(tmp_path / "store.sqlite", "--port", port)
    assert re.fullmatch(rf"broadcast: Cannot listen on 127\.0\.0\.1, port {port}: .*\n", said)


@pytest.mark.skipif(sys.platform == "win32", reason="its pipes have no such limit")
def test_a_folder_too_deep_for_sockets_is_one_sentence(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100)
    deep.mkdir()
    said = refused(tmp_path / "store.sqlite", "--port", "0", TMPDIR=str(deep))
    assert re.fullmatch(r"broadcast: Cannot start processes by way of .*: set TMPDIR to .*\n", said)


def test_an_answer_names_no_server_and_a_large_request_is_cut_off(window: WindowProcess) -> None:
    answer = requests.get(f"{window.url}/", timeout=30)
    assert answer.status_code == 200
    assert "Server" not in answer.headers
    assert answer.headers["X-Frame-Options"] == "DENY"
    form = {"url": "x" * 1_000_000}
    assert requests.post(f"{window.url}/checks", data=form, timeout=30).status_code == 413
    foreign = requests.get(f"{window.url}/", headers={"Host": "evil.example"}, timeout=30)
    assert foreign.status_code == 421


def test_clients_that_leave_give_their_streams_back(window: WindowProcess) -> None:
    server, done = Server(), threading.Event()

    def answer(asked: Asked) -> Answer:
        done.wait(60)
        return Answer()

    server.answer = answer
    form = {"url": server.url, "timeout": "60"}
    started = requests.post(f"{window.url}/checks", data=form, timeout=30, allow_redirects=False)
    events = window.url + started.headers["Location"] + "/events"
    try:
        streams = [requests.get(events, stream=True, timeout=30) for _ in range(33)]
        assert [stream.status_code for stream in streams] == [200] * 32 + [503]
        for stream in streams:
            stream.close()
        deadline = time.monotonic() + 60
        while requests.get(events, stream=True, timeout=30).status_code != 200:
            assert time.monotonic() < deadline
    finally:
        done.set()
        server.close()


def test_it_ends_in_order(tmp_path: Path) -> None:
    running = WindowProcess(tmp_path / "store.sqlite", env={"BROADCAST_PASSWORD": "correct horse"})
    assert requests.get(f"{running.url}/checks", timeout=30).url.endswith("/login?next=/checks")
    running.stop()
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{running.url}/", timeout=30)


def test_a_load_balancer_asks_without_a_name_and_prometheus_with_its_token(
    tmp_path: Path,
) -> None:
    token = "0123456789abcdef"
    environ = {"BROADCAST_PASSWORD": "correct horse", "BROADCAST_METRICS_TOKEN": token}
    running = WindowProcess(tmp_path / "store.sqlite", env=environ)
    try:
        host, _, port = running.url.removeprefix("http://").partition(":")
        for path in ("/healthz", "/readyz"):
            with socket.create_connection((host, int(port)), timeout=30) as probe:
                probe.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
                with probe.makefile("rb") as said:
                    answer = said.read()
            assert answer.startswith(b"HTTP/1.0 200 OK\r\n")
            assert answer.endswith(b"\r\n\r\nok\n")
        assert requests.get(f"{running.url}/metrics", timeout=30).status_code == 401
        headers = {"Authorization": f"Bearer {token}"}
        metrics = requests.get(f"{running.url}/metrics", headers=headers, timeout=30)
        assert "\nbroadcast_store_up 1.0\n" in metrics.text
    finally:
        running.stop()
