"""Ctrl-C while a command still loads what it needs, which takes a moment on a busy machine."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

STRIKES = """
import os, signal
os.kill(os.getpid(), signal.SIGINT)
raise AssertionError("it goes on")
"""


@pytest.mark.parametrize(
    ("command", "loads"),
    [("broadcast-mock", "flask"), ("broadcast", "requests")],
)
def test_it_ends_without_a_word(command: str, loads: str, tmp_path: Path) -> None:
    (tmp_path / f"{loads}.py").write_text(STRIKES)
    done = subprocess.run(
        [Path(sys.executable).parent / command, "--help"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")


def test_the_checker_interrupted_while_it_loads_is_one_sentence(tmp_path: Path) -> None:
    """It loads what a check needs once it knows that a check is wanted."""
    (tmp_path / "requests.py").write_text(STRIKES)
    done = subprocess.run(
        [Path(sys.executable).parent / "broadcast-check", "http://127.0.0.1:9/"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    said = "broadcast-check: interrupted.\n"
    assert (done.returncode, done.stdout, done.stderr) == (130, "", said)


def test_one_that_is_to_ignore_it_still_ignores_it(tmp_path: Path) -> None:
    """As after nohup."""
    (tmp_path / "flask.py").write_text(STRIKES)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        done = subprocess.run(
            [Path(sys.executable).parent / "broadcast-mock", "--help"],
            env={**os.environ, "PYTHONPATH": str(tmp_path)},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
    finally:
        signal.signal(signal.SIGINT, before)
    assert "it goes on" in done.stderr


@pytest.mark.parametrize("words", [[], ["line"]])
def test_the_mock_interrupted_while_it_prepares_is_one_sentence(
    words: list[str], tmp_path: Path
) -> None:
    code = (
        "import os, signal, sys\n"
        "from mockserver import cli\n"
        "from mockserver.line_api import cli as line\n"
        "def strike(*_): os.kill(os.getpid(), signal.SIGINT)\n"
        "cli._config = line.config_of = strike\n"
        "sys.exit(cli.main(sys.argv[1:]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, encoding="utf-8", check=False
    )
    name = " ".join(["broadcast-mock", *words])
    assert (done.returncode, done.stdout, done.stderr) == (130, "", f"{name}: interrupted.\n")
