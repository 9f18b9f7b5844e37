"""The command line of broadcast-check: its options, and the Config that they make."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from checker.completion import SHELLS, PrintCompletion, add_commands
from checker.config import Config, parse_header, parse_headers
from checker.errors import UsageError
from checker.model import Headers
from checker.reports import FORMATS
from checker.settings.choosing import Asked, every_config, one_config
from checker.settings.variables import SETTINGS
from schemas import CHANNELS, __version__

__all__ = ["all_configs_of", "command_parser", "config_of", "given_settings", "parse_options"]

_DESTINATIONS = {"probe-methods": "probe_method"}

_EPILOG = """\
other commands:
  broadcast-check explain RULE       a rule's page: why it matters, how to fix it
  broadcast-check rules              every rule
  broadcast-check diff OLD NEW       what is new and what is fixed between two JSON reports

settings also come from broadcast-check.toml, [tool.broadcast-check] in pyproject.toml, and
variables such as BROADCAST_CHECK_TIMEOUT; what stands in the command goes before all of them

exit status: 0 pass, 1 fail, 2 the command was wrong, 3 the checker itself failed, 130 interrupted
"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        if message.startswith("unrecognized arguments"):
            raise UsageError(_too_many_words(message))
        raise UsageError(f"{message[:1].upper()}{message[1:]}; see broadcast-check --help.")


def _too_many_words(message: str) -> str:
    """Names only what is an option: a word too many may be a part of a header without quotes."""
    words = message.partition(":")[2].split()
    options = [word.partition("=")[0] for word in words if word.startswith("--")]
    if options:
        return f"There is no option {' '.join(options)}; see broadcast-check --help."
    return "There are words too many; put a header in quotes, as in -H 'Name: value'."


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
            "url", metavar="URL", nargs="?",
            help="the endpoint, http:// or https://, or its name in the settings file",
        )  # fmt: skip
    parser.add_argument("--version", action="version", version=f"broadcast-check {__version__}")
    parser.add_argument(
        "--print-completion", action=PrintCompletion, choices=SHELLS,
        build=lambda: command_parser(completing=True),
        help="print the script by which this shell completes the command",
    )  # fmt: skip
    _add_settings_options(parser)
    _add_request_options(parser)
    _add_offline_options(parser)
    _add_judging_options(parser)
    _add_output_options(parser)
    return parser


def _add_settings_options(parser: _Parser) -> None:
    group = parser.add_argument_group("the settings file")
    group.add_argument("--all", action="store_true", help="check every endpoint that it names")
    group.add_argument("--config", metavar="FILE",
                       help="this file, instead of the one that is found")  # fmt: skip
    group.add_argument("--no-config", action="store_true", help="no settings file")


def _add_offline_options(parser: _Parser) -> None:
    group = parser.add_argument_group("recordings")
    group.add_argument("--record", metavar="FILE",
                       help="write all that is sent and received as HAR, masked")  # fmt: skip
    group.add_argument("--replay", metavar="FILE",
                       help="judge a HAR, ours or a browser's, and send nothing")  # fmt: skip
    group.add_argument("--page", action="append", default=[], metavar="FILE",
                       help="judge a saved body; repeat for the pages in their order")  # fmt: skip


def _add_request_options(parser: _Parser) -> None:
    group = parser.add_argument_group("the requests")
    group.add_argument(
        "-H", "--header", action="append", default=[], metavar="'NAME: VALUE'",
        help="a request header; repeatable",
    )  # fmt: skip
    group.add_argument(
        "--header-file", action="append", default=[], metavar="FILE",
        help="headers from a file, one 'Name: value' a line",
    )  # fmt: skip
    group.add_argument(
        "--header-env", action="append", default=[], metavar="NAME=VAR",
        help="the header NAME with the value of the environment variable VAR",
    )  # fmt: skip
    group.add_argument(
        "--token-param", metavar="NAME",
        help="the query parameter that carries the token (default: next)",
    )  # fmt: skip
    group.add_argument("--timeout", type=float, metavar="SECONDS",
                       help="for one whole request (default: 30)")  # fmt: skip
    group.add_argument("--retries", type=int, metavar="N",
                       help="after a failure, 429, 502, 503 or 504 (default: 2)")  # fmt: skip
    group.add_argument("--max-pages", type=int, metavar="N",
                       help="the page budget (default: 100000)")  # fmt: skip
    group.add_argument(
        "--ca-bundle", metavar="FILE", help="certificates of a private authority, PEM"
    )
    group.add_argument("--body-limit", type=int, metavar="BYTES",
                       help="a larger body is not read (default: 16777216)")  # fmt: skip
    group.add_argument("--probes", action=argparse.BooleanOptionalAction,
                       help="send more than the plain crawl (default: yes)")  # fmt: skip
    group.add_argument("--probe-method", action="append", default=[], metavar="METHOD",
                       help="probe this method, too, beside POST; repeatable")  # fmt: skip
    group.add_argument("--load", type=int, metavar="N",
                       help="also run N crawls at once, of a few pages each")  # fmt: skip


def _add_judging_options(parser: _Parser) -> None:
    group = parser.add_argument_group("the judgement")
    group.add_argument(
        "--channel", metavar="NAME", help=f"judge by a channel: {', '.join(CHANNELS)}"
    )
    group.add_argument("--strict", action=argparse.BooleanOptionalAction,
                       help="fail for a warning, too (default: no)")  # fmt: skip
    group.add_argument("--slow-page", type=float, metavar="SECONDS",
                       help="pages that take longer are slow (default: 2)")  # fmt: skip
    group.add_argument("--select", action="append", default=[], metavar="RULES",
                       help="report only these: ids, names or families, by commas")  # fmt: skip
    group.add_argument("--ignore", action="append", default=[], metavar="RULES",
                       help="leave these out")  # fmt: skip
    group.add_argument("--baseline", metavar="FILE",
                       help="fail only for what this JSON report does not know")  # fmt: skip
    group.add_argument("--write-baseline", metavar="FILE",
                       help="write what is found, to be known from now on")  # fmt: skip


def _add_output_options(parser: _Parser) -> None:
    group = parser.add_argument_group("the report")
    group.add_argument("--format", choices=FORMATS, default="text", metavar="FORMAT",
                       help=f"{', '.join(FORMATS)} (default: text)")  # fmt: skip
    group.add_argument("-o", "--output", metavar="FILE", help="write the report to a file")
    group.add_argument("--report", action="append", default=[], metavar="FORMAT=FILE",
                       help="one more report, to a file; repeatable")  # fmt: skip
    group.add_argument("--show-data", action="store_true", help="do not mask customers' data")
    group.add_argument("-q", "--quiet", action="store_true",
                       help="no progress, and of a text report the verdict only")  # fmt: skip
    group.add_argument("--no-color", action="store_true", help="no colors")


def config_of(options: argparse.Namespace) -> Config:
    """The one check that is asked for. Raises UsageError."""
    if options.url is None:
        raise UsageError(
            "Give the endpoint's URL, its name in the settings file, or --all; "
            "see broadcast-check --help."
        )
    return one_config(_asked(options), os.environ)


def all_configs_of(options: argparse.Namespace) -> dict[str, Config]:
    """The checks that --all asks for, by the endpoints' names. Raises UsageError."""
    if options.url is not None:
        raise UsageError("--all checks every endpoint of the settings file; leave the URL out.")
    return every_config(_asked(options), os.environ)


def _asked(options: argparse.Namespace) -> Asked:
    return Asked(
        target=options.url or "",
        given=given_settings(options),
        headers=_headers(options),
        file=options.config,
        use_file=not options.no_config,
        show_data=options.show_data,
    )


def given_settings(options: argparse.Namespace) -> dict[str, Any]:
    """The settings that the command line gives, by the names that they have in the file."""
    given = {}
    for setting in SETTINGS:
        name = _DESTINATIONS.get(setting, setting.replace("-", "_"))
        value = getattr(options, name)
        if value is not None and value != []:
            given[setting] = value
    for setting in ("select", "ignore"):
        if setting in given:
            given[setting] = list(_words(given[setting]))
    if "probe-methods" in given:
        given["probe-methods"] = [method.upper() for method in given["probe-methods"]]
    return given


def _words(values: list[str]) -> tuple[str, ...]:
    return tuple(word.strip() for value in values for word in value.split(",") if word.strip())


def _headers(options: argparse.Namespace) -> Headers:
    found = [parse_header(line) for line in options.header]
    for name in options.header_file:
        found += _headers_of_file(name)
    for item in options.header_env:
        header, equals, variable = item.partition("=")
        if not equals:
            raise UsageError("--header-env is given as NAME=VAR, such as Authorization=API_TOKEN.")
        if variable not in os.environ:
            raise UsageError(
                f"The environment variable for the header {header.strip()[:40]!r} (--header-env) "
                "is not set."
            )
        found.append((header.strip(), os.environ[variable]))
    return parse_headers(found)


def _headers_of_file(name: str) -> list[tuple[str, str]]:
    try:
        lines = Path(name).read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise UsageError(f"The header file {name!r} cannot be read as text.") from None
    found = []
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.lstrip().startswith("#"):
            try:
                found.append(parse_header(line))
            except UsageError as error:
                raise UsageError(f"{name}, line {number}: {error}") from None
    return found
