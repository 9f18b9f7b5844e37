"""Every example endpoint, started by its run script: strict check, load, hostile requests."""

import base64
import json
import os
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
from stack_server import EXAMPLES, KEY, StackServer, running

from checker.stacks.examples import EXAMPLES as FILES

COMMANDS = Path(sys.executable).parent
ROWS = 1000  # what sample.py makes


@dataclass(frozen=True)
class Example:
    """An example, and the path of its endpoint."""

    name: str
    path: str = "/recipients"


EXAMPLE_LIST = [
    Example("php", "/recipients.php"),
    Example("laravel", "/api/recipients"),
    Example("express"),
    Example("cloudflare-worker"),
    Example("flask"),
    Example("fastapi"),
    Example("django"),
    Example("sinatra"),
    Example("go"),
    Example("java"),
]
NAMES = [example.name for example in EXAMPLE_LIST]
ALL_NAMES = [*NAMES, "apps-script"]  # which cannot do half of this: test_apps_script.py


@pytest.fixture(scope="module", params=EXAMPLE_LIST, ids=NAMES)
def example(request: pytest.FixtureRequest) -> Example:
    chosen: Example = request.param
    return chosen


@pytest.fixture(scope="module")
def server(example: Example, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackServer]:
    database = tmp_path_factory.mktemp(example.name) / "recipients.db"
    with running(["./run"], EXAMPLES / example.name, example.path, database) as started:
        yield started


def command(*arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        arguments,
        env={**os.environ, **variables},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def crawl(server: StackServer, token: str = "") -> Iterator[tuple[list[dict[str, str]], str]]:
    """Read page after page, as the application does; gives the rows and the next token of each."""
    while True:
        answer = server.ask(f"next={quote(token)}" if token else "")
        assert answer.status == 200, answer.text
        page = json.loads(answer.text)
        token = page["next"]
        yield page["list"], token
        if not token:
            return


def test_it_passes_the_strict_check(server: StackServer) -> None:
    done = command(
        COMMANDS / "broadcast-check",
        server.url,
        "--strict",
        "-H",
        f"X-Api-Key: {KEY}",
        "--no-config",
        "--format",
        "json",
    )
    report = json.loads(done.stdout)
    findings = [f for f in report["findings"] if f["severity"] != "info"]
    assert (done.returncode, report["verdict"], findings) == (0, "pass", [])
    assert (report["complete"], report["crawl"]["rows"]) == (True, ROWS)


def test_its_rows_load(server: StackServer, tmp_path: Path) -> None:
    done = command(
        COMMANDS / "broadcast",
        "load",
        server.url,
        "-H",
        f"X-Api-Key: {KEY}",
        "--no-config",
        "--store",
        f"sqlite:///{tmp_path}/store.db",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1,000" in done.stdout
    assert KEY not in done.stdout + done.stderr


def test_head_gives_the_status_of_get_and_no_body(server: StackServer) -> None:
    answer = server.ask(method="HEAD")
    assert (answer.status, answer.text) == (200, "")
    assert "json" in answer.headers["content-type"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_another_method_is_refused(server: StackServer, method: str) -> None:
    answer = server.ask(method=method)
    assert answer.status == 405
    assert "GET" in answer.headers["allow"]
    assert not {"POST", "PUT", "DELETE"} & set(re.split(r"[, ]+", answer.headers["allow"]))


@pytest.mark.parametrize("key", [None, "", "wrong", KEY + "x", KEY[:-1]])
def test_without_the_right_key_there_are_no_rows(server: StackServer, key: str | None) -> None:
    answer = server.ask(key=key)
    assert answer.status in {401, 403}
    assert set(json.loads(answer.text)) <= {"error", "detail"}


@pytest.mark.parametrize(
    "token",
    [
        "qwertyuiop",
        "0 OR 1=1",
        "' OR '1'='1",
        "400",
        "after:400",
        "\x00\n",
        "ก",
        "%",
        "x" * 1500,
        *(
            base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
            for text in (
                "after:0 OR 1=1",
                "after:-1",
                "after:",
                "after:1\n",
                "after:" + "9" * 30,
                "after:\u0661",
                "p=abc",
                "p=" + "9" * 30,
                "o=5",
                "r=1",
                '{"id":"1 OR 1=1","_pointsToNextItems":true}',
                "{}",
                '{"id":[1],"_pointsToNextItems":true}',
                "[1]",
                "null",
            )
        ),
    ],
)
def test_a_made_up_token_is_refused(server: StackServer, token: str) -> None:
    answer = server.ask(f"next={quote(token)}")
    assert answer.status in {400, 404}, answer.text
    assert set(json.loads(answer.text)) <= {"error", "detail"}


def test_a_token_given_as_an_array_is_no_crash(server: StackServer) -> None:
    assert server.ask("next[]=1&next[a]=2").status in {200, 400, 404}


def test_rows_added_in_mid_crawl_shift_nothing(server: StackServer) -> None:
    before = [row for rows, _ in crawl(server) for row in rows]
    first, token = next(crawl(server))
    with closing(sqlite3.connect(server.database)) as database, database:
        rows = [
            (1, "Uearly", "Before the token"),
            (2, "Uearly2", "Too"),
            (9_000_000, "Ulate", "Last"),
        ]
        database.executemany("INSERT OR REPLACE INTO recipients VALUES (?, ?, ?)", rows)
    wait_until_they_are_served(server, len(before) + len(rows))
    rest = [row for page, _ in crawl(server, token) for row in page]
    assert first + rest == [*before, {"uid": "Ulate", "msg": "Last"}]
    assert len({row["uid"] for row in before}) == ROWS


def wait_until_they_are_served(server: StackServer, count: int) -> None:
    """A Worker's own database gets new rows of the sample a moment later."""
    deadline = time.monotonic() + 30
    while sum(len(rows) for rows, _ in crawl(server)) < count:
        assert time.monotonic() < deadline, "the new rows are not served"


def test_its_log_holds_no_key(server: StackServer) -> None:
    assert KEY not in server.log.read_text("utf-8", errors="replace")


@pytest.mark.parametrize("name", ALL_NAMES)
def test_what_is_pasted_is_short(name: str) -> None:
    text = (EXAMPLES / name / FILES[name].files[0]).read_text("utf-8")
    comment = re.compile(r'\s*(//|#|/\*|"""|import |from |use |require |(_ )?"[\w./-]+"$|$)')
    code = [line for line in text.splitlines() if not comment.match(line)]
    assert len(code) < 100


@pytest.mark.parametrize("name", ALL_NAMES)
def test_without_a_key_its_script_says_one_sentence(name: str) -> None:
    done = command(EXAMPLES / name / "run", API_KEY="")
    assert done.returncode != 0
    assert "Give the key that requests must send: API_KEY=secret ./run" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("name", ALL_NAMES)
def test_without_its_language_its_script_says_one_sentence(name: str, tmp_path: Path) -> None:
    for program in ("sh", "dirname", "grep"):
        (tmp_path / program).symlink_to(Path("/usr/bin") / program)
    done = command(EXAMPLES / name / "run", PATH=str(tmp_path), API_KEY=KEY)
    assert done.returncode == 1
    assert re.fullmatch(r"This needs [^\n]*\.\n", done.stderr)


def test_every_example_is_tested() -> None:
    folders = {path.parent.name for path in EXAMPLES.glob("*/run")}
    assert folders == set(ALL_NAMES)
