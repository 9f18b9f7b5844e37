"""The options for a webhook: headers of each request, and which answers count as accepted. They are
never shown and not stored: give them again to resume a broadcast.
"""

import argparse
from collections.abc import Mapping

from broadcaster.errors import WrongCommand
from checker import UsageError
from checker.api import parse_header

__all__ = ["add_webhook_options", "webhook_headers_of"]


def add_webhook_options(parser: argparse.ArgumentParser) -> None:
    """Adds them."""
    group = parser.add_argument_group("webhook")
    group.add_argument(
        "--webhook-header",
        action="append",
        default=[],
        metavar="'NAME: VALUE'",
        help="add a header to each request; repeatable",
    )
    group.add_argument(
        "--webhook-header-env",
        action="append",
        default=[],
        metavar="NAME=VAR",
        help="add the header NAME with the value of the environment variable VAR; repeatable",
    )
    group.add_argument(
        "--webhook-success",
        metavar="EXPR",
        default="",
        help="count an answer as accepted only if its JSON has this member or value, as a JSON "
        "Pointer such as /ok=true; or count this status as accepted, such as 302 "
        "(default: BROADCAST_WEBHOOK_SUCCESS, or else every 2xx without an error in the body)",
    )


def webhook_headers_of(
    options: argparse.Namespace, environ: Mapping[str, str]
) -> list[tuple[str, str]]:
    """What was given; nothing for a command that has no such options. Raises WrongCommand, which
    repeats no value.
    """
    try:
        found = [parse_header(line) for line in getattr(options, "webhook_header", ())]
    except UsageError as error:
        raise WrongCommand(f"--webhook-header: {error}") from None
    for item in getattr(options, "webhook_header_env", ()):
        name, equals, variable = item.partition("=")
        if not equals:
            raise WrongCommand(
                "--webhook-header-env is given as NAME=VAR, such as Authorization=HOOK_TOKEN."
            )
        if variable not in environ:
            raise WrongCommand(
                f"The environment variable for the header {name.strip()[:40]!r} "
                "(--webhook-header-env) is not set."
            )
        found.append((name.strip(), environ[variable]))
    return found
