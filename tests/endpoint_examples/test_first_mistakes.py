"""Endpoints as users of real stacks write them at first: the reports lead to a pass in two rounds.

A folder of first_mistakes has the first version, and those that follow the fix of each report.
"""

import json
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from stack_server import EXAMPLES, running

from checker.stacks.examples import EXAMPLES as FILES

CHECK = Path(sys.executable).parent / "broadcast-check"
PATHS = {"php": "/recipients.php", "laravel": "/api/recipients", "apps-script": "/exec"}
MISTAKES_FOLDER = Path(__file__).parent / "first_mistakes"
INSTALLED = ("node_modules", ".venv")  # what the run script of the example has installed already


@dataclass(frozen=True)
class Mistake:
    """The folder of a mistake, its stack, and the first error of each report until it passes."""

    folder: str
    title: str
    stack: str
    rules: tuple[str, ...]

    def versions(self) -> list[str]:
        """The endpoint as it was at first, and after each round."""
        names = ("first", "second", "third")[: len(self.rules) + 1]
        files = [next((MISTAKES_FOLDER / self.folder).glob(f"{name}.*")) for name in names]
        return [file.read_text("utf-8") for file in files]


MISTAKES = (
    Mistake("laravel_paginate", "Laravel: `paginate()`", "laravel", ("PAGE002", "NEXT013")),
    Mistake(
        "laravel_simple_paginate", "Laravel: `simplePaginate()`", "laravel", ("PAGE002", "NEXT013")
    ),
    Mistake("django_page_number", "DRF: `PageNumberPagination`", "django", ("PAGE002",)),
    Mistake("django_limit_offset", "DRF: `LimitOffsetPagination`", "django", ("PAGE002",)),
    Mistake("django_cursor", "DRF: `CursorPagination`", "django", ("NEXT013", "NEXT013")),
    Mistake("apps_script_get_values", "Apps Script: `getValues()`", "apps-script", ("ROW003",)),
    Mistake(
        "sinatra_offset",
        "Sinatra, Rails: OFFSET by `params[:page]`",
        "sinatra",
        ("NEXT004", "NEXT014"),
    ),
    Mistake("express_page_plus_one", "Express: `next: page + 1`", "express", ("NEXT014",)),
    Mistake("go_exported_names", "Go: fields without JSON tags", "go", ("PAGE002",)),
    Mistake(
        "php_pdo_default_fetch", "PHP: PDO's default fetch mode, other names", "php", ("ROW002",)
    ),
    Mistake("php_wordpress_envelope", "WordPress: `wp_send_json_success()`", "php", ("PAGE002",)),
    Mistake("java_wrong_length", "Java: a length in characters", "java", ("NET005",)),
)


def copy_of(stack: str, folder: Path) -> Path:
    """The example of a stack in a folder of its own, to be changed."""
    ignored = shutil.ignore_patterns(*INSTALLED, "__pycache__", "classes")
    shutil.copytree(EXAMPLES / stack, folder / stack, ignore=ignored)
    shutil.copy(EXAMPLES / "sample.py", folder)
    for name in INSTALLED:
        if (EXAMPLES / stack / name).exists():
            (folder / stack / name).symlink_to(EXAMPLES / stack / name)
    return folder / stack


def report_of(copy: Path, text: str, database: Path) -> dict[str, Any]:
    """Serve this text as the endpoint of the stack, and check it."""
    (copy / FILES[copy.name].files[0]).write_text(text, "utf-8")
    with running(["./run"], copy, PATHS.get(copy.name, "/recipients"), database) as server:
        done = subprocess.run(
            [CHECK, server.url, "--no-config", "--max-pages", "300", "--format", "json"],
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def make_rows(database: Path, *, digits: bool) -> None:
    """The sample; for a sheet with ids of digits, such as phone numbers, which it makes numbers."""
    command = [sys.executable, EXAMPLES / "sample.py", "make", database]
    subprocess.run(command, check=True)
    if digits:
        with closing(sqlite3.connect(database)) as rows, rows:
            rows.execute("UPDATE recipients SET uid = 66810000000 + id")


def top_error(report: dict[str, Any]) -> str:
    """The rule of the first error, but for HTTP002: a bare script answers every method, too."""
    errors = (one["rule"] for one in report["findings"] if one["severity"] == "error")
    return next(rule for rule in errors if rule != "HTTP002")


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.folder)
def test_the_report_leads_to_a_pass_in_at_most_two_rounds(mistake: Mistake, tmp_path: Path) -> None:
    *faulty, right = mistake.versions()
    copy = copy_of(mistake.stack, tmp_path)
    database = tmp_path / "recipients.db"
    make_rows(database, digits=mistake.stack == "apps-script")
    for text, rule in zip(faulty, mistake.rules, strict=True):
        assert top_error(report_of(copy, text, database)) == rule
    last = report_of(copy, right, database)
    assert (last["verdict"], last["complete"], last["crawl"]["rows"]) == ("pass", True, 1000)


def test_the_document_has_each_mistake_with_its_findings_and_rounds() -> None:
    document = (EXAMPLES.parent.parent / "docs" / "first-mistakes.md").read_text("utf-8")
    rows = [line.strip("| ").split(" | ") for line in document.splitlines() if "](rules/" in line]
    table = [
        (row[0], tuple(re.findall(r"\[(\w+)\]", row[1])), row[-1]) for row in rows if len(row) == 4
    ]
    assert table == [(one.title, one.rules, str(len(one.rules))) for one in MISTAKES]


def test_each_mistake_is_right_after_two_rounds_at_most() -> None:
    assert all(len(one.rules) <= 2 for one in MISTAKES)
