"""The command `broadcast-check example`: prints a right endpoint in one language."""

import argparse
import difflib
import sys
from pathlib import Path
from typing import NoReturn

from checker.cli import exit_status as exits
from checker.cli.request_options import usage_sentence
from checker.core.errors import UnwrittenError, UsageError
from checker.stacks.examples import EXAMPLES, Example

__all__ = ["command_parser", "example_command"]


def example_command(arguments: list[str]) -> int:
    """`broadcast-check example [STACK] [-o FOLDER]`; gives its exit status.

    Raises UsageError for an unknown stack, UnwrittenError when a file cannot be written.
    """
    options = command_parser().parse_args(arguments)
    if options.stack is None:
        sys.stdout.write(_list())
    elif options.output is None:
        example = _named(options.stack)
        sys.stdout.write(example.read(example.files[0]))
    else:
        sys.stdout.write(_copy(_named(options.stack), Path(options.output)))
    return exits.PASS


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(usage_sentence(message, "broadcast-check example"))


def command_parser() -> argparse.ArgumentParser:
    """The parser of the command."""
    parser = _Parser(
        prog="broadcast-check example",
        description="Print a complete endpoint in your language, or list the languages.",
        allow_abbrev=False,
    )
    parser.add_argument("stack", metavar="STACK", nargs="?", help="the language or framework")
    parser.add_argument(
        "-o",
        "--output",
        metavar="FOLDER",
        help="write the files and their README into this folder (default: print the endpoint)",
    )
    return parser


def _list() -> str:
    lines = [f"{name:18} {example.title}" for name, example in sorted(EXAMPLES.items())]
    return "\n".join([*lines, "", "Print one: broadcast-check example php", ""])


def _named(name: str) -> Example:
    if (example := EXAMPLES.get(name.lower())) is not None:
        return example
    known = {stack: example.name for example in EXAMPLES.values() for stack in example.stacks}
    known |= {name: name for name in EXAMPLES}
    similar = difflib.get_close_matches(name.lower(), known, n=1)
    meant = f" Did you mean {known[similar[0]]}?" if similar else ""
    raise UsageError(
        f"There is no example for {name!r}.{meant} These exist: {', '.join(sorted(EXAMPLES))}."
    )


def _copy(example: Example, folder: Path) -> str:
    files = (*example.files, "README.md")
    if existing := [name for name in files if (folder / name).exists()]:
        raise UsageError(f"{folder / existing[0]} already exists. Give an empty folder with -o.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in files:
            (folder / name).write_text(example.read(name), "utf-8")
    except OSError as error:
        raise UnwrittenError(
            f"The example cannot be written to {folder}: {error.strerror}."
        ) from None
    return f"Wrote {', '.join(files)} to {folder}. README.md says where to put them.\n"
