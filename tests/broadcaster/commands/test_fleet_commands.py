"""What `broadcast checks changes --webhook` tells, what `forget` erases, and how `run` is ended."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from scripted import Request, ScriptedServer, reply
from standardwebhooks import Webhook

from broadcaster.store import Store, open_store
from broadcaster.store.fleet import FleetEndpoint, FleetResult

COMMAND = Path(sys.executable).parent / "broadcast"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
HOUR = 3600.0

Told = Callable[..., "subprocess.CompletedProcess[str]"]


def add(store: Store, at: float, **rules: str) -> None:
    """A result of the one endpoint that there is."""
    store.fleet.enroll(
        [FleetEndpoint(name="acme", host="a.example", endpoint="https://a.example/r")],
        every_seconds=None,
        now=at,
    )
    assert store.fleet.claim("worker", now=at, lease_seconds=60.0) == "acme"
    result = FleetResult(
        name="acme", began_at=at, ended_at=at, verdict="fail" if rules else "pass", rules=rules
    )
    assert store.fleet.record("worker", result)


@pytest.fixture
def checks(sqlite_address: str) -> Told:
    """Runs `broadcast checks` over the store."""

    def run(*words: str, **environ: str) -> "subprocess.CompletedProcess[str]":
        kept = {name: value for name, value in os.environ.items() if "WEBHOOK" not in name}
        return subprocess.run(
            [COMMAND, "checks", *words],
            env={**kept, "BROADCAST_STORE": sqlite_address, **environ},
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )

    return run


@pytest.fixture
def receiver() -> Iterator[ScriptedServer]:
    server = ScriptedServer()
    yield server
    server.close()


@pytest.fixture
def changed(sqlite_address: str) -> None:
    """A fleet in which one endpoint newly fails."""
    now = time.time()
    with open_store(sqlite_address) as store:
        add(store, now - 3 * HOUR)
        add(store, now - HOUR, NEXT006="error")


def told(checks: Told, url: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    return checks("changes", "--since", "2h", "--webhook", url, **environ)


def test_changes_are_signed_so_that_the_library_of_standard_webhooks_verifies(
    checks: Told, receiver: ScriptedServer, changed: None
) -> None:
    done = [told(checks, receiver.url, BROADCAST_WEBHOOK_SECRET=SECRET) for _ in range(2)]
    assert [one.returncode for one in done] == [0, 0], done[0].stderr
    for request in receiver.asked:
        document = Webhook(SECRET).verify(request.body, request.headers)
        assert [one["rule"] for one in document["newly"]] == ["NEXT006"]
        assert request.headers["content-type"] == "application/json"
    first, second = (request.headers["webhook-id"] for request in receiver.asked)
    assert first != second
    assert SECRET not in done[0].stdout + done[0].stderr


def test_without_a_secret_they_are_told_unsigned(
    checks: Told, receiver: ScriptedServer, changed: None
) -> None:
    assert told(checks, receiver.url).returncode == 0
    (request,) = receiver.asked
    assert json.loads(request.body)["newly"][0]["endpoints"] == ["acme"]
    assert "webhook-signature" not in request.headers


def test_where_nothing_changed_nothing_is_sent(
    checks: Told, receiver: ScriptedServer, changed: None
) -> None:
    done = checks("changes", "--since", "30m", "--webhook", receiver.url)
    assert (done.returncode, receiver.asked) == (0, [])
    assert done.stdout.startswith("Nothing changed since")


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (reply(500), "The webhook answered 500."),
        (reply(302, Location="https://elsewhere.example/"), "The webhook answered 302."),
        (b"hello\r\n\r\n", "The webhook answered with something that is not HTTP."),
        (None, "The connection with the webhook was lost before it answered."),
    ],
)
def test_changes_that_are_not_taken_are_one_sentence_and_status_1(
    checks: Told, receiver: ScriptedServer, changed: None, answer: bytes | None, sentence: str
) -> None:
    receiver.answer = lambda request: answer
    done = told(checks, f"{receiver.url}/hook/9f8e7d6c5b4a39281706?key=Zq8secret")
    assert done.returncode == 1
    assert done.stderr == (
        f"broadcast: {sentence} The changes were not delivered: run the same command again to "
        "send them again.\n"
    )
    assert "newly fails NEXT006" in done.stdout


@pytest.mark.parametrize(
    ("url", "secret", "begins"),
    [
        ("ftp://x.example/Zq8", SECRET, "broadcast: The URL of --webhook is wrong: "),
        ("https://x.example/", "Zq8", "broadcast: BROADCAST_WEBHOOK_SECRET is 'whsec_' followed"),
    ],
)
def test_a_wrong_url_or_secret_is_said_before_anything_is_asked(
    checks: Told, changed: None, url: str, secret: str, begins: str
) -> None:
    done = told(checks, url, BROADCAST_WEBHOOK_SECRET=secret)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(begins)
    assert done.stderr.count("\n") == 1


def test_results_before_a_moment_are_erased_and_the_others_kept(
    checks: Told, sqlite_address: str
) -> None:
    now = time.time()
    with open_store(sqlite_address) as store:
        for hours in (50, 49, 1):
            add(store, now - hours * HOUR)
        nobody = checks("forget", "--before", "2d")
        assert nobody.returncode == 2
        assert "give --yes" in nobody.stderr
        assert len(store.fleet.runs("acme", 9)) == 3
        done = checks("forget", "--before", "2d", "--yes")
        assert (done.returncode, done.stdout) == (0, "2 results erased.\n")
        (left,) = store.fleet.runs("acme", 9)
        assert left.result.ended_at == now - HOUR
        again = checks("forget", "--before", "2d")
        assert again.returncode == 0
        assert again.stdout.startswith("No result is older than ")


def test_to_forget_takes_a_moment(checks: Told) -> None:
    done = checks("forget")
    assert done.returncode == 2
    assert done.stderr == (
        "broadcast: --before is missing; give it, such as: broadcast checks forget --before 90d.\n"
    )


def test_an_interrupt_ends_the_checks_under_way_and_they_stay_due(
    checks: Told, sqlite_address: str, receiver: ScriptedServer, tmp_path: Path
) -> None:
    under_way = threading.Event()

    def page(request: Request) -> bytes:
        """Of an endpoint without an end."""
        number = len(receiver.asked)
        if number > 5:
            under_way.set()
        row = {"uid": f"U{number}", "msg": "hello"}
        body = json.dumps({"list": [row], "next": f"token{number}"}).encode()
        return reply(200, body, Content_Type="application/json")

    receiver.answer = page
    file = tmp_path / "broadcast-check.toml"
    file.write_text(f'[endpoints.endless]\nurl = "{receiver.url}/recipients"\n')
    with subprocess.Popen(
        [COMMAND, "checks", "run", "--config", file],
        env={**os.environ, "BROADCAST_STORE": sqlite_address},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert under_way.wait(60)
        running.send_signal(signal.SIGINT)
        told = running.communicate(timeout=60)
    assert (running.returncode, *told) == (130, "", "broadcast: interrupted.\n")
    standing = json.loads(checks("status", "--json").stdout)
    assert (standing["endpoints"], standing["due"], standing["running"]) == (1, 1, 0)
