"""Complete endpoints in customers' languages, and `broadcast-check example`, which prints them."""

import argparse
import difflib
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import NoReturn

from checker import exits
from checker.errors import UnwrittenError, UsageError

__all__ = ["EXAMPLES", "Example", "example_command", "example_for"]


@dataclass(frozen=True)
class Example:
    """An endpoint in one language: its title, and the files to copy, the endpoint itself first."""

    name: str
    title: str
    files: tuple[str, ...]
    stacks: tuple[str, ...]  # beginnings of what a report calls the framework or language

    def read(self, file: str) -> str:
        """The text of a file of the example. Raises OSError where the files are missing."""
        return (_folder() / self.name / file).read_text("utf-8")


# Frameworks come before their languages: example_for takes the first that fits.
EXAMPLES = {
    example.name: example
    for example in (
        Example("laravel", "Laravel", ("RecipientsController.php", "api.php"), ("laravel",)),
        Example("django", "Django REST framework", ("recipients.py", "models.py"), ("django",)),
        Example(
            "fastapi",
            "Python with FastAPI",
            ("recipients.py", "requirements.txt"),
            ("fastapi", "starlette", "uvicorn"),
        ),
        Example(
            "flask",
            "Python with Flask",
            ("recipients.py", "requirements.txt"),
            ("flask", "werkzeug", "python"),
        ),
        Example(
            "sinatra",
            "Ruby with Sinatra",
            ("recipients.rb", "config.ru"),
            ("sinatra", "rails", "ruby on rails", "ruby"),
        ),
        Example(
            "cloudflare-worker",
            "Cloudflare Workers with D1",
            ("worker.js", "wrangler.toml"),
            ("cloudflare workers",),
        ),
        Example(
            "apps-script", "Google Apps Script, for a sheet", ("Code.gs",), ("google apps script",)
        ),
        Example(
            "express",
            "Node.js with Express",
            ("server.js", "package.json"),
            ("express", "node", "javascript"),
        ),
        Example("go", "Go", ("main.go",), ("go",)),
        Example("java", "Java without a framework", ("Recipients.java",), ("java", "spring")),
        Example("php", "plain PHP", ("recipients.php",), ("php",)),
    )
}


def example_for(stack: Mapping[str, str | None]) -> Example | None:
    """The example for a stack that a report recognized: by framework, else by language."""
    for member in ("framework", "language"):
        name = (stack.get(member) or "").lower()
        for example in EXAMPLES.values():
            if any(name == known or name.startswith(known + " ") for known in example.stacks):
                return example
    return None


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
        raise UsageError(f"{message[:1].upper()}{message[1:]}; see broadcast-check example --help.")


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
        raise UsageError(f"{folder / existing[0]} exists already; give an empty folder.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in files:
            (folder / name).write_text(example.read(name), "utf-8")
    except OSError as error:
        raise UnwrittenError(
            f"The example cannot be written to {folder}: {error.strerror}."
        ) from None
    return f"Wrote {', '.join(files)} to {folder}. README.md says where to put them.\n"


def _folder() -> Traversable:
    """Inside the installed package, or in a checkout, from which the build copies it."""
    installed = resources.files("checker") / "example_endpoints"
    return installed if installed.is_dir() else Path(__file__).parent.parent / "examples/endpoints"
