"""Breaks our code on purpose, one place at a time, and sees whether a test notices: `make mutants`.

    make mutants                              everything below, and the survivors with their change
    make mutants ARGS=checker.crawling.crawl           only mutants whose name begins so

Works on a copy in `.build/mutants`, so that nothing of ours is touched, with the tests that need no
network: they are quick enough to be run for each of some thousand mutants. mutmut changes what
stands inside functions; patterns and tables at the top of a module are not its matter.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COPY = ROOT / ".build" / "mutants"
WANTED_PERCENT = 90

MUTATED = (
    "checker/rules/*",
    "checker/crawling/crawl.py",
    "checker/parsing/*",
    "checker/signatures/json_syntax.py",
)
TESTS = ("rules", "parsing", "signatures", "text", "core", "test_laws.py", "conftest.py")
COPIED = ("checker", "schemas", "tests/support", "tests/conftest.py", "pyproject.toml", "README.md")
CONFIG = """
[tool.mutmut]
source_paths = ["checker"]
only_mutate = [{mutated}]
also_copy = ["schemas", "README.md"]
pytest_add_cli_args_test_selection = ["tests/checker"]
pytest_add_cli_args = [
    "-p", "no:cacheprovider", "-p", "no:xdist",
    "-o", "pythonpath=. tests/support", "--hypothesis-profile=mutants",
]
use_git_change_detection = false
"""


def main(argv: Sequence[str] | None = None) -> int:
    """0 when enough of the mutants are killed."""
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="beginnings of mutants' names")
    parser.add_argument("--again", action="store_true", help="go on where a run was interrupted")
    options = parser.parse_args(argv)
    if not options.again:
        make_copy()
    chosen = [f"{name}*" for name in options.names]
    mutmut("run", *chosen)
    fates = fates_of_mutants(options.names)
    return report(fates)


def make_copy() -> None:
    """Our code with the quick tests, and the configuration of mutmut."""
    shutil.rmtree(COPY, ignore_errors=True)
    (COPY / "tests" / "checker").mkdir(parents=True)
    wanted = [*COPIED, *(f"tests/checker/{name}" for name in TESTS)]
    for name in wanted:
        source, target = ROOT / name, COPY / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    mutated = ", ".join(f'"{pattern}"' for pattern in MUTATED)
    with (COPY / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(CONFIG.format(mutated=mutated))


def mutmut(*arguments: str, capture: bool = False) -> str:
    """Run mutmut in the copy; its own words are shown unless they are asked for."""
    done = subprocess.run(
        [sys.executable, "-m", "mutmut", *arguments],
        cwd=COPY,
        env={**os.environ, "CI": "true"},
        stdout=subprocess.PIPE if capture else None,
        encoding="utf-8",
        check=True,
    )
    return done.stdout or ""


def fates_of_mutants(beginnings: Sequence[str]) -> dict[str, str]:
    """Each mutant's name with what became of it."""
    listed = mutmut("results", "--all", "true", capture=True)
    lines = re.findall(r"^\s*(\S+): (.+)$", listed, re.MULTILINE)
    return {
        name: fate.strip()
        for name, fate in lines
        if not beginnings or name.startswith(tuple(beginnings))
    }


def report(fates: dict[str, str]) -> int:
    """Print the survivors with what was changed, and the share of the killed."""
    alive = [name for name, fate in fates.items() if fate in ("survived", "no tests")]
    for name in alive:
        changed = [
            line
            for line in mutmut("show", name, capture=True).splitlines()
            if re.match(r"[-+](?![-+])", line)
        ]
        print(f"\n{name} ({fates[name]})", *changed, sep="\n  ")
    judged = Counter(fates.values())
    percent = 100 * (1 - len(alive) / max(len(fates), 1))
    counts = ", ".join(f"{count} {fate}" for fate, count in judged.most_common())
    print(f"\n{len(fates)} mutants: {counts}. {percent:.1f} % were noticed.")
    return 0 if percent >= WANTED_PERCENT else 1


if __name__ == "__main__":
    sys.exit(main())
