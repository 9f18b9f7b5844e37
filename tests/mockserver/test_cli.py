"""`broadcast-mock` as a process, and what it says when it can't start."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from mockserver import catalogue
from mockserver.cli import main

COMMAND = (sys.executable, "-X", "dev", "-W", "error", "-m", "mockserver", "--port", "0")


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


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_it_serves_until_a_signal_comes(number: signal.Signals, status: int) -> None:
    with running("--rows", "3", "--page-size", "2") as (process, endpoint):
        first = requests.get(endpoint, timeout=60).json()
        second = requests.get(endpoint, params={"next": first["next"]}, timeout=60).json()
        assert (len(first["list"]), len(second["list"]), second["next"]) == (2, 1, "")
        process.send_signal(number)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == status
    assert "Traceback" not in errors
    assert len(errors.splitlines()) == 1


def test_every_option_at_once(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("uid,msg\nU1,one\nU2,two\n")
    options = ["--csv", str(path), "--page-size", "1", "--token-param", "t", "--latency", "0.001"]
    faults = ["--fault", "PAGE008@1", "--fault", "ROW011@2", "--header", "X-Key: k"]
    with running(*options, *faults) as (_, endpoint):
        assert requests.get(endpoint, timeout=60).status_code == 401
        first = requests.get(endpoint, headers={"X-Key": "k"}, timeout=60).json()
        token = {"t": first["next"]}
        second = requests.get(endpoint, headers={"X-Key": "k"}, params=token, timeout=60).json()
    assert first == {"list": [{"uid": "U1", "msg": "one"}], "next": first["next"], "total": 15}
    assert second == {"list": [{"uid": "U2 ", "msg": "two"}], "next": ""}


def test_the_list_names_every_scenario(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list"]) == 0
    shown = capsys.readouterr().out
    assert [name for name in catalogue() if f"{name}  [" not in shown] == []
    assert "broadcast-check http://127.0.0.1:8808/faults/PAGE004/recipients\n" in shown


def test_a_reader_of_the_list_may_leave_early() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as output:
        done = subprocess.run(
            [*COMMAND, "--list"], stdout=output, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("broadcast-mock 0.")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--csv", "none.csv"], "none.csv: cannot be read (No such file or directory)"),
        (["--rows", "-1"], "--rows must be 0 or more"),
        (["--page-size", "500"], "the page size must be 1 to 499, not 500"),
        (["--latency", "-1"], "the latency must be"),
        (["--header", "Authorization"], "--header must be 'Name: value'"),
        (["--table", "t"], "--table needs --database"),
        (["--database", "sqlite:///x.db"], "--database also needs --table"),
        (["--fault", "PAGE999"], "there is no fault 'PAGE999'"),
        (["--fault", "PAGE002@x"], "expected a page number"),
        (["--fault", "PAGE002@"], "expected a page number"),
        (["--fault", "NEXT004@2"], "cannot be placed on one page"),
        (["--fault", "NET003"], "/faults/NET003/recipients"),
        (["--port", "70000"], "the port must be 0 to 65535"),
        (["--host", "999.1.1.1"], "cannot listen on"),
        (["--rows", "x"], "invalid int value"),
        (["--rows", "1", "--csv", "x"], "not allowed with"),
        (["--what"], "unrecognized arguments"),
    ],
)
def test_a_wrong_command_is_one_sentence_and_2(
    capsys: pytest.CaptureFixture[str], options: list[str], sentence: str
) -> None:
    assert main(["--port", "0", *options]) == 2
    shown = capsys.readouterr()
    assert sentence in shown.err
    assert shown.out == ""
    assert shown.err.splitlines()[-1].startswith("broadcast-mock: ")


def test_a_port_in_use(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["--port", str(port)]) == 2
    assert f"cannot listen on 127.0.0.1, port {port}" in capsys.readouterr().err
