"""Correct endpoints as good customers write them, on their usual servers, give no fault at all.

The sources are in `tests/endpoints/`. Each server is a process of its own, which inherits a socket
that already listens: nothing waits for a port, and the first answer says that it is ready.
"""

import contextlib
import json
import os
import re
import socket
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests

from checker import Report, check
from mockserver.recipients.data import generated_row

ENDPOINTS = Path(__file__).parent.parent / "endpoints"
ROWS = 1203
SECRET = "k3y-of-the-tests"
STOP_SECONDS = 10
START_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class Example:
    """How an endpoint is served, what opens its door, and the infos that are true of it."""

    command: tuple[str, ...]
    header: tuple[str, str]
    pages: int
    ended_by: str = "empty-next"
    path: str = "/recipients"
    infos: frozenset[str] = field(default_factory=frozenset)


X_API_KEY = ("X-Api-Key", SECRET)
X_SERVER_TOKEN = ("X-Server-Token", SECRET)
BEARER = ("Authorization", f"Bearer {SECRET}")
TOKEN = ("Authorization", f"Token {SECRET}")
UNCOMPRESSED = frozenset({"PERF004"})
WITHOUT_KEEP_ALIVE = frozenset({"PERF004", "PERF005"})

EXAMPLES = {
    "flask-waitress": Example(
        command=("python", "on_waitress.py", "flask_app:app"),
        header=X_API_KEY,
        pages=4,
        infos=UNCOMPRESSED | {"NEXT016"},  # ids without a gap, a page of 400: as offsets would be
    ),
    "fastapi-uvicorn": Example(
        command=("python", "on_uvicorn.py", "fastapi_app:app"), header=BEARER, pages=3
    ),
    "django-waitress": Example(
        command=("python", "on_waitress.py", "django_app:app"),
        header=X_SERVER_TOKEN,
        path="/recipients/",
        pages=7,
    ),
    "django-uvicorn": Example(
        command=("python", "on_uvicorn.py", "django_app:asgi_app"),
        header=X_SERVER_TOKEN,
        path="/recipients/",
        pages=7,
    ),
    "wsgi-waitress": Example(
        command=("python", "on_waitress.py", "wsgi_app:app"),
        header=TOKEN,
        pages=4,
        ended_by="empty-response",
        infos=UNCOMPRESSED,
    ),
    "wsgi-wsgiref": Example(  # speaks HTTP/1.0 and closes after each answer
        command=("python", "on_wsgiref.py", "wsgi_app:app"),
        header=TOKEN,
        pages=4,
        ended_by="empty-response",
        infos=WITHOUT_KEEP_ALIVE,
    ),
    "node": Example(command=("node", "node_server.mjs"), header=BEARER, pages=5),
    "php": Example(  # its built-in server closes after each answer
        command=("php", "-S", "127.0.0.1:0", "php_router.php"),
        header=X_API_KEY,
        pages=3,
        infos=WITHOUT_KEEP_ALIVE,
    ),
}
PROGRAMS = {"node": "apt-get install nodejs", "php": "apt-get install php-cli"}

Serve = Callable[[Example, str], contextlib.AbstractContextManager[str]]


@pytest.fixture(scope="module")
def contacts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """One table of 1,203 people for all, as SQLite and as JSON; gives the variables naming them."""
    folder = tmp_path_factory.mktemp("contacts")
    rows = [generated_row(index) for index in range(ROWS)]
    with contextlib.closing(sqlite3.connect(folder / "contacts.db")) as connection:
        connection.execute(
            "CREATE TABLE contacts (id INTEGER PRIMARY KEY, line_id TEXT UNIQUE, message TEXT)"
        )
        connection.executemany("INSERT INTO contacts (line_id, message) VALUES (:uid, :msg)", rows)
        connection.commit()
    listed = [{"line_id": row["uid"], "message": row["msg"]} for row in rows]
    (folder / "contacts.json").write_text(json.dumps(listed), "utf-8")
    return {"DATABASE": str(folder / "contacts.db"), "CONTACTS": str(folder / "contacts.json")}


@pytest.fixture(scope="module")
def serve(contacts: dict[str, str], require_program: Callable[[str, str], Path]) -> Serve:
    """Run an example with this secret; gives its URL, and stops it afterwards."""

    def serve(example: Example, secret: str) -> contextlib.AbstractContextManager[str]:
        program, *arguments = example.command
        found = (
            sys.executable if program == "python" else require_program(program, PROGRAMS[program])
        )
        variables = {**os.environ, **contacts, "API_KEY": secret, "API_TOKEN": secret}
        run = run_php if program == "php" else run_with_socket
        return run([str(found), *arguments], variables, example.path)

    return serve


@contextlib.contextmanager
def run_with_socket(command: list[str], variables: Mapping[str, str], path: str) -> Iterator[str]:
    """A server that takes over our listening socket: it can be connected to at once."""
    with tempfile.TemporaryFile("w+") as log, socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}{path}"
        process = subprocess.Popen(
            command,
            cwd=ENDPOINTS,
            env={**variables, "LISTEN_FD": str(listener.fileno())},
            pass_fds=[listener.fileno()],
            stdout=log,
            stderr=log,
        )
        listener.close()  # from now on only a living server keeps the port
        with stopped(process):
            wait_for_answer(url, lambda: read(log))
            yield url


@contextlib.contextmanager
def run_php(command: list[str], variables: Mapping[str, str], path: str) -> Iterator[str]:
    """PHP's server takes no socket; it chooses a port, and names it once it listens."""
    process = subprocess.Popen(
        command, cwd=ENDPOINTS, env=variables, stderr=subprocess.PIPE, encoding="utf-8"
    )
    with stopped(process):
        assert process.stderr is not None
        line = process.stderr.readline()
        [url] = re.findall(r"http://127\.0\.0\.1:\d+", line)
        wait_for_answer(url + path, lambda: line)
        yield url + path


@contextlib.contextmanager
def stopped(process: "subprocess.Popen[str] | subprocess.Popen[bytes]") -> Iterator[None]:
    """Ends the server afterwards, whatever happened, and leaves no pipe open."""
    try:
        yield
    finally:
        process.terminate()
        try:
            process.communicate(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def wait_for_answer(url: str, log: Callable[[], str]) -> None:
    try:
        requests.get(url, timeout=START_SECONDS).close()
    except requests.RequestException as error:
        pytest.fail(f"the server gave no answer ({error}); its log:\n{log()}")


def read(log: "tempfile._TemporaryFileWrapper[str]") -> str:
    log.seek(0)
    return log.read()


@pytest.fixture(scope="module", params=EXAMPLES)
def example(request: pytest.FixtureRequest) -> Example:
    return EXAMPLES[request.param]


@pytest.fixture(scope="module")
def url(example: Example, serve: Serve) -> Iterator[str]:
    with serve(example, SECRET) as url:
        yield url


def assert_no_fault(report: Report, example: Example) -> None:
    found = {finding.rule: finding.severity.value for finding in report.findings}
    assert found == dict.fromkeys(example.infos, "info"), [item.message for item in report.findings]
    assert report.verdict == "pass"
    assert report.complete
    assert report.crashes == ()
    assert report.crawl.rows == ROWS
    assert report.crawl.pages == example.pages
    assert report.crawl.ended_by == example.ended_by


def unjudged(report: Report) -> set[str]:
    return {rule for item in report.not_judged for rule in item.rules}


def test_a_correct_endpoint_gives_no_fault(url: str, example: Example) -> None:
    report = check(url, headers=[example.header], channel="line", strict=True)
    assert_no_fault(report, example)
    assert unjudged(report) == {"PERF002", "PERF006"}, "too few pages; not asked for"


def test_the_example_is_what_it_claims_to_be(url: str, example: Example) -> None:
    """Asked by hand: the suite would say nothing if its examples were careless, too."""
    name, value = example.header
    given = {name: value}

    def ask(method: str = "GET", token: str | None = None, **headers: str) -> requests.Response:
        query = {} if token is None else {"next": token}
        return requests.request(method, url, params=query, headers=headers, timeout=60)

    assert ask().status_code == 401
    assert ask(**{name: f"{value}x"}).status_code == 401
    assert ask(token="never issued", **given).status_code == 400
    refused = ask("POST", **given)
    assert refused.status_code == 405
    assert "GET" in refused.headers["Allow"]
    page = ask(**given)
    assert "no-store" in page.headers["Cache-Control"]
    assert page.headers["Content-Type"].startswith("application/json")
    assert ("Content-Encoding" in page.headers) == ("PERF004" not in example.infos)
    assert 0 < len(page.json()["list"]) < 500
    assert ask(token=page.json()["next"], **given).json()["list"] != page.json()["list"]


@pytest.mark.parametrize("name", ["flask-waitress", "wsgi-waitress", "node"])
def test_an_open_endpoint_without_a_header_gives_no_fault_either(name: str, serve: Serve) -> None:
    example = EXAMPLES[name]
    with serve(example, "") as url:
        report = check(url, channel="line", strict=True)
    assert_no_fault(report, example)
    assert unjudged(report) == {"PERF002", "PERF006", "SEC001", "SEC007"}


def test_every_source_is_served() -> None:
    names = " ".join(word for example in EXAMPLES.values() for word in example.command)
    sources = {path.stem for path in ENDPOINTS.iterdir() if path.is_file()}
    assert {stem for stem in sources if stem not in names} == set()
