"""What users install: the wheel, in an environment with our dependencies and nothing else.

The tests around this one run the checkout; only here would a file that the wheel lacks be noticed.
"""

import email
import importlib.metadata
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from schemas import __version__

ROOT = Path(__file__).parent.parent
PACKAGES = ("schemas", "checker", "mockserver", "broadcaster")
COMMANDS = ("broadcast-check", "broadcast-mock", "broadcast")
PYTEST = ("pytest", "pluggy", "iniconfig", "packaging", "pygments")  # who uses the plugin has it


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command that sees nothing of this process's own search path; gives what it printed."""
    done = subprocess.run(
        command, cwd=cwd, env=clean(), capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def clean() -> dict[str, str]:
    """The environment's variables without those that lead Python to modules."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", folder, ".", cwd=ROOT)
    [path] = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the commands in an environment with the wheel and all its extras."""
    return environment(wheel, "all", tmp_path_factory.mktemp("installed"))


def environment(wheel: Path, extra: str, folder: Path) -> Path:
    """The folder of the commands in an environment with the wheel and what this extra asks for."""
    run(sys.executable, "-m", "venv", "--without-pip", folder / "env", cwd=folder)
    commands = folder / "env" / "bin"
    pip = (sys.executable, "-m", "pip", "--python", commands / "python", "--quiet")
    run(*pip, "install", "--no-deps", "--no-index", wheel, cwd=folder)
    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    with zipfile.ZipFile(wheel) as archive:
        [name] = [each for each in archive.namelist() if each.endswith(".dist-info/METADATA")]
        metadata = email.message_from_bytes(archive.read(name))
    needed = needed_by(metadata.get_all("Requires-Dist") or [], {extra})
    site = Path(run(commands / "python", "-c", where, cwd=folder).strip())
    lend_dependencies(site, [*needed, *PYTEST])
    return commands


def needed_by(lines: list[str], extras: set[str]) -> list[str]:
    """The names of all packages that these requirements lead to, ours left out."""
    names: dict[str, None] = {}
    ours = "broadcast-conformance"

    def visit(requirements: list[str], wanted: set[str]) -> None:
        for requirement in map(Requirement, requirements):
            marker = requirement.marker
            if marker and not any(marker.evaluate({"extra": each}) for each in {"", *wanted}):
                continue
            name = canonicalize_name(requirement.name)
            if name == ours:
                visit(lines, requirement.extras)
            elif name not in names:
                names[name] = None
                found = importlib.metadata.distribution(name)
                visit(found.requires or [], requirement.extras)

    visit(lines, extras)
    return list(names)


def lend_dependencies(site: Path, names: list[str]) -> None:
    """Link the dependencies from the tests' environment: quicker than installing them anew."""
    for name in dict.fromkeys(names):  # one that has two versions, for two Pythons, is named twice
        try:
            files = importlib.metadata.distribution(name).files or []
        except importlib.metadata.PackageNotFoundError:
            continue  # named for another system
        for top in {file.parts[0] for file in files} - {"..", "__pycache__"}:
            (site / top).symlink_to(files[0].locate().parents[len(files[0].parts) - 1] / top)


@contextmanager
def mock(commands: Path, cwd: Path) -> Iterator[str]:
    """The mock with ten rows, on a free port."""
    with subprocess.Popen(
        [commands / "broadcast-mock", "--rows", "10", "--port", "0"],
        cwd=cwd,
        env=clean(),
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as server:
        try:
            assert server.stdout is not None
            found = (re.search(r"http://\S+/recipients\b", line) for line in server.stdout)
            url = next((match[0] for match in found if match), None)
            assert url is not None, "the mock ended before it told its address"
            yield url
        finally:
            server.terminate()


def test_the_wheel_carries_every_file_of_the_packages(wheel: Path) -> None:
    files = (path for name in PACKAGES for path in (ROOT / name).rglob("*") if path.is_file())
    ours = {path.relative_to(ROOT).as_posix() for path in files if "__pycache__" not in path.parts}
    everything = zipfile.ZipFile(wheel).namelist()
    copied = ".dist-info/", "checker/example_endpoints/"
    inside = {name for name in everything if not any(part in name for part in copied)}
    assert inside == ours | {"broadcast_commands.py", "pytest_broadcast.py"}


def test_the_wheel_carries_what_is_not_python(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    assert {f"{name}/py.typed" for name in PACKAGES} <= inside
    assert {"schemas/page.schema.json", "schemas/report.schema.json"} <= inside
    assert "schemas/openapi.yaml" in inside
    assert any(re.fullmatch(r"checker/rules/\w+\.md", name) for name in inside)
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in inside)


def test_the_wheel_carries_the_example_endpoints_and_nothing_that_they_made(wheel: Path) -> None:
    tracked = run(
        "git",
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
        "examples/endpoints",
        cwd=ROOT,
    )
    inside = {name for name in zipfile.ZipFile(wheel).namelist() if "/example_endpoints/" in name}
    expected = {
        name.replace("examples/endpoints", "checker/example_endpoints") for name in tracked.split()
    }
    assert inside == expected


def test_the_installed_checker_prints_an_example(installed: Path, tmp_path: Path) -> None:
    printed = run(installed / "broadcast-check", "example", "go", cwd=tmp_path)
    assert printed == (ROOT / "examples/endpoints/go/main.go").read_text("utf-8")


def test_nothing_of_the_checkout_is_seen(installed: Path, tmp_path: Path) -> None:
    names = ", ".join(PACKAGES)
    code = f"import {names}\nfor each in ({names}): print(each.__file__)"
    for line in run(installed / "python", "-c", code, cwd=tmp_path).splitlines():
        assert Path(line).is_relative_to(installed.parent), line


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_tells_its_version(installed: Path, tmp_path: Path, command: str) -> None:
    assert __version__ in run(installed / command, "--version", cwd=tmp_path)


def test_the_installed_checker_checks_the_installed_mock(installed: Path, tmp_path: Path) -> None:
    with mock(installed, tmp_path) as url:
        report = run(installed / "broadcast-check", url, "--format", "json", cwd=tmp_path)
    assert '"verdict": "pass"' in report


def test_the_installed_plugin_works_beside_a_folder_called_checker(
    installed: Path, tmp_path: Path
) -> None:
    (tmp_path / "checker").mkdir()
    (tmp_path / "checker" / "__init__.py").write_text("WHOSE = 'theirs'")
    (tmp_path / "test_it.py").write_text(
        "def test_it(broadcast_mock, check_broadcast):\n"
        "    import checker\n"
        "    assert checker.WHOSE == 'theirs'\n"
        "    assert check_broadcast(broadcast_mock.endpoint).verdict == 'pass'\n"
    )
    assert "1 passed" in run(installed / "python", "-m", "pytest", cwd=tmp_path)


def test_the_installed_plugin_fails_the_rule_that_a_server_breaks(
    installed: Path, tmp_path: Path
) -> None:
    with mock(installed, tmp_path) as url:
        broken = url.replace("/recipients", "/faults/PAGE004/recipients")
        done = subprocess.run(
            [installed / "python", "-m", "pytest", f"--broadcast-endpoint={broken}"],
            cwd=tmp_path,
            env=clean(),
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
    assert done.returncode == 1, done.stdout + done.stderr
    assert re.findall(r"^FAILED (\S+)", done.stdout, re.MULTILINE) == [
        "broadcast::PAGE004-too-many-rows"
    ]


def said_by(*command: str | Path, cwd: Path) -> tuple[int, str]:
    """The exit status, and the one line that the command wrote to standard error."""
    done = subprocess.run(
        command, cwd=cwd, env=clean(), capture_output=True, encoding="utf-8", check=False
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr.strip()


def test_the_default_is_the_checker_alone(wheel: Path, installed: Path, tmp_path: Path) -> None:
    commands = environment(wheel, "", tmp_path)
    site = next((tmp_path / "env").glob("lib/python*/site-packages"))
    assert len(list(site.glob("*.dist-info"))) - len(PYTEST) <= 17, "with pip 18 packages"
    with mock(installed, tmp_path) as url:
        report = run(commands / "broadcast-check", url, "--format", "html", cwd=tmp_path)
        assert "PASS" in report
        passed = run(
            commands / "python", "-m", "pytest", f"--broadcast-endpoint={url}", cwd=tmp_path
        )
        assert " passed" in passed
    assert "PAGE004" in run(commands / "broadcast-check", "explain", "PAGE004", cwd=tmp_path)
    for command, extra in (("broadcast-mock", "mock"), ("broadcast", "broadcast")):
        assert __version__ in run(commands / command, "--version", cwd=tmp_path)
        status, said = said_by(commands / command, "--help", cwd=tmp_path)
        assert status == 2
        assert said.endswith(f"pip install 'broadcast-conformance[{extra}]'")
        assert said.count("\n") == 0


@pytest.mark.parametrize(
    ("extra", "works", "lacks", "needs"),
    [
        ("mock", "broadcast-mock --list", "broadcast list", "broadcast"),
        ("mock", "broadcast-mock line --help", "broadcast list", "broadcast"),
        ("broadcast", "broadcast list", "broadcast serve --port 0", "serve"),
        ("serve", "broadcast serve --help", "broadcast-mock --help", "mock"),
        ("postgresql", "broadcast worker --help", "broadcast serve --port 0", "serve"),
        ("xlsx", "broadcast load --help", "broadcast serve --port 0", "serve"),
    ],
)
def test_an_extra_brings_what_it_names_and_no_more(
    wheel: Path, tmp_path: Path, extra: str, works: str, lacks: str, needs: str
) -> None:
    commands = environment(wheel, extra, tmp_path)
    command, *words = works.split()
    run(commands / command, *words, cwd=tmp_path)
    command, *words = lacks.split()
    status, said = said_by(commands / command, *words, cwd=tmp_path)
    assert status == 2
    assert said.endswith(f"pip install 'broadcast-conformance[{needs}]'"), said


def test_an_older_wheel_is_replaced(wheel: Path, tmp_path: Path) -> None:
    run(sys.executable, "-m", "venv", "--without-pip", tmp_path / "env", cwd=tmp_path)
    pip = (sys.executable, "-m", "pip", "--python", tmp_path / "env/bin/python", "--quiet")
    older = tmp_path / wheel.name.replace(__version__, "0.0.1")
    with zipfile.ZipFile(wheel) as new, zipfile.ZipFile(older, "w") as old:
        for name in new.namelist():
            content = new.read(name)
            if name.endswith((".dist-info/METADATA", "schemas/__init__.py")):
                content = content.replace(__version__.encode(), b"0.0.1")
            if not name.endswith(".dist-info/RECORD"):
                old.writestr(name.replace(f"-{__version__}.dist", "-0.0.1.dist"), content)
        old.writestr("broadcast_conformance-0.0.1.dist-info/RECORD", "")
    run(*pip, "install", "--no-deps", "--no-index", older, cwd=tmp_path)
    run(*pip, "install", "--no-deps", "--no-index", wheel, cwd=tmp_path)
    version = run(tmp_path / "env/bin/broadcast-check", "--version", cwd=tmp_path)
    assert version == f"broadcast-check {__version__}\n"
