"""The command broadcast-check: chooses what to do, and answers with the exit status.

What a command needs is loaded once the command is chosen: `explain` loads no network.
"""

import signal
import sys
from collections.abc import Sequence

from checker.cli import exit_status as exits
from checker.core.errors import UnwrittenError, UsageError
from checker.output.streams import forget_output, survive_any_streams, written

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Exit status as the contract's section 4 gives it; never a traceback."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if argv is None:
        # a CI server or container that ends the run gets what was found so far, as after Ctrl-C
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    survive_any_streams()
    try:
        return written(_dispatch(arguments))
    except UsageError as error:
        sys.stderr.write(f"broadcast-check: {error}\n")
        return exits.USAGE
    except UnwrittenError as error:
        sys.stderr.write(f"broadcast-check: {error}\n")
        return exits.CRASH
    except KeyboardInterrupt:
        sys.stderr.write("broadcast-check: interrupted.\n")
        return exits.INTERRUPTED
    except BrokenPipeError:
        forget_output()  # the reader has gone, as with `| head`
        return exits.FAIL
    except ModuleNotFoundError:
        raise  # an extra that is not installed: broadcast_commands.py says which
    except Exception as error:  # noqa: BLE001  the last door: a sentence instead of a traceback
        sys.stderr.write(f"broadcast-check: {exits.crash_sentence(error)}\n")
        forget_output()
        return exits.CRASH


def _dispatch(arguments: list[str]) -> int:
    command, rest = (arguments[0], arguments[1:]) if arguments else ("", [])
    if command == "explain":
        return _explain(rest)
    if command == "rules":
        return _list_rules(rest)
    if command == "diff":
        from checker.cli.diff import diff

        return diff(rest)
    if command == "example":
        from checker.cli.example import example_command

        return example_command(rest)
    from checker.cli.check import check_command

    return check_command(arguments)


def _explain(arguments: list[str]) -> int:
    if len(arguments) != 1:
        raise UsageError("Give one rule, such as: broadcast-check explain PAGE004.")
    from checker.rules.help import help_page

    try:
        sys.stdout.write(help_page(arguments[0].upper()))
    except KeyError:
        return _explain_words(arguments)
    return exits.PASS


def _explain_words(arguments: list[str]) -> int:
    """The pages of a name or of a family."""
    from checker.rules import all_rules
    from checker.rules.help import help_page
    from checker.rules.selection import matching

    for rule_id in sorted(matching(arguments, all_rules())):
        sys.stdout.write(help_page(rule_id))
    return exits.PASS


def _list_rules(arguments: list[str]) -> int:
    if arguments:
        raise UsageError("broadcast-check rules takes no arguments.")
    from checker.rules import all_rules

    for rule in all_rules().values():
        sys.stdout.write(f"{rule.id:8} {rule.severity.value:8} {rule.name:24} {rule.summary}\n")
    return exits.PASS
