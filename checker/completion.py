"""The scripts by which a shell completes the command: its options, files, rules and commands."""

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import Any

from checker.rules import all_rules

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
        import shtab  # noqa: PLC0415  slow to import, and hardly ever needed

        completed = self._build()
        for action in completed._actions:  # noqa: SLF001  there is no public way, for shtab neither
            if action.metavar == "FILE":
                setattr(action, "complete", shtab.FILE)  # noqa: B010  the attribute is shtab's
            elif action.metavar == "RULES":
                action.choices = _rule_words()
        sys.stdout.write(shtab.complete(completed, values) + "\n")
        parser.exit()


def add_commands(parser: argparse.ArgumentParser) -> None:
    """The commands beside the check itself, in place of the URL: for completing only."""
    commands = parser.add_subparsers()
    explain = commands.add_parser("explain", help="a rule's page")
    explain.add_argument("rule", choices=list(all_rules()), help="the rule")
    commands.add_parser("rules", help="every rule")
    diff = commands.add_parser("diff", help="what is new and what is fixed")
    for name in ("old", "new"):
        diff.add_argument(name, metavar="FILE", help=f"the {name} JSON report")
    diff.add_argument("--format", choices=("text", "json"), help="default: text")
    diff.add_argument("--strict", action="store_true", help="a new warning fails, too")


def _rule_words() -> list[str]:
    families = {rule_id.rstrip("0123456789") for rule_id in all_rules()}
    return [*all_rules(), *sorted(families)]
