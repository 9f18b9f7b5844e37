"""The operator's way from an empty server to a sent broadcast, by the commands of the document."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from queue_kit import wait_until

from mockserver import MockConfig, MockServer
from mockserver.line_api import LineServer
from mockserver.recipients.data import GeneratedRows

DOCUMENT = Path(__file__).parents[2] / "docs" / "operating.md"
BIN = Path(sys.executable).parent
ADDRESS = "postgresql://{role}@/broadcast?host={folder}"


def blocks(language: str) -> list[str]:
    """The code of the first steps, block by block."""
    text = DOCUMENT.read_text("utf-8")
    section = text.partition("## First steps\n")[2].partition("\n## ")[0]
    return re.findall(rf"```{language}\n(.*?)```", section, re.DOTALL)


class Host:
    """An operator's shell: runs the document's commands, with its examples made real."""

    def __init__(self, folder: str, line: LineServer, endpoint: str) -> None:
        self.environ = {
            **os.environ,
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "BROADCAST_LINE_BASE_URL": line.url,
        }
        self._folder = folder
        self._real = {
            "https://example.com/recipients": endpoint,
            "'postgresql://broadcast:choose-one@db.example/broadcast?sslmode=verify-full'": (
                f"'{ADDRESS.format(role='broadcast', folder=folder)}'"
            ),
            "the token of your channel": line.token,
        }
        self.running: list[subprocess.Popen[bytes]] = []

    def run(self, command: str) -> str:
        """What it prints. A command that ends in & goes on in the background."""
        for example, real in self._real.items():
            command = command.replace(example, real)
        if command.startswith("export "):
            name, _, value = command.removeprefix("export ").partition("=")
            self.environ[name] = value.strip("'")
            return ""
        if command.endswith("&"):
            words = command.removesuffix("&").split()
            self.running.append(
                subprocess.Popen(words, env=self.environ, stderr=subprocess.DEVNULL)
            )
            return ""
        done = subprocess.run(
            ["sh", "-c", command], env=self.environ, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        if command.startswith("broadcast load"):
            (found,) = json.loads(self.run("broadcast status --json"))
            self._real["3f2ab1c2d4e5f607"] = found["id"]
        return done.stdout

    def close(self) -> None:
        for one in self.running:
            one.terminate()
        assert [one.wait(timeout=60) for one in self.running] == [0] * len(self.running)


@pytest.fixture
def server(postgresql_url: str) -> Iterator[str]:
    """The folder of the server's socket; what the document creates is gone afterwards."""
    folder = parse_qs(urlsplit(postgresql_url).query)["host"][0]
    yield folder
    with superuser(folder) as connection:
        connection.execute("DROP DATABASE IF EXISTS broadcast WITH (FORCE)")
        connection.execute("DROP ROLE IF EXISTS broadcast, broadcast_app")


def superuser(folder: str, database: str = "postgres") -> psycopg.Connection:
    address = make_conninfo(host=folder, user="tests", dbname=database)
    return psycopg.connect(address, autocommit=True)


def execute(folder: str, database: str, script: str) -> None:
    with superuser(folder, database) as connection:
        for statement in filter(None, map(str.strip, script.split(";\n"))):
            connection.execute(statement)  # type: ignore[arg-type]  # the document's own words


def test_the_first_steps_lead_to_a_sent_broadcast(server: str) -> None:
    create, grants = blocks("sql")
    install, workers, send = (text.splitlines() for text in blocks("sh"))
    assert install.pop(0).startswith("pip install ")
    execute(server, "postgres", create)
    with ExitStack() as stack:
        line = stack.enter_context(LineServer())
        endpoint = stack.enter_context(MockServer(MockConfig(rows=GeneratedRows(20)))).endpoint
        host = Host(server, line, endpoint)
        stack.callback(host.close)
        for command in install:
            host.run(command)
        execute(server, "broadcast", grants)
        # the workers, and whoever sends, by the role that may change no tables
        host.environ["BROADCAST_STORE"] = ADDRESS.format(role="broadcast_app", folder=server)
        for command in workers[:-1]:
            host.run(command)
        wait_until(lambda: "sends by  line at" in host.run(workers[-1]))
        for command in send[:-1]:
            host.run(command)
        wait_until(lambda: "20 accepted" in host.run(send[-1]))
        assert set(line.counts().values()) == {1}
        assert len(line.counts()) == 20


def test_a_role_without_rights_is_told_what_it_needs(server: str) -> None:
    with superuser(server) as connection:
        connection.execute("CREATE DATABASE broadcast")
        connection.execute("CREATE ROLE broadcast LOGIN")
    with superuser(server, "broadcast") as connection:
        connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    done = subprocess.run(
        [BIN / "broadcast", "migrate"],
        env={**os.environ, "BROADCAST_STORE": ADDRESS.format(role="broadcast", folder=server)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (3, "")
    assert "make the role the owner of the database" in done.stderr
    assert done.stderr.count("\n") == 1
