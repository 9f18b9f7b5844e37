"""The second look of `make mutants`: tries with a real server what the quick tests let live.

Run inside mutmut's folder. Reads the mutants' names from standard input and prints those that live
on. Forks for each, so that what takes long to import is imported once.
"""

import contextlib
import importlib
import io
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

ARGUMENTS = [
    "-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist",
    "-o", "pythonpath=. tests/support", "-o", "timeout=60", "tests/checker/test_check.py",
]  # fmt: skip


def lives(name: str) -> bool:
    """Whether every test passes with this mutant."""
    child = os.fork()
    if child == 0:
        os.environ["MUTANT_UNDER_TEST"] = name
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            outcome = pytest.main(ARGUMENTS)
        os._exit(int(outcome))
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == 0


def main() -> int:
    """Two at a time, as the machine has two cores."""
    names = sys.stdin.read().split()
    with ThreadPoolExecutor(2) as pool:
        for name, survived in zip(names, pool.map(lives, names), strict=True):
            if survived:
                sys.stdout.write(f"{name}\n")
                sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(Path.cwd()))
    importlib.import_module("checker")
    sys.exit(main())
