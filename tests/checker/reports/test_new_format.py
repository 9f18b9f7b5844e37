"""A new report format is its module alone: a copy of the project gets one, and no other file."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FORMAT = '''
"""One line for each finding, for a spreadsheet."""

from checker.core.report import Report, Summary
from checker.reports.format import ReportFormat


def render_csv(report: Report) -> str:
    """Rule and count."""
    return "".join(f"{finding.rule},{finding.count}\\n" for finding in report.findings)


def render_summary_csv(summary: Summary) -> str:
    """The same for each endpoint, after its name."""
    return "".join(f"{name}\\n{render_csv(one)}" for name, one in summary.reports.items())


FORMAT = ReportFormat.without_style(
    render_csv, render_summary_csv, label="CSV", extension="csv", media_type="text/csv"
)
'''
FAULTY_PAGE = '{"list": [{"uid": 1, "msg": "Hi"}], "next": ""}'


@pytest.fixture
def copied(tmp_path: Path, root: Path) -> Path:
    """A copy of the checker with the new format, and a page to check."""
    for name in ("checker", "schemas"):
        shutil.copytree(root / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "checker/reports/csv_report.py").write_text(FORMAT)
    (tmp_path / "page.json").write_text(FAULTY_PAGE)
    return tmp_path


def run(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "checker", *words],
        env={**os.environ, "PYTHONPATH": str(folder)},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


def test_a_new_format_is_found_by_every_option(copied: Path) -> None:
    asked = ("--page", "page.json", "--no-config", "--select", "ROW", "--format", "csv")
    done = run(copied, *asked, "--report", "csv=again.csv")
    assert (done.stdout, done.stderr) == ("ROW003,1\n", "")
    assert (copied / "again.csv").read_text("utf-8") == done.stdout
    assert "csv, github, html" in " ".join(run(copied, "--help").stdout.split())
    assert "csv" in run(copied, "--print-completion", "bash").stdout
