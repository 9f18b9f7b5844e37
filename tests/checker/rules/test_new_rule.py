"""A new rule is its file, its help page, its fault and its cases; no list is edited."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

RULE = '''
"""ROW998 shouting: msg is in capital letters."""

from checker.core.model import Location, Page
from checker.core.report import Severity
from checker.rules.base import TextRule
from checker.rules.wording import rows_with

__all__ = ["Shouting"]


class Shouting(TextRule):
    """See the help beside this file."""

    id = "ROW998"
    name = "shouting"
    severity = Severity.INFO
    clause = "G2"
    summary = "msg is in capital letters"
    fix = "Write the message in small letters."

    members = ("msg",)

    def may_occur(self, page: Page) -> bool:
        return "HELLO" in page.msg_text

    def judge(self, text: str) -> str | None:
        return "capital letters" if text.isupper() else None

    def message(self, count: int, first: Location) -> str:
        return f"{rows_with(count, first)} whose msg is in capital letters."
'''
FAULT = '''
"""A toy fault."""

from mockserver.recipients.faults.fault import Fault, changing_row

FAULTS = (
    Fault(
        name="ROW998",
        rules=("ROW998",),
        summary="a message is in capital letters",
        wrap_endpoint=changing_row(lambda row: {**row, "msg": "HELLO THERE"}),
    ),
)
'''
HELP = """## Why it matters

People do not like it.

## What it looks like

`{"uid": "U1", "msg": "HELLO THERE"}`

## How to fix it

### Python

`msg.capitalize()`

### Node

`msg.toLowerCase()`

### PHP

`strtolower($msg)`

### Go

`strings.ToLower(msg)`

## See also

[ROW010](ROW010.md)
"""
PACKAGES = ("checker", "mockserver", "schemas", "scripts", "docs", "tests/support")


@pytest.fixture
def copied(tmp_path: Path, root: Path) -> Path:
    """A copy of the project with the new rule; what is generated from the rules is written anew."""
    for name in PACKAGES:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(root / name, tmp_path / name, ignore=ignored)
    (tmp_path / "tests/checker").mkdir()
    for name in (
        "pyproject.toml",
        "tests/conftest.py",
        "tests/checker/conftest.py",
        "tests/checker/test_catalogue.py",
    ):
        shutil.copy(root / name, tmp_path / name)
    (tmp_path / "checker/rules/row998_shouting.py").write_text(RULE)
    (tmp_path / "checker/rules/row998_shouting.md").write_text(HELP)
    (tmp_path / "mockserver/recipients/faults/shouting.py").write_text(FAULT)
    return tmp_path


def run(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", *words],
        env={**os.environ, "PYTHONPATH": str(folder)},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )


def test_a_new_rule_is_found_explained_and_held_by_the_catalogue(copied: Path) -> None:
    written = run(copied, "scripts.generate")
    assert written.returncode == 0, written.stderr
    assert (copied / "docs/rules/ROW998.md").is_file()
    options = ("-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--rootdir", str(copied))
    tests = ("tests/checker/test_catalogue.py", "-k", "ROW998 or contracts or every or fresh")
    done = run(copied, "pytest", *options, "-c", "pyproject.toml", *tests)
    assert done.returncode == 0, done.stdout[-3000:]
    explained = run(copied, "checker", "explain", "shouting")
    assert "People do not like it." in explained.stdout
    checked = run(copied, "checker", "rules")
    assert "ROW998" in checked.stdout
