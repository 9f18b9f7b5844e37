"""A new channel is its module: it is added to a copy of the package, and no other file changes."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

MODULE = '''
"""Rings a bell for each message."""

from broadcaster.channels.kind import ChannelKind, ChannelSettings
from broadcaster.channels.kinds.console import ConsoleChannel


class BellChannel(ConsoleChannel):
    def __init__(self, address: str, settings: ChannelSettings) -> None:
        super().__init__(settings.output)
        self.name = f"bell:{address}"


KINDS = (ChannelKind(name="bell", address="TOWER", summary="ring a bell", make=BellChannel),)
'''
TESTS = ("test_registry.py", "test_stored_channel.py", "test_console.py")


@pytest.fixture
def copied(tmp_path: Path, root: Path) -> dict[str, str]:
    """The environment in which the copy with the new channel is imported."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(root / "broadcaster", tmp_path / "broadcaster", ignore=ignored)
    (tmp_path / "broadcaster" / "channels" / "kinds" / "bell.py").write_text(MODULE)
    return {**os.environ, "PYTHONPATH": str(tmp_path), "HOME": str(tmp_path), "COLUMNS": "200"}


def run(environ: dict[str, str], *words: str | Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *words],
        env=environ,
        cwd=environ["HOME"],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=120,
    )


def test_a_new_channel_is_sent_by_shown_in_the_help_and_resumed(
    copied: dict[str, str], tmp_path: Path
) -> None:
    main = ("-c", "import sys; from broadcaster.cli import main; sys.exit(main())")
    (tmp_path / "people.csv").write_text("uid,msg\nU1,Ding\nU2,Dong\n")
    assert "bell:TOWER" in run(copied, *main, "send", "--help").stdout
    wrong = run(copied, *main, "run", "people.csv", "--via", "bell", "--yes", "--no-config")
    assert "bell needs an address: give bell:TOWER." in wrong.stderr
    first = run(
        copied,
        *main,
        "run",
        "people.csv",
        "--via",
        "bell:north",
        "--first",
        "1",
        "--yes",
        "--no-config",
    )
    assert "U1  Ding\n" in first.stdout, first.stderr
    name = run(copied, *main, "list").stdout.splitlines()[1].split()[0]
    rest = run(copied, *main, "resume", name, "--yes")
    assert "U2  Dong" in rest.stdout
    assert rest.returncode == 0


def test_the_tests_of_channels_hold_with_it(copied: dict[str, str], root: Path) -> None:
    tests = [root / "tests" / "broadcaster" / "channels" / name for name in TESTS]
    options = ("-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--rootdir", root)
    done = run(copied, "-m", "pytest", *options, "-c", root / "pyproject.toml", *tests)
    assert done.returncode == 0, done.stdout[-3000:]
