"""Asks a person at a terminal."""

import sys

from broadcaster.errors import WrongCommand

__all__ = ["confirmed"]


def confirmed(question: str, *, yes: bool) -> bool:
    """Whether the person says yes, or said so with --yes. Raises WrongCommand when nobody can be
    asked.
    """
    if yes:
        return True
    if sys.stdin is None or not sys.stdin.isatty():
        raise WrongCommand(
            "There is no terminal to ask on: give --yes to continue without a question."
        )
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")
