"""What tests of every folder may ask for: programs of the system, and a private PostgreSQL."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import Phase, settings

ON_CI = os.environ.get("CI") == "true"
ROOT = Path(__file__).parent.parent

# Started in a shell's background, we would hand an ignored SIGINT on to each command under test.
signal.signal(signal.SIGINT, signal.default_int_handler)

# A busy machine is no failure; and CI judges a change by the same examples each time.
settings.register_profile("project", deadline=None, derandomize=ON_CI, print_blob=True)
# Chosen by --hypothesis-profile: one looks for hours, the other only whether a test notices at all.
settings.register_profile(
    "soak", settings.get_profile("project"), max_examples=5_000, derandomize=False
)
settings.register_profile(
    "mutants",
    settings.get_profile("project"),
    max_examples=30,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
)
settings.load_profile("project")


@pytest.fixture(autouse=True)
def _pure_tests_stay_pure(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is marked as pure can neither open a socket nor start a process."""
    if request.node.get_closest_marker("pure") is None:
        return

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a pure test opens a socket or starts a process")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "bind", refuse)
    monkeypatch.setattr(subprocess, "Popen", refuse)


RequireProgram = Callable[[str, str], Path]


@pytest.fixture(scope="session")
def whole() -> bool:
    """Whether the long hunts are to run whole, as `make soak` runs them."""
    return os.environ.get("BROADCAST_SOAK") == "1"


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the project."""
    return ROOT


@pytest.fixture(scope="session")
def require_program() -> RequireProgram:
    """Find a program of the system: `require_program("nginx", "apt-get install nginx")`.

    Without it the test is skipped with a sentence that says how to get it; with CI=true it fails.
    """
    return find_program


def find_program(name: str, how_to_get: str) -> Path:
    """Look where the search path leads, and where Debian and Homebrew keep servers."""
    newest_first = sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True)
    places = [os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin"]
    found = shutil.which(name, path=os.pathsep.join(places + newest_first))
    if found:
        return Path(found)
    sentence = f"This test needs {name}, which is not installed. To get it: {how_to_get}"
    if ON_CI:
        pytest.fail(sentence)
    pytest.skip(sentence)


@pytest.fixture(scope="session")
def postgresql_url(require_program: RequireProgram) -> Iterator[str]:
    """Run a private, empty PostgreSQL on a socket of its own; gives its URL for SQLAlchemy."""
    how = "apt-get install postgresql (Debian, Ubuntu) or brew install postgresql"
    initdb, pg_ctl = require_program("initdb", how), require_program("pg_ctl", how)
    user = unprivileged_user()
    with tempfile.TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if user:
            shutil.chown(folder, user)
        names = ["-U", "tests", "-A", "trust", "-E", "UTF8", "--no-locale"]
        run_as(user, folder, initdb, "-D", "data", "--no-sync", *names)
        options = f"-c listen_addresses='' -k {folder} -c fsync=off"
        run_as(user, folder, pg_ctl, "-D", "data", "-w", "-l", "log", "-o", options, "start")
        try:
            yield f"postgresql+psycopg://tests@/postgres?host={folder}"
        finally:
            run_as(user, folder, pg_ctl, "-D", "data", "-w", "-m", "immediate", "stop")


def unprivileged_user() -> str | None:
    """Name whom the server runs as when we are root, which PostgreSQL refuses."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def run_as(user: str | None, folder: Path, *command: str | Path) -> None:
    """Run a command of the server; its output is shown when it fails."""
    with tempfile.TemporaryFile("w+") as output:  # a pipe would be held open by the server
        done = subprocess.run(
            command,
            cwd=folder,
            user=user,
            extra_groups=[] if user else None,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
        output.seek(0)
        assert done.returncode == 0, output.read()
