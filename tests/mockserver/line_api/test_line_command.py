"""`broadcast-mock line` as a process, and what it says when it can't start."""

import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import requests
from line_client import ANA, a_key

from mockserver.cli import main
from mockserver.line_api.faults import FAULTS

COMMAND = (sys.executable, "-X", "dev", "-W", "error", "-m", "mockserver", "line", "--port", "0")


@contextmanager
def running(*options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start the command and wait for its address."""
    process = subprocess.Popen(
        [*COMMAND, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


def push(url: str, number: int, token: str = "line-stand-in") -> requests.Response:
    return requests.post(
        f"{url}/v2/bot/message/push",
        json={"to": ANA, "messages": [{"type": "text", "text": str(number)}]},
        headers={"Authorization": f"Bearer {token}", "X-Line-Retry-Key": a_key(number)},
        timeout=60,
    )


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_it_serves_until_a_signal_comes(number: signal.Signals, status: int) -> None:
    with running() as (process, url):
        assert push(url, 1).status_code == 200
        process.send_signal(number)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == status
    assert errors == f"What each user received: {url}/    Stop with Ctrl-C.\n"


def test_a_hanging_answer_does_not_keep_it(tmp_path: Path) -> None:
    with running("--fault", "hang_after=1") as (process, url):
        with pytest.raises(requests.exceptions.ReadTimeout):
            requests.post(
                f"{url}/webhook", data="{}", timeout=0.3, headers={"Idempotency-Key": "a"}
            )
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "Traceback" not in errors


def test_what_was_answered_outlives_a_kill(tmp_path: Path) -> None:
    state = ("--state", str(tmp_path / "state"))
    with running(*state) as (process, url):
        assert [push(url, number).status_code for number in range(5)] == [200] * 5
        process.kill()
    with running(*state) as (_, url):
        assert [push(url, number).status_code for number in range(6)] == [409] * 5 + [200]
        summary = requests.get(f"{url}/_control/summary", timeout=60).json()
    assert (summary["effects"], summary["most_effects_of_a_key"]) == (6, 1)


def test_a_kill_amid_many_pushes_forgets_nothing_that_was_answered(tmp_path: Path) -> None:
    state = ("--state", str(tmp_path / "state"), "--rate", "0")
    answered: list[int] = []
    enough = threading.Event()
    numbers = iter(range(100_000))

    def send(url: str) -> None:
        with suppress(requests.exceptions.ConnectionError):
            for number in numbers:
                push(url, number)
                answered.append(number)
                if len(answered) > 100:
                    enough.set()

    with running(*state) as (process, url), ThreadPoolExecutor(8) as pool:
        for _ in range(8):
            pool.submit(send, url)
        assert enough.wait(30)
        process.kill()
    with running(*state) as (_, url):
        assert {push(url, number).status_code for number in answered} == {409}
        last = max(answered) + 8
        assert {push(url, number).status_code for number in range(last + 1)} <= {200, 409}
        summary = requests.get(f"{url}/_control/summary", timeout=60).json()
    assert (summary["effects"], summary["most_effects_of_a_key"]) == (last + 1, 1)


def test_every_option_at_once() -> None:
    options = (
        f"--token t --unknown Ub* --blocked {ANA} --any-ids --no-texts --rate 100 "
        "--multicast-rate 1 --concurrency 9 --monthly-limit 7 --retry-after 3 --seed 5 "
        "--fault error_before=0.5 --fault rate_limited=0.5 --fault-times 1 --burst 2 "
        "--slow 0.01 --latency 0.001 --webhook-secret whsec_aaaa --ignore-idempotency-key"
    ).split()
    with running(*options, "--host", "127.0.0.1") as (_, url):
        assert push(url, 1).status_code == 401
        assert push(url, 1, "t").status_code in {429, 500}
        assert push(url, 1, "t").status_code == 200
        assert requests.post(f"{url}/webhook", json={}, timeout=60).status_code == 401
        limits = requests.get(f"{url}/_control/limits", timeout=60).json()
        faults = requests.get(f"{url}/_control/faults", timeout=60).json()
        assert requests.get(f"{url}/_control/effects", timeout=60).json()["users"] == []
    assert list(limits.values()) == [100, 1, 9, 7, 3]
    assert (faults["seed"], faults["burst"], faults["latency_seconds"]) == (5, 2, 0.001)
    assert (faults["rate_limited"], faults["slow_seconds"], faults["times"]) == (0.5, 0.01, 1)


def test_a_revoked_token() -> None:
    with running("--unauthorized") as (_, url):
        assert push(url, 1).status_code == 401


def test_the_help_names_every_fault(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["line", "--help"]) == 0
    shown = capsys.readouterr().out
    assert [name for name in FAULTS if name not in shown] == []


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["line", "--version"]) == 0
    assert capsys.readouterr().out.startswith("broadcast-mock line 0.")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--fault", "answer_lost"], "--fault must be NAME=PROBABILITY, such as answer_lost=0.05"),
        (["--fault", "lost=1"], "unknown fault 'lost'"),
        (["--fault", "answer_lost=2"], "answer_lost must be a probability, 0 to 1, not 2"),
        (["--rate", "-1"], "rate must be 0 or more"),
        (["--rate", "nan"], "rate must be 0 or more"),
        (["--monthly-limit", "-1"], "monthly must be 0 or more"),
        (["--latency", "-1"], "latency_seconds must be 0 to 3600"),
        (["--token", ""], "the token must be visible ASCII"),
        (["--token", "a\nb"], "the token must be visible ASCII"),
        (["--unknown", " "], "an id must not be empty"),
        (["--webhook-secret", "?"], "the webhook secret must be 'whsec_' and base64"),
        (["--state", "/"], "can't be opened"),
        (["--port", "70000"], "the port must be 0 to 65535"),
        (["--rows", "1"], "unrecognized arguments"),
    ],
)
def test_a_wrong_command_is_one_sentence_and_2(
    capsys: pytest.CaptureFixture[str], options: list[str], sentence: str
) -> None:
    assert main(["line", "--port", "0", *options]) == 2
    shown = capsys.readouterr()
    assert sentence in shown.err
    assert shown.out == ""
    assert shown.err.splitlines()[-1].startswith("broadcast-mock line: ")


def test_a_port_in_use(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["line", "--port", str(port)]) == 2
    assert f"cannot listen on 127.0.0.1, port {port}" in capsys.readouterr().err
