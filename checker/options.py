"""The command line of broadcast-check: its options, and the Config that they make."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from checker.config import Config, parse_header, parse_headers
from checker.endpoint import Endpoint
from checker.errors import UsageError
from checker.model import Headers
from schemas import CHANNELS, __version__

__all__ = ["config_of", "parse_options"]

_EPILOG = """\
other commands:
  broadcast-check explain RULE   a rule's page: why it matters, how to fix it
  broadcast-check rules          every rule

exit status: 0 pass, 1 fail, 2 the command was wrong, 3 the checker itself failed, 130 interrupted
"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message[:1].upper()}{message[1:]}; see broadcast-check --help.")


def parse_options(argv: Sequence[str]) -> argparse.Namespace:
    """Raises UsageError for a wrong option, SystemExit after --help and --version."""
    return _parser().parse_args(argv)


def _parser() -> _Parser:
    parser = _Parser(
        prog="broadcast-check",
        description="Crawl an endpoint, find what breaks the contract, and say what to change.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("url", metavar="URL", help="the endpoint, http:// or https://")
    parser.add_argument("--version", action="version", version=f"broadcast-check {__version__}")
    _add_request_options(parser)
    _add_judging_options(parser)
    _add_output_options(parser)
    return parser


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
        "--token-param", default="next", metavar="NAME",
        help="the query parameter that carries the token (default: next)",
    )  # fmt: skip
    group.add_argument("--timeout", type=float, default=30.0, metavar="SECONDS",
                       help="for one whole request (default: 30)")  # fmt: skip
    group.add_argument("--retries", type=int, default=2, metavar="N",
                       help="after a failure, 429, 502, 503 or 504 (default: 2)")  # fmt: skip
    group.add_argument("--max-pages", type=int, default=100_000, metavar="N",
                       help="the page budget (default: 100000)")  # fmt: skip
    group.add_argument(
        "--ca-bundle", metavar="FILE", help="certificates of a private authority, PEM"
    )
    group.add_argument("--no-probes", action="store_true", help="send nothing but the plain crawl")
    group.add_argument("--probe-method", action="append", default=[], metavar="METHOD",
                       help="probe this method, too, beside POST; repeatable")  # fmt: skip
    group.add_argument("--load", type=int, default=0, metavar="N",
                       help="also run N crawls at once, of a few pages each")  # fmt: skip


def _add_judging_options(parser: _Parser) -> None:
    group = parser.add_argument_group("the judgement")
    group.add_argument(
        "--channel", metavar="NAME", help=f"judge by a channel: {', '.join(CHANNELS)}"
    )
    group.add_argument("--strict", action="store_true", help="fail for a warning, too")
    group.add_argument("--select", action="append", default=[], metavar="RULES",
                       help="report only these: ids, names or families, by commas")  # fmt: skip
    group.add_argument("--ignore", action="append", default=[], metavar="RULES",
                       help="leave these out")  # fmt: skip


def _add_output_options(parser: _Parser) -> None:
    group = parser.add_argument_group("the report")
    group.add_argument("--format", choices=("text", "json"), default="text",
                       help="default: text")  # fmt: skip
    group.add_argument("-o", "--output", metavar="FILE", help="write the report to a file")
    group.add_argument("--show-data", action="store_true", help="do not mask customers' data")
    group.add_argument("-q", "--quiet", action="store_true",
                       help="no progress, and of a text report the verdict only")  # fmt: skip
    group.add_argument("--no-color", action="store_true", help="no colors")


def config_of(options: argparse.Namespace) -> Config:
    """Raises UsageError."""
    return Config(
        endpoint=Endpoint.parse(options.url, options.token_param),
        headers=_headers(options),
        channel=options.channel,
        probes=not options.no_probes,
        probe_methods=tuple(method.upper() for method in options.probe_method),
        max_pages=options.max_pages,
        timeout_seconds=options.timeout,
        retries=options.retries,
        ca_bundle=options.ca_bundle,
        load=options.load,
        strict=options.strict,
        select=_words(options.select),
        ignore=_words(options.ignore),
        show_data=options.show_data,
    )


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
            raise UsageError(f"The environment variable {variable!r} (--header-env) is not set.")
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
