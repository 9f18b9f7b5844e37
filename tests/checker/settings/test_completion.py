"""The shells' own completion, run in real shells."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import shtab

from checker.cli.completion import SHELLS
from checker.rules import all_rules

COMMANDS = ("broadcast-check", "broadcast-mock", "broadcast")
BIN = Path(sys.executable).parent
TRY = """
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}
complete=$(complete -p "$1"); complete=${complete##*-F }
"${complete%% *}" "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
printf '%s\\n' "${COMPREPLY[@]}"
"""
RequireProgram = Callable[[str, str], Path]


@pytest.fixture(scope="session")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of every command's script for every shell."""
    folder = tmp_path_factory.mktemp("completion")
    for command in COMMANDS:
        for shell in ("bash", "zsh", "fish"):
            done = subprocess.run(
                [BIN / command, "--print-completion", shell],
                capture_output=True,
                check=True,
                encoding="utf-8",
            )
            assert done.stderr == ""
            (folder / f"{command}.{shell}").write_text(done.stdout, "utf-8")
    return folder


def words_in_bash(scripts: Path, *words: str) -> list[str]:
    done = subprocess.run(
        ["bash", "--norc", "-c", TRY, "try", str(scripts / f"{words[0]}.bash"), *words],
        capture_output=True,
        check=True,
        encoding="utf-8",
        cwd=scripts,
    )
    assert done.stderr == ""
    return done.stdout.split()


PAGES = [rule for rule in all_rules() if rule.startswith("PAGE")]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("broadcast-check", ""), ["explain", "rules", "example", "diff"]),
        (("broadcast-check", "ex"), ["explain", "example"]),
        (("broadcast-check", "explain", "PAGE"), PAGES),
        (("broadcast-check", "https://x/", "--select", "PAGE00"), PAGES[:9]),
        (
            ("broadcast-check", "https://x/", "-q", "--ignore", "PE"),
            [
                *(rule for rule in all_rules() if rule.startswith("PERF")),
                "PERF",
            ],
        ),
        (("broadcast-check", "--time"), ["--timeout"]),
        (("broadcast-check", "https://x/", "--no-probes", "--write"), ["--write-baseline"]),
        (("broadcast-check", "--format", "js"), ["json"]),
        (("broadcast-check", "--baseline", "broadcast.b"), ["broadcast.bash"]),
        (("broadcast-check", "--no-strict", "--config", "broadcast.b"), ["broadcast.bash"]),
        (("broadcast-check", "diff", "broadcast.b"), ["broadcast.bash"]),
        (("broadcast-mock", "--fault", "PAGE004"), ["PAGE004"]),
        (("broadcast-mock", "--csv", "broadcast.z"), ["broadcast.zsh"]),
        (("broadcast-mock", "--late"), ["--latency"]),
        (("broadcast-mock", "li"), ["line"]),
        (("broadcast-mock", "line", "--multi"), ["--multicast-rate"]),
        (("broadcast-mock", "line", "--state", "broadcast.z"), ["broadcast.zsh"]),
        (("broadcast", "--vers"), ["--version"]),
        (("broadcast", "re"), ["resume", "retry", "report"]),
        (("broadcast", "send", "--at"), ["--at-least-once"]),
        (("broadcast", "report", "-o", "broadcast.z"), ["broadcast.zsh"]),
    ],
)
def test_bash_completes(scripts: Path, words: tuple[str, ...], expected: list[str]) -> None:
    assert words_in_bash(scripts, *words) == expected


def test_fish_completes(scripts: Path, require_program: RequireProgram, tmp_path: Path) -> None:
    fish = require_program("fish", "apt-get install fish")

    def words(line: str) -> list[str]:
        script = scripts / f"{line.split()[0]}.fish"
        done = subprocess.run(
            [fish, "--no-config", "-c", f"source {script}; complete -C {line!r}"],
            capture_output=True,
            check=True,
            encoding="utf-8",
            env={**os.environ, "HOME": str(tmp_path)},
        )
        return [shown.split("\t")[0] for shown in done.stdout.splitlines()]

    assert words("broadcast-check explain PAGE") == PAGES
    assert words("broadcast-check --time") == ["--timeout"]
    assert words("broadcast-mock --late") == ["--latency"]
    assert words("broadcast-mock line --multi") == ["--multicast-rate"]
    assert words("broadcast --vers") == ["--version"]


def test_zsh_takes_the_scripts(
    scripts: Path, require_program: RequireProgram, tmp_path: Path
) -> None:
    zsh = require_program("zsh", "apt-get install zsh")
    for command in COMMANDS:
        (tmp_path / f"_{command}").write_text((scripts / f"{command}.zsh").read_text("utf-8"))
    code = f"fpath=({tmp_path} $fpath); autoload -Uz compinit; compinit -D -u; "
    for command in COMMANDS:
        done = subprocess.run(
            [zsh, "-f", "-c", f"{code} autoload +X _{command} && print $_comps[{command}]"],
            capture_output=True,
            check=True,
            encoding="utf-8",
        )
        assert (done.stdout, done.stderr) == (f"_{command}\n", "")


def test_a_shell_that_is_not_known_is_refused() -> None:
    done = subprocess.run(
        [BIN / "broadcast-check", "--print-completion", "cmd"],
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1


def test_the_shells_are_those_that_are_supported() -> None:
    assert set(SHELLS) == set(shtab.SUPPORTED_SHELLS)
