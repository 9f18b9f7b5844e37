"""The command line of `broadcast`: its commands, and which module does what is asked."""

import argparse
import difflib
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import NoReturn

from broadcaster.channels import channel_help
from broadcaster.errors import WrongCommand
from checker.api import SHELLS, PrintCompletion, words_too_many
from schemas import __version__

__all__ = ["COMMANDS", "command_parser", "parse"]

COMMANDS = {
    "load": "load",
    "send": "send",
    "run": "run",
    "status": "status",
    "list": "list_all",
    "pause": "pause",
    "rate": "rate",
    "resume": "resume",
    "cancel": "cancel",
    "retry": "retry",
    "report": "report",
    "forget": "forget",
    "worker": "worker",
    "workers": "workers",
    "migrate": "migrate",
    "serve": "serve",
    "checks": "checks",
}
"""Each command's module."""

_WITH_CHANNEL = frozenset({"load", "send", "run", "retry", "resume", "worker"})
_EPILOG = """\
broadcast COMMAND --help shows the options of a command; see also docs/broadcast.md

exit status: 0 all done, 1 not all accepted or not possible now, 2 the command was wrong,
3 the store or the broadcaster failed, 130 interrupted
"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        if message.startswith("unrecognized arguments"):
            raise WrongCommand(words_too_many(message, self.prog))
        raise WrongCommand(f"{message[:1].upper()}{message[1:]}; see {self.prog} --help.")


def parse(arguments: list[str]) -> Callable[[], int]:
    """What does the command. Raises WrongCommand, and SystemExit after --help and --version."""
    if not arguments:
        command_parser([]).print_help()
        raise WrongCommand("Give a command, such as: broadcast load URL.")
    name = arguments[0]
    if not name.startswith("-") and name not in COMMANDS:
        raise WrongCommand(_unknown(name))
    options = command_parser([name]).parse_args(arguments)
    module = _module(name)

    def command() -> int:
        status: int = module.run(options)
        return status

    return command


def command_parser(names: list[str] | None = None) -> argparse.ArgumentParser:
    """The parser of all commands, or of those of these names: what is not needed is not loaded."""
    parser = _Parser(
        prog="broadcast",
        description="Load the messages of an endpoint or a contacts file, and send each one once.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    parser.add_argument(
        "--print-completion",
        action=PrintCompletion,
        choices=SHELLS,
        build=command_parser,
        help="print a completion script for this shell",
    )
    whole = names is None or not set(names) & set(COMMANDS)
    commands = parser.add_subparsers(metavar="COMMAND", title="commands", required=True)
    for name in COMMANDS if whole or names is None else names:
        module = _module(name)
        one = commands.add_parser(
            name,
            help=module.HELP,
            description=f"{module.HELP[0].upper()}{module.HELP[1:]}.",
            epilog=channel_help() if name in _WITH_CHANNEL else None,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        module.add_arguments(one)
        one.add_argument(
            "--store",
            metavar="URL",
            help="store to use: sqlite:///PATH or postgresql://… (default: BROADCAST_STORE)",
        )
    return parser


def _module(name: str) -> ModuleType:
    return import_module(f"broadcaster.commands.{COMMANDS[name]}")


def _unknown(word: str) -> str:
    """Never repeats the word, which may hold a secret."""
    if "://" in word or word.endswith(".csv"):
        return "Give a command first, such as: broadcast load URL."
    near = difflib.get_close_matches(word.lower(), COMMANDS, n=1)
    guess = f" Did you mean: broadcast {near[0]}?" if near else ""
    return f"Unknown command.{guess} Commands: {', '.join(COMMANDS)}."
