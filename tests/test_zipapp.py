"""The single file that `make zipapp` builds, in an environment with nothing but Python."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from schemas import __version__

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def zipapp(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("zipapp")
    command = ["sh", ROOT / "requirements" / "zipapp.sh", sys.executable, folder]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "broadcast-check.pyz"


@pytest.fixture(scope="module")
def bare_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python without pip and without any package."""
    folder = tmp_path_factory.mktemp("bare") / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    return folder / "bin" / "python"


def start(python: Path, home: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [python, "-I", *arguments],
        cwd=home,
        env={"HOME": str(home), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_it_checks_an_endpoint_where_there_is_only_python(
    zipapp: Path, bare_python: Path, tmp_path: Path, broadcast_mock: Any
) -> None:
    version = start(bare_python, tmp_path, zipapp, "--version")
    assert (version.returncode, version.stderr) == (0, "")
    assert __version__ in version.stdout
    done = start(bare_python, tmp_path, zipapp, broadcast_mock.endpoint, "--format", "json")
    assert (done.returncode, json.loads(done.stdout)["verdict"]) == (0, "pass"), done.stderr
    assert start(bare_python, tmp_path, zipapp, "not a url").returncode == 2


def test_for_another_python_it_says_one_sentence(
    zipapp: Path, bare_python: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.pyz"
    with zipfile.ZipFile(zipapp) as old, zipfile.ZipFile(other, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name.endswith("preamble.py"):
                content = content.replace(b"Python 3.", b"Python 2.", 1)
            new.writestr(name, content)
    done = start(bare_python, tmp_path, other, "--version")
    assert done.returncode == 1
    assert "was built for Python" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
