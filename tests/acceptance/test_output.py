"""Where the commands' lists go may be full, or gone: no traceback, and nothing blamed on us."""

import os
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest

COMMANDS = {
    "rules": ("broadcast-check", "rules"),
    "explain": ("broadcast-check", "explain", "PAGE004"),
    "faults": ("broadcast-mock", "--list"),
    "broadcasts": ("broadcast", "list"),
}


def command(name: str) -> list[str]:
    """The installed command and its arguments."""
    program, *arguments = COMMANDS[name]
    return [str(Path(sys.executable).with_name(program)), *arguments]


def run(name: str, output: int | IO[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run an installed command with this output."""
    return subprocess.run(
        command(name),
        stdout=output,
        stderr=subprocess.PIPE,
        env={**os.environ, "BROADCAST_STORE": f"sqlite:///{folder}/store.sqlite"},
        check=False,
        encoding="utf-8",
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux alone has /dev/full")
@pytest.mark.parametrize("name", COMMANDS)
def test_a_full_disk_is_one_sentence(name: str, tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = run(name, full, tmp_path)
    assert done.returncode == (2 if name == "faults" else 3)
    assert done.stderr.endswith(": No space left on device.\n")
    assert done.stderr.count("\n") == 1
    assert "report it" not in done.stderr


@pytest.mark.parametrize("name", COMMANDS)
def test_a_reader_who_has_gone_is_no_failure(name: str, tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = run(name, writer, tmp_path)
    finally:
        os.close(writer)
    assert done.returncode == (0 if name == "faults" else 1)
    assert done.stderr == ""


@pytest.mark.parametrize("name", COMMANDS)
def test_a_closed_output_is_as_good_as_none(name: str, tmp_path: Path) -> None:
    done = subprocess.run(
        ["sh", "-c", '"$@" >&-', "sh", *command(name)],
        capture_output=True,
        env={**os.environ, "BROADCAST_STORE": f"sqlite:///{tmp_path}/store.sqlite"},
        check=False,
        encoding="utf-8",
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_check_with_closed_streams_answers_by_its_status() -> None:
    check = [Path(sys.executable).with_name("broadcast-check"), "http://127.0.0.1:9/"]
    script = ["sh", "-c", '"$@" >&- 2>&-', "sh", *check, "--retries", "0", "--no-config"]
    assert subprocess.run(script, check=False).returncode == 1
