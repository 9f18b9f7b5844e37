"""The customers' repositories in examples/, as their owners would run them."""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
KEY = "a-key-that-nobody-may-see"
SERVERS = {
    "flask_project": (
        ["flask", "--app", "recipients", "run", "--port", "0"],
        {"API_KEY": KEY},
        ["--broadcast-header-env=X-Api-Key=API_KEY"],
    ),
    "fastapi_project": (
        ["uvicorn", "recipients:app", "--port", "0"],
        {"API_TOKEN": KEY, "AUTHORIZATION": f"Bearer {KEY}"},
        ["--broadcast-header-env=Authorization=AUTHORIZATION"],
    ),
}


@pytest.fixture(params=SERVERS)
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A clone of an example."""
    folder = tmp_path / request.param
    shutil.copytree(EXAMPLES / request.param, folder, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def run_pytest(folder: Path, *options: str, **variables: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-W", "error", "-p", "no:schemathesis", *options],
        cwd=folder,
        env={**os.environ, **variables},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_its_own_tests_pass(project: Path) -> None:
    assert re.search(r"= \d+ passed in", run_pytest(project))


def test_its_running_server_passes_a_test_for_every_rule(project: Path) -> None:
    module, variables, options = SERVERS[project.name]
    with sqlite3.connect(project / "shop.db") as database:
        database.execute("CREATE TABLE outbox (id INTEGER PRIMARY KEY, line_id TEXT, message TEXT)")
        database.execute("INSERT INTO outbox (line_id, message) VALUES ('somebody', 'Hello')")
    database.close()
    with subprocess.Popen(
        [sys.executable, "-m", *module],
        cwd=project,
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    ) as server:
        try:
            assert server.stdout is not None
            found = (re.search(r"[Rr]unning on (http://\S+)", line) for line in server.stdout)
            url = next(match[1] for match in found if match) + "/recipients"
            shown = run_pytest(project, f"--broadcast-endpoint={url}", *options, **variables)
        finally:
            server.terminate()
            server.communicate()
    assert f"PASS  {url}" in shown
    assert KEY not in shown
