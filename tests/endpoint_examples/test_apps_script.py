"""The example for Google Apps Script, in our stand-in: what a script can do, and no more."""

import base64
import json
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from stack_server import EXAMPLES, KEY, StackServer, running

COMMANDS = Path(sys.executable).parent


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackServer]:
    database = tmp_path_factory.mktemp("script") / "recipients.db"
    with running(["./run"], EXAMPLES / "apps-script", f"/exec?key={KEY}", database) as started:
        yield started


def ask(script: StackServer, token: str = "", *, key: str = KEY) -> Any:
    """Ask as the application does, which follows the redirect to another origin."""
    url = f"http://127.0.0.1:{script.port}/exec?key={key}&next={quote(token)}"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=60) as answer:
        return json.load(answer)


def test_it_passes_the_strict_check_without_the_two_rules_of_its_readme(
    script: StackServer,
) -> None:
    command = [COMMANDS / "broadcast-check", script.url, "--strict", "--no-config"]
    command += ["--ignore", "HTTP009,SEC003", "--format", "json"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    report = json.loads(done.stdout)
    assert (done.returncode, report["verdict"], report["crawl"]["rows"]) == (0, "pass", 1000)
    assert "HTTP009,SEC003" in (EXAMPLES / "apps-script" / "README.md").read_text("utf-8")
    assert KEY not in done.stdout


def test_its_rows_load(script: StackServer, tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path}/store.db"
    command = [COMMANDS / "broadcast", "load", script.url, "--no-config", "--store", store]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1,000" in done.stdout
    assert KEY not in done.stdout + done.stderr


@pytest.mark.parametrize("key", ["", "wrong", KEY + "x", KEY[:-1]])
def test_without_the_right_key_there_are_no_rows(script: StackServer, key: str) -> None:
    assert ask(script, key=key) == {"error": "key is missing or wrong"}


def encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "token",
    [
        "qwertyuiop",
        "400",
        "%",
        "ก",
        "after:400",
        *map(encoded, ("after:-1", "after:1\n", "after:", "null", "400", "after:" + "9" * 30)),
    ],
)
def test_a_made_up_token_is_refused(script: StackServer, token: str) -> None:
    assert ask(script, token) == {"error": "next is not a token of this API"}


def test_rows_added_in_mid_crawl_shift_nothing(script: StackServer) -> None:
    first = ask(script)
    with closing(sqlite3.connect(script.database)) as database, database:
        rows = [(1, "Uearly", "Before the token"), (9_000_000, "Ulate", "Last")]
        database.executemany("INSERT INTO recipients VALUES (?, ?, ?)", rows)
    found, token = first["list"], first["next"]
    while token:
        page = ask(script, token)
        found += page["list"]
        token = page["next"]
    assert len(found) == len({row["uid"] for row in found}) == 1001
    assert found[-1] == {"uid": "Ulate", "msg": "Last"}
