"""`make demo` shows a pass and a fail, and leaves nothing behind."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
COMMAND = [sys.executable, ROOT / "examples" / "demo.py"]


def test_the_demonstration_shows_a_pass_and_a_fail() -> None:
    done = subprocess.run(COMMAND, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.findall(r"^(PASS|FAIL)\b", done.stdout, re.MULTILINE) == ["PASS", "FAIL"]
    assert "1,200 rows" in done.stdout
    assert "NEXT006" in done.stdout
    assert "make check URL=" in done.stdout


def test_the_demonstration_ends_with_a_broadcast_that_reaches_everybody_once() -> None:
    done = subprocess.run(COMMAND, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    broadcast = done.stdout.partition("$ broadcast run ")[2]
    assert "All of your data is done and ready to be processed." in broadcast
    assert "Done: of 1,200 rows 1,200 accepted." in broadcast
    assert "received 1,200 messages for 1,200 people, none of them twice" in broadcast
    assert re.search(r"though it lost [1-9]\d* of its answers", broadcast)


@pytest.mark.parametrize("shown", ["A correct endpoint gives", "$ broadcast run"])
def test_an_interrupted_demonstration_leaves_nothing_behind(shown: str, tmp_path: Path) -> None:
    with subprocess.Popen(
        COMMAND,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        start_new_session=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    ) as demo:
        assert demo.stdout is not None
        while shown not in demo.stdout.readline():
            assert demo.poll() is None
        os.killpg(demo.pid, signal.SIGINT)  # as Ctrl-C does: to all of the group
        demo.communicate()
    assert demo.returncode == 130
    wait_until_nobody_is_left(demo.pid)
    assert list(tmp_path.iterdir()) == []


def wait_until_nobody_is_left(group: int) -> None:
    """Of a process group; one that has ended counts until the system has taken note of it."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    pytest.fail("a process of the demonstration is left")
