"""Files with customers' data: for their owner only, and never through another user's link."""

import os
import stat
from pathlib import Path

import pytest
from broadcast_kit import Broadcast, contacts, some_rows

from broadcaster.channels import open_channel
from broadcaster.channels.jsonl_file import JsonlFile
from broadcaster.channels.rate_limit import require_rate
from broadcaster.errors import WrongCommand
from checker.api import open_report

ESCAPES = "\x1b]0;title\x07\x1b[31m"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def write(path: Path, *, private: bool) -> None:
    with open_report(str(path), private=private) as report:
        report("text")


@pytest.mark.parametrize(
    ("before", "private", "after"),
    [(None, True, 0o600), (0o644, True, 0o600), (0o400, True, 0o400), (0o600, False, 0o600)],
)
def test_a_report_is_for_its_owner_and_no_mode_is_loosened(
    tmp_path: Path, before: int | None, private: bool, after: int
) -> None:
    path = tmp_path / "report.csv"
    if before is not None:
        path.write_text("old")
        path.chmod(before)
    write(path, private=private)
    assert (path.read_text(), mode(path)) == ("text", after)


def test_nothing_is_written_through_another_users_link(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = tmp_path / "out"
    link.symlink_to(tmp_path / "elsewhere")
    if os.getuid() == 0:
        os.lchown(link, 4711, -1)
    else:
        monkeypatch.setattr(os, "getuid", lambda: 4711)
    with pytest.raises(Exception, match="another user's link"):
        write(link, private=True)
    with pytest.raises(WrongCommand, match="another user's link"):
        JsonlFile(link)
    assert not (tmp_path / "elsewhere").exists()


def test_a_report_at_a_terminal_holds_no_control_sequences(tmp_path: Path) -> None:
    broadcast = Broadcast(tmp_path)
    rows = [("U1", f"Hello {ESCAPES}"), *some_rows(1)]
    name = broadcast.load(contacts(tmp_path / "people.csv", rows))
    status, shown = broadcast.on_terminal("", "report", name, "--show-data")
    assert status == 0
    assert "\\x1b" in shown
    assert "\x1b" not in shown
    assert ESCAPES in broadcast("report", name, "--show-data", code=0).stdout
    broadcast("report", name, "-o", "failed.csv", code=0)
    assert mode(tmp_path / "failed.csv") == 0o600


@pytest.mark.parametrize("rate", [0.0, -1.0, 0.0002, float("nan"), float("inf")])
def test_a_rate_below_one_an_hour_is_a_wrong_command(rate: float) -> None:
    with pytest.raises(WrongCommand, match="at least 1 call an hour"):
        require_rate(rate, open_channel("console", environ={}))
    require_rate(1 / 3600, open_channel("console", environ={}))
