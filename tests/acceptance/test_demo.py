"""`make demo` shows a pass and a fail, and leaves nothing behind."""

import os
import re
import signal
import subprocess
import sys
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


def test_an_interrupted_demonstration_stops_its_mock() -> None:
    with subprocess.Popen(
        COMMAND, stdout=subprocess.PIPE, encoding="utf-8", start_new_session=True
    ) as demo:
        assert demo.stdout is not None
        demo.stdout.readline()  # the mock runs
        os.killpg(demo.pid, signal.SIGINT)  # as Ctrl-C does: to all of the group
        demo.communicate()
    assert demo.returncode == 130
    with pytest.raises(ProcessLookupError):
        os.killpg(demo.pid, 0)  # nobody of the group is left
