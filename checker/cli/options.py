"""The command line of broadcast-check: its options, and the Config that they make."""

import argparse
import os
from collections.abc import Sequence
from typing import NoReturn

from checker.cli.completion import SHELLS, PrintCompletion, add_commands
from checker.cli.request_options import (
    add_request_options,
    add_settings_options,
    asked_of,
    given_settings,
    usage_sentence,
)
from checker.core.config import Config
from checker.core.errors import UsageError
from checker.reports import FORMATS
from checker.settings.configs import every_config, one_config
from schemas import __version__

__all__ = ["all_configs_of", "command_parser", "config_of", "given_settings", "parse_options"]

_EPILOG = """\
other commands:
  broadcast-check explain RULE       a rule's page: why it matters, how to fix it
  broadcast-check rules              every rule
  broadcast-check example [STACK]    a complete endpoint in your language; without STACK, the list
  broadcast-check diff OLD NEW       what is new and what is fixed between two JSON reports

settings also come from broadcast-check.toml, [tool.broadcast-check] in pyproject.toml, and
variables such as BROADCAST_CHECK_TIMEOUT; the options of the command override all of them

exit status: 0 pass, 1 fail, 2 wrong command, 3 the checker itself failed, 130 interrupted
"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(usage_sentence(message, "broadcast-check"))


def parse_options(argv: Sequence[str]) -> argparse.Namespace:
    """Raises UsageError for a wrong option, SystemExit after --help and --version."""
    return command_parser().parse_args(argv)


def command_parser(*, completing: bool = False) -> argparse.ArgumentParser:
    """The parser of a check; for a shell's completion with the other commands, too."""
    parser = _Parser(
        prog="broadcast-check",
        description="Crawl an endpoint, find what breaks the contract, and say what to change.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    if completing:
        add_commands(parser)
    else:
        parser.add_argument(
            "url",
            metavar="URL",
            nargs="?",
            help="the endpoint, http:// or https://, or its name in the settings file",
        )
    parser.add_argument("--version", action="version", version=f"broadcast-check {__version__}")
    parser.add_argument(
        "--print-completion",
        action=PrintCompletion,
        choices=SHELLS,
        build=lambda: command_parser(completing=True),
        help="print the script with which this shell completes the command",
    )
    settings = add_settings_options(parser)
    settings.add_argument("--all", action="store_true", help="check every endpoint in it")
    settings.add_argument(
        "--queue",
        action="store_true",
        help="with --all: let workers check them (see: broadcast worker)",
    )
    add_request_options(parser)
    _add_probing_options(parser)
    _add_offline_options(parser)
    _add_judging_options(parser)
    _add_output_options(parser)
    return parser


def _add_offline_options(parser: _Parser) -> None:
    group = parser.add_argument_group("recordings")
    group.add_argument(
        "--record",
        metavar="FILE",
        help="write all requests and responses to a HAR file, secrets and data masked",
    )
    group.add_argument(
        "--replay",
        metavar="FILE",
        help="judge a HAR file of --record or of a browser; send nothing",
    )
    group.add_argument(
        "--page",
        action="append",
        default=[],
        metavar="FILE",
        help="judge a saved response body; repeat it for each page, in order",
    )


def _add_probing_options(parser: _Parser) -> None:
    group = parser.add_argument_group("further requests")
    group.add_argument(
        "--probe-method",
        action="append",
        default=[],
        metavar="METHOD",
        help="also probe this method (default: POST alone); repeatable",
    )
    group.add_argument(
        "--load",
        type=int,
        metavar="N",
        help="also run N crawls at once, of a few pages each (default: 0)",
    )


def _add_judging_options(parser: _Parser) -> None:
    group = parser.add_argument_group("the verdict")
    group.add_argument(
        "--strict",
        action=argparse.BooleanOptionalAction,
        help="also fail for a warning (default: no)",
    )
    group.add_argument(
        "--slow-page",
        type=float,
        metavar="SECONDS",
        help="call pages slow that take longer (default: 2)",
    )
    group.add_argument(
        "--select",
        action="append",
        default=[],
        metavar="RULES",
        help="report only these rules: ids, names or families, separated by commas",
    )
    group.add_argument(
        "--ignore",
        action="append",
        default=[],
        metavar="RULES",
        help="do not report these rules",
    )
    group.add_argument(
        "--baseline",
        metavar="FILE",
        help="fail only for findings that this JSON report does not have",
    )
    group.add_argument(
        "--write-baseline", metavar="FILE", help="write the current findings as the new baseline"
    )


def _add_output_options(parser: _Parser) -> None:
    group = parser.add_argument_group("the report")
    group.add_argument(
        "--format",
        choices=FORMATS,
        default="text",
        metavar="FORMAT",
        help=f"write the report as {', '.join(FORMATS)} (default: text)",
    )
    group.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help="write the report to this file (default: standard output)",
    )
    group.add_argument(
        "--report",
        action="append",
        default=[],
        metavar="FORMAT=FILE",
        help="also write a report in this format to this file; repeatable",
    )
    group.add_argument("--show-data", action="store_true", help="do not mask customers' data")
    group.add_argument(
        "-q",
        "--quiet",
        action="store_true",
        help="show no progress, and of a text report only the verdict",
    )
    group.add_argument(
        "-v",
        "--verbose",
        action="store_true",
        help="list the rules that were not judged, and every info",
    )
    group.add_argument("--no-color", action="store_true", help="print without colors")


def config_of(options: argparse.Namespace) -> Config:
    """The one check that is asked for. Raises UsageError."""
    if options.url is None:
        raise UsageError(
            "Give the endpoint's URL, its name in the settings file, or --all; "
            "see broadcast-check --help."
        )
    return one_config(asked_of(options, options.url), os.environ)


def all_configs_of(options: argparse.Namespace) -> dict[str, Config]:
    """The checks that --all asks for, by the endpoints' names. Raises UsageError."""
    if options.url is not None:
        raise UsageError("--all takes no URL: it checks every endpoint of the settings file.")
    return every_config(asked_of(options, ""), os.environ)
