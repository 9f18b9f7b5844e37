"""Headers of the user's own for a webhook, as a command says them. Their values are never shown and
not stored: whoever goes on with a broadcast gives them again.
"""

import argparse
from collections.abc import Mapping

from broadcaster.errors import WrongCommand
from checker import UsageError
from checker.embedding import parse_header

__all__ = ["add_webhook_headers", "webhook_headers_of"]


def add_webhook_headers(parser: argparse.ArgumentParser) -> None:
    """Adds them."""
    parser.add_argument(
        "--webhook-header", action="append", default=[], metavar="'NAME: VALUE'",
        help="webhook: a header of each request; repeatable",
    )  # fmt: skip
    parser.add_argument(
        "--webhook-header-env", action="append", default=[], metavar="NAME=VAR",
        help="webhook: the header NAME with the value of the environment variable VAR",
    )  # fmt: skip


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
