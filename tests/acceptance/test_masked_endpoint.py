"""A header's value in the endpoint's path is masked wherever it is stored or shown."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from answering import Answer, Server
from broadcast_kit import COMMAND, Broadcast

SECRET = "Sesame-4711-opens"
PAGE = json.dumps({"list": [{"uid": "U1", "msg": "Hello"}], "next": ""}).encode()


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    server.answer = lambda asked: Answer(PAGE)
    yield server
    server.close()


def test_of_a_load(tmp_path: Path, server: Server) -> None:
    broadcast = Broadcast(tmp_path)
    url = server.url.replace("/recipients", f"/tenants/{SECRET}/recipients")
    broadcast.environment["KEY"] = SECRET
    done = broadcast("load", url, "--header-env", "X-Api-Key=KEY", "--no-config", "--no-probes")
    assert done.returncode == 0, done.stderr
    name = broadcast.only()["id"]
    shown = [
        done.stdout + done.stderr,
        broadcast("status", name).stdout,
        broadcast("status", name, "--json").stdout,
        broadcast("list").stdout,
        broadcast("send", name, "--via", "console", "--yes").stderr,
        broadcast("report", name, "--format", "html").stdout,
    ]
    assert [SECRET in text for text in shown] == [False] * len(shown)
    assert "/tenants/•••/recipients" in shown[1]
    assert SECRET.encode() not in broadcast.stored_bytes()


def test_of_a_fleet(tmp_path: Path, server: Server) -> None:
    url = server.url.replace("/recipients", f"/tenants/{SECRET}/recipients")
    (tmp_path / "broadcast-check.toml").write_text(
        f'[endpoints.acme]\nurl = "{url}"\nheaders = {{ X-Api-Key = "${{KEY}}" }}\n'
    )
    store = tmp_path / "store.sqlite"
    environ = {**os.environ, "KEY": SECRET, "BROADCAST_STORE": f"sqlite:///{store}"}
    done = subprocess.run(
        [COMMAND, "checks", "run"],
        env=environ,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=60,
    )
    assert "passing" in done.stdout, done.stderr
    assert SECRET not in done.stdout + done.stderr
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("store.sqlite*"))
    assert b"/tenants/" in stored
    assert SECRET.encode() not in stored
