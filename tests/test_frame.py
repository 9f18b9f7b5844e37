"""The frame holds: what the documents say exists, and nothing names a place of one machine."""

import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from broadcaster.commands.parser import COMMANDS as COMMANDS_OF_BROADCAST

ROOT = Path(__file__).parent.parent
COMMANDS = Path(sys.executable).parent

# In pieces, so that this file does not hold what it looks for.
HOSTS = ["pypi" + ".org", "python" + "hosted.org", "npm" + "js.org", "deb." + "debian.org"]
MACHINE = rf"(?<![\w.])/({'wo' + 'rk'}|{'ro' + 'ot'})/"
FORBIDDEN = re.compile("|".join([*map(re.escape, HOSTS), MACHINE]))

OPTION = re.compile(r"(?<![\w-])--?[a-zA-Z][\w-]*")


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


@cache
def files() -> list[Path]:
    """What is tracked, or would be."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def documents() -> list[str]:
    """All that people read; the rules' texts are read where they end up, in docs/rules."""
    names = [path.relative_to(ROOT).as_posix() for path in files() if path.suffix == ".md"]
    return [name for name in names if not name.startswith("checker/")]


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", read("Makefile"), re.MULTILINE))


def options_in_help(command: str) -> set[str]:
    name, *subcommand = command.split()
    done = subprocess.run(
        [COMMANDS / name, *subcommand, "--help"],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "COLUMNS": "200", "NO_COLOR": "1"},
        check=True,
    )
    lines = re.findall(r"^ {2,4}(-.*?)(?: {2,}|$)", done.stdout, re.MULTILINE)
    return {option for line in lines for option in OPTION.findall(line)}


def options_in_document(command: str) -> set[str]:
    """The options that the document of a command names in code, in the command's section."""
    document = "docs/broadcast.md" if command.startswith("broadcast ") else "docs/commands.md"
    [section] = re.findall(
        rf"^## `{command}`$(.*?)(?=^## |\Z)", read(document), re.MULTILINE | re.DOTALL
    )
    entries = re.findall(r"^\| `(-.*?)` \|", section, re.MULTILINE)
    return {option for entry in entries for option in OPTION.findall(entry)}


def test_no_file_names_a_registry_or_a_place_of_one_machine() -> None:
    assert len(files()) > 20
    faults = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in files()
        if (match := FORBIDDEN.search(path.read_text("utf-8", errors="replace")))
    ]
    assert faults == []


@pytest.mark.parametrize("command", ["make demo", "make test", "make check URL="])
def test_the_readme_names_its_commands(command: str) -> None:
    assert command in read("README.md")


def test_ci_runs_the_command_of_the_readme() -> None:
    assert "for target in test endpoints; do\n" in read(".ci/run")


def test_every_make_target_that_a_document_names_exists() -> None:
    for name in documents():
        code = "\n".join(re.findall(r"```.*?```|`[^`\n]+`", read(name), re.DOTALL))
        named = set(re.findall(r"(?:^|[`$&;] ?)make ([a-z]+)", code, re.MULTILINE))
        assert named <= make_targets(), name


def test_make_help_lists_every_target() -> None:
    done = subprocess.run(["make"], cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
    assert set(re.findall(r"^make ([a-z]+) ", done.stdout, re.MULTILINE)) == make_targets()


def test_every_link_within_the_project_leads_somewhere() -> None:
    for name in documents():
        folder = (ROOT / name).parent
        links = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", read(name))
        assert [link for link in links if not folder.joinpath(link).exists()] == [], name


@pytest.mark.parametrize(
    "command",
    [
        "broadcast-check",
        "broadcast-mock",
        "broadcast-mock line",
        "broadcast-mock referee",
        "broadcast",
        *(f"broadcast {name}" for name in COMMANDS_OF_BROADCAST),
    ],
)
def test_every_option_is_documented_and_every_documented_one_exists(command: str) -> None:
    assert options_in_document(command) == options_in_help(command)


def test_the_lock_files_hold_hashes_for_every_package() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        entries = re.split(r"^(?=[\w.-]+==)", path.read_text("utf-8"), flags=re.MULTILINE)
        assert [entry for entry in entries[1:] if entry.count("--hash=sha256:") < 2] == []


def test_without_a_python_the_installation_says_one_sentence(tmp_path: Path) -> None:
    done = subprocess.run(
        ["sh", ROOT / "requirements" / "install.sh", tmp_path / "env", "none.txt"],
        env={**os.environ, "PYTHON": "no-such-python"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert re.fullmatch(r"This needs Python 3\.11 or newer, .*\n", done.stderr)
