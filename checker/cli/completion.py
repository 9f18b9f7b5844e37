"""The scripts by which a shell completes the command: its options, files, rules and commands."""

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import Any

from checker.cli.diff import add_arguments
from checker.rules import all_rules
from checker.stacks.examples import EXAMPLES

__all__ = ["SHELLS", "PrintCompletion", "add_commands"]

SHELLS = ("bash", "zsh", "fish", "tcsh", "powershell")


class PrintCompletion(argparse.Action):
    """Prints the script and leaves, as --help does. `build` gives the parser to complete."""

    def __init__(
        self,
        option_strings: Sequence[str],
        dest: str,
        *,
        build: Callable[[], argparse.ArgumentParser],
        **options: Any,
    ) -> None:
        super().__init__(option_strings, dest, default=argparse.SUPPRESS, **options)
        self._build = build

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        import shtab  # here, since it is slow to import and hardly ever needed

        completed = self._build()
        _complete_arguments(completed, shtab.FILE)
        sys.stdout.write(shtab.complete(completed, values) + "\n")
        parser.exit()


def add_commands(parser: argparse.ArgumentParser) -> None:
    """The commands beside the check itself, in place of the URL: for completing only."""
    commands = parser.add_subparsers()
    explain = commands.add_parser("explain", help="a rule's page")
    explain.add_argument("rule", choices=list(all_rules()), help="the rule")
    commands.add_parser("rules", help="every rule")
    example = commands.add_parser("example", help="a complete endpoint in your language")
    example.add_argument("stack", choices=sorted(EXAMPLES), help="the language or framework")
    add_arguments(commands.add_parser("diff", help="what is new and what is fixed"))


def _complete_arguments(parser: argparse.ArgumentParser, files: object) -> None:
    """What each argument takes is told by the name that its value has in the help."""
    for action in parser._actions:  # there is no public way, nor has shtab one
        if action.metavar in ("FILE", "OLD", "NEW"):
            setattr(action, "complete", files)  # noqa: B010  the attribute is shtab's
        elif action.metavar == "RULES":
            action.choices = _rule_words()
        elif isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                _complete_arguments(command, files)


def _rule_words() -> list[str]:
    families = {rule_id.rstrip("0123456789") for rule_id in all_rules()}
    return [*all_rules(), *sorted(families)]
