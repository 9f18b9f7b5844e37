"""What a command line says about an endpoint and how to ask it: options that every command which
crawls one has, `broadcast-check` and those of an application that builds on it.
"""

import argparse
import os
import re
from pathlib import Path
from typing import Any

from checker.core.config import Config, parse_header, parse_headers
from checker.core.errors import UsageError
from checker.core.model import Headers
from checker.settings.configs import Asked, one_config
from checker.settings.variables import SETTINGS
from schemas import CHANNELS

__all__ = [
    "add_request_options",
    "add_settings_options",
    "asked_of",
    "given_settings",
    "request_config",
    "usage_sentence",
    "words_too_many",
]

_NAMED = r"argument (?P<name>[^:]+): "
_USAGE = (
    (
        re.compile(_NAMED + r"invalid int value: (?P<value>.*)"),
        "{name} must be a whole number, not {value}",
    ),
    (
        re.compile(_NAMED + r"invalid float value: (?P<value>.*)"),
        "{name} must be a number, not {value}",
    ),
    (
        re.compile(_NAMED + r"invalid choice: .* \(choose from (?P<value>.*)\)"),
        "{name} must be one of {value}",
    ),
    (re.compile(_NAMED + r"expected one argument"), "{name} needs a value"),
)
_DESTINATIONS = {"probe-methods": "probe_method"}


def add_settings_options(parser: argparse.ArgumentParser) -> Any:
    """Adds `--config` and `--no-config`; gives their group, for more of the kind."""
    group = parser.add_argument_group("the settings file")
    group.add_argument(
        "--config",
        metavar="FILE",
        help="read this settings file (default: broadcast-check.toml, here or in a folder above)",
    )
    group.add_argument("--no-config", action="store_true", help="read no settings file")
    return group


def add_request_options(parser: argparse.ArgumentParser) -> None:
    """Adds what is sent with the crawl's requests, within which limits, and for which channel."""
    group = parser.add_argument_group("the requests")
    group.add_argument(
        "-H",
        "--header",
        action="append",
        default=[],
        metavar="'NAME: VALUE'",
        help="send this request header; repeatable",
    )
    group.add_argument(
        "--header-file",
        action="append",
        default=[],
        metavar="FILE",
        help="send the headers of this file, one 'Name: value' a line",
    )
    group.add_argument(
        "--header-env",
        action="append",
        default=[],
        metavar="NAME=VAR",
        help="send the header NAME with the value of the environment variable VAR",
    )
    group.add_argument(
        "--token-param",
        metavar="NAME",
        help="send the token in this query parameter (default: next)",
    )
    group.add_argument(
        "--channel",
        metavar="NAME",
        help=f"judge uid and msg by a channel: {', '.join(CHANNELS)} (default: none)",
    )
    _add_limits(group)


def _add_limits(group: Any) -> None:
    group.add_argument(
        "--timeout",
        type=float,
        metavar="SECONDS",
        help="allow this time for each request as a whole (default: 30)",
    )
    group.add_argument(
        "--retries",
        type=int,
        metavar="N",
        help="retry at most N times after a failure or a status such as 429 or 503 (default: 2)",
    )
    group.add_argument(
        "--delay",
        type=float,
        metavar="SECONDS",
        help="wait between two requests (default: 0)",
    )
    group.add_argument(
        "--max-pages",
        type=int,
        metavar="N",
        help="read at most N pages (default: 100000)",
    )
    group.add_argument(
        "--max-empty-pages",
        type=int,
        metavar="N",
        help="follow at most N empty pages in a row (default: 100)",
    )
    group.add_argument(
        "--ca-bundle",
        metavar="FILE",
        help="also trust the certificates of this PEM file",
    )
    group.add_argument(
        "--body-limit",
        type=int,
        metavar="BYTES",
        help="read at most so many bytes of a body (default: 16777216)",
    )
    group.add_argument(
        "--probes",
        action=argparse.BooleanOptionalAction,
        help="send more requests than the plain crawl (default: yes)",
    )


def request_config(options: argparse.Namespace, target: str) -> Config:
    """The check of one endpoint, by its URL or its name in the settings file. Raises UsageError."""
    return one_config(asked_of(options, target), os.environ)


def asked_of(options: argparse.Namespace, target: str) -> Asked:
    """What the command line says of an endpoint. Raises UsageError for a wrong header."""
    return Asked(
        target=target,
        given=given_settings(options),
        headers=_headers(options),
        file=options.config,
        use_file=not options.no_config,
        show_data=getattr(options, "show_data", False),
    )


def given_settings(options: argparse.Namespace) -> dict[str, Any]:
    """The settings that the command line gives, by the names that they have in the file."""
    given = {}
    for setting in SETTINGS:
        name = _DESTINATIONS.get(setting, setting.replace("-", "_"))
        value = getattr(options, name, None)
        if value is not None and value != []:
            given[setting] = value
    for setting in ("select", "ignore"):
        if setting in given:
            given[setting] = list(_words(given[setting]))
    if "probe-methods" in given:
        given["probe-methods"] = [method.upper() for method in given["probe-methods"]]
    return given


def usage_sentence(message: str, command: str) -> str:
    """What argparse says, as a sentence with what was expected and what to type."""
    if message.startswith("unrecognized arguments"):
        return words_too_many(message, command)
    for pattern, sentence in _USAGE:
        if found := pattern.fullmatch(message):
            named = found["name"].split("/")[-1]
            told = sentence.format(name=named, value=found.groupdict().get("value", ""))
            return f"{told}; see {command} --help."
    return f"{message[:1].upper()}{message[1:]}; see {command} --help."


def words_too_many(message: str, command: str) -> str:
    """A sentence for what argparse calls unrecognized. It shows only options: another word may be
    a part of a secret, in a header without quotes.
    """
    words = message.partition(":")[2].split()
    options = [word.partition("=")[0] for word in words if word.startswith("--")]
    if options:
        return f"Unknown option {' '.join(options)}; see {command} --help."
    return "Unexpected argument. If it is part of a header, quote the header: -H 'Name: value'."


def _words(values: list[str]) -> tuple[str, ...]:
    return tuple(word.strip() for value in values for word in value.split(",") if word.strip())


def _headers(options: argparse.Namespace) -> Headers:
    found = [parse_header(line) for line in options.header]
    for name in options.header_file:
        found += _headers_of_file(name)
    for item in options.header_env:
        header, equals, variable = item.partition("=")
        if not equals:
            raise UsageError("--header-env takes NAME=VAR, such as Authorization=API_TOKEN.")
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
        raise UsageError(
            f"The header file {name!r} (--header-file) cannot be read as UTF-8 text."
        ) from None
    found = []
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.lstrip().startswith("#"):
            try:
                found.append(parse_header(line))
            except UsageError as error:
                raise UsageError(f"{name}, line {number}: {error}") from None
    return found
