"""The window is safe to run where it is started: nothing of the current folder is imported, other
users of the machine stay out, and nobody uses up its connections or its disk.
"""

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from window_process import COMMAND, WindowProcess

from mockserver import MockServer

BIN = Path(sys.executable).parent
SHADOWED = ("random", "json", "logging", "ssl", "email", "queue", "socket", "checker", "schemas")
PASSWORD = "correct horse battery"


@pytest.fixture
def trap(tmp_path: Path) -> Path:
    """A folder whose modules have the names of others, and leave a mark when they are imported."""
    folder = tmp_path / "trap"
    folder.mkdir()
    mark = folder / "imported"
    for name in SHADOWED:
        (folder / f"{name}.py").write_text(f"open({str(mark)!r}, 'a').write({name!r} + ' ')\n")
    (folder / "contacts.csv").write_text("uid,msg\nu1,hello\n", "utf-8")
    return folder


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[WindowProcess]:
    running = WindowProcess(tmp_path / "store.sqlite", token=True)
    yield running
    running.stop()


@pytest.mark.parametrize(
    "command",
    [
        ["broadcast-check", "--page", "contacts.csv"],
        ["broadcast-check", "http://127.0.0.1:9/", "--retries", "0"],
        ["broadcast-mock", "--help"],
        ["broadcast", "run", "contacts.csv", "--via", "console", "--yes"],
        ["broadcast", "list"],
        ["broadcast", "serve", "--host", "0.0.0.0"],
    ],
    ids=" ".join,
)
def test_a_command_imports_nothing_from_the_current_folder(
    trap: Path, tmp_path: Path, command: list[str]
) -> None:
    store = {"BROADCAST_STORE": f"sqlite:///{tmp_path / 'store.sqlite'}"}
    done = subprocess.run(
        [BIN / command[0], *command[1:]],
        cwd=trap,
        env=store,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert b"Traceback" not in done.stderr
    assert not (trap / "imported").exists()


def test_the_window_and_its_jobs_import_nothing_from_the_current_folder(
    trap: Path, tmp_path: Path, mock: MockServer
) -> None:
    running = WindowProcess(tmp_path / "store.sqlite", cwd=trap)
    try:
        answer = requests.post(f"{running.url}/checks", {"url": mock.endpoint}, timeout=60)
        with requests.get(f"{answer.url}/events", stream=True, timeout=120) as events:
            assert b'"ended": true' in events.content
        assert "PASS" in requests.get(answer.url, timeout=60).text
    finally:
        running.stop()
    assert not (trap / "imported").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_processes_of_jobs_do_not_know_the_password(tmp_path: Path) -> None:
    secret = {"BROADCAST_PASSWORD": PASSWORD, "SOMEBODYS_SECRET": "Zq8"}
    running = WindowProcess(tmp_path / "store.sqlite", env=secret)
    try:
        children = [
            path.parent
            for path in Path("/proc").glob("[0-9]*/stat")
            if path.read_text().rpartition(")")[2].split()[1] == str(running.process_number)
        ]
        variables = [(child / "environ").read_bytes() for child in children]
    finally:
        running.stop()
    assert variables
    assert all(b"PATH=" in one for one in variables)
    assert not [one for one in variables if PASSWORD.encode() in one or b"Zq8" in one]


def test_only_the_printed_address_opens_it(serving: WindowProcess) -> None:
    assert serving.token
    stranger = requests.get(f"{serving.url}/broadcasts", timeout=60)
    assert "/login" in stranger.url
    assert "address that the server printed" in stranger.text
    assert requests.post(f"{serving.url}/checks", {"url": "x"}, timeout=60).status_code == 401
    assert "/login" in requests.get(f"{serving.url}/?token=wrong", timeout=60).url
    assert requests.get(f"{serving.url}/healthz", timeout=60).text == "ok\n"
    with requests.Session() as browser:
        page = browser.get(f"{serving.url}/?url=http://x.test/&token={serving.token}", timeout=60)
        assert "token=" not in page.url
        assert 'value="http://x.test/"' in page.text
        assert browser.get(f"{serving.url}/broadcasts", timeout=60).url.endswith("/broadcasts")
        cookie = dict(browser.cookies)
        browser.post(f"{serving.url}/logout", timeout=60)
        assert "/login" in requests.get(f"{serving.url}/", cookies=cookie, timeout=60).url


def raw(url: str) -> socket.socket:
    address = urlsplit(url)
    assert address.hostname is not None
    return socket.create_connection((address.hostname, address.port or 80), timeout=60)


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/files", "Content-Length: 50000000", 401),
        ("/files", "Transfer-Encoding: chunked", 401),
        ("/broadcasts", "Content-Length: 50000000\r\nExpect: 100-continue", 401),
        ("/login", "Content-Length: 50000000", 413),
        ("/login", "Transfer-Encoding: chunked", 413),
    ],
)
def test_a_body_is_refused_before_it_is_read(
    serving: WindowProcess, path: str, headers: str, status: int
) -> None:
    with raw(serving.url) as client:
        client.sendall(f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n\r\n".encode())
        answer = client.recv(1000)  # though nothing of the body was sent
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())


def test_a_large_body_goes_only_where_files_go(tmp_path: Path) -> None:
    running = WindowProcess(tmp_path / "store.sqlite")
    try:
        with raw(running.url) as client:
            client.sendall(
                b"POST /checks HTTP/1.1\r\nHost: localhost\r\nContent-Length: 300000\r\n\r\n"
            )
            assert client.recv(1000).startswith(b"HTTP/1.1 413 ")
        file = {"files": ("page.json", b" " * 300_000)}
        answer = requests.post(f"{running.url}/files", {"kind": "pages"}, files=file, timeout=60)
        assert answer.status_code == 200
    finally:
        running.stop()


def test_it_answers_beside_many_idle_connections(serving: WindowProcess) -> None:
    with ExitStack() as stack:
        for _ in range(700):
            stack.enter_context(raw(serving.url))
        assert requests.get(f"{serving.url}/healthz", timeout=60).text == "ok\n"


def test_a_window_for_all_users_of_the_machine_can_be_asked_for(tmp_path: Path) -> None:
    running = WindowProcess(tmp_path / "store.sqlite")
    try:
        assert running.token is None
        assert requests.get(f"{running.url}/broadcasts", timeout=60).url.endswith("/broadcasts")
    finally:
        running.stop()
    help_text = subprocess.run([*COMMAND, "--help"], capture_output=True, text=True, check=True)
    assert re.search(r"--no-token", help_text.stdout)
