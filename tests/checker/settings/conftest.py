"""What tests of settings, baselines and completion may ask for."""

import contextlib
import io
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from settings_kit import SECRET, Command

from checker.cli.main import main
from mockserver import MockConfig, MockServer
from mockserver.recipients.data import GeneratedRows


@pytest.fixture(scope="session")
def mock() -> Iterator[MockServer]:
    """The mock, and a scenario for each fault."""
    with MockServer(MockConfig(rows=GeneratedRows(300))) as running:
        yield running


@pytest.fixture(scope="session")
def guarded() -> Iterator[MockServer]:
    """A mock that wants a secret."""
    config = MockConfig(
        rows=GeneratedRows(300), required_headers={"Authorization": f"Bearer {SECRET}"}
    )
    with MockServer(config) as running:
        yield running


@pytest.fixture
def process(tmp_path: Path) -> Command:
    """Runs broadcast-check as a process in `tmp_path`, which is no repository."""

    def run(
        *arguments: str, cwd: Path = tmp_path, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "checker", *arguments],
            capture_output=True,
            check=False,
            timeout=60,
            cwd=cwd,
            env={**os.environ, "COLUMNS": "80", **environment},
            encoding="utf-8",
        )

    return run


@pytest.fixture
def command(tmp_path: Path) -> Iterator[Command]:
    """The same within this process, which is quicker."""
    with pytest.MonkeyPatch.context() as patch:

        def run(
            *arguments: str, cwd: Path = tmp_path, **environment: str
        ) -> subprocess.CompletedProcess[str]:
            patch.chdir(cwd)
            out, err = io.StringIO(), io.StringIO()
            with (
                pytest.MonkeyPatch.context() as inner,
                contextlib.redirect_stdout(out),
                contextlib.redirect_stderr(err),
            ):
                for name, value in {"COLUMNS": "80", **environment}.items():
                    inner.setenv(name, value)
                status = main(arguments)
            return subprocess.CompletedProcess(arguments, status, out.getvalue(), err.getvalue())

        yield run
