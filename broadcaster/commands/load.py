"""`broadcast load`: an endpoint's or a file's rows into the store, whole or not to be sent."""

import argparse
import json
import os
import shlex
import shutil
import sys
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

from broadcaster import exits
from broadcaster.channels.base import Quota
from broadcaster.channels.stored_channel import printable_spec
from broadcaster.commands.send_options import ChannelOptions, add_via, channel_options_of
from broadcaster.commands.store_option import open_store_of
from broadcaster.errors import WrongCommand
from broadcaster.loading.contacts_text import EncodingUnsure
from broadcaster.loading.csv_source import config_for_file
from broadcaster.loading.loader import Loader, LoadResult
from broadcaster.model import Broadcast, BroadcastState, StopCause
from broadcaster.status import status_document
from broadcaster.store import Store
from broadcaster.terminal.confirm import confirmed
from broadcaster.terminal.load_words import (
    blocked_words,
    findings_words,
    preview_lines,
    ready_words,
)
from checker import plural
from checker.api import (
    Config,
    Endpoint,
    ProgressLine,
    Style,
    add_request_options,
    add_settings_options,
    as_document,
    render,
    request_config,
)

__all__ = [
    "HELP",
    "ChannelPreview",
    "add_arguments",
    "add_target",
    "config_of",
    "load",
    "print_result",
    "run",
]

HELP = "load an endpoint or a contacts file, and check whether it can be sent"

_FILE_ENDINGS = frozenset({".csv", ".tsv", ".txt", ".xlsx", ".xls"})
_OF_ENDPOINTS = ("header", "header_file", "header_env", "token_param")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelPreview:
    """The channel that a load is for, and what is left of its quota."""

    channel: ChannelOptions
    quota: Quota | None
    rate: float | None = None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    add_target(parser)
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    add_via(
        parser, explained="channel it will be sent by: apply its rules, show duration and quota"
    )


def add_target(parser: argparse.ArgumentParser) -> None:
    """What is to be loaded, and how."""
    parser.add_argument(
        "target",
        metavar="URL|FILE",
        help="URL of the endpoint, its name in the settings file, or a contacts file (.csv, .xlsx) "
        "with the columns uid and msg",
    )
    parser.add_argument(
        "--new", action="store_true", help="start a new load instead of resuming an interrupted one"
    )
    parser.add_argument(
        "--encoding",
        metavar="NAME",
        default="",
        help="encoding of a contacts file, such as cp874 (default: find out, and ask if unsure)",
    )
    add_settings_options(parser)
    add_request_options(parser)


def run(options: argparse.Namespace) -> int:
    """Load, and say how it ended."""
    if options.multicast and options.via is None:
        raise WrongCommand("--multicast needs --via line.")
    channel_options = None if options.via is None else channel_options_of(options)
    config = config_of(options, channel_options)
    with closing(open_store_of(options)) as store:
        preview = (
            None
            if channel_options is None
            else ChannelPreview(channel=channel_options, quota=channel_options.quota())
        )
        return print_result(load(store, options, config), options, preview)


def config_of(options: argparse.Namespace, channel_options: ChannelOptions | None) -> Config:
    """What is to be loaded. Raises WrongCommand, UsageError.

    It is judged by every rule: what a settings file ignores is for checks alone, since the people
    behind the rows would feel it.
    """
    row_format = None if channel_options is None else channel_options.make().row_format
    path = Path(options.target)
    if options.encoding and not _is_file(options.target):
        raise WrongCommand("--encoding cannot be used with an endpoint: it is for a contacts file.")
    if not _is_file(options.target):
        config = request_config(options, options.target)
        if config.channel is None:
            config = replace(config, channel=row_format)
        return replace(config, select=(), ignore=(), ignore_reasons=(), load=0, show_data=False)
    if any(getattr(options, name) for name in _OF_ENDPOINTS):
        raise WrongCommand(
            "Headers and --token-param cannot be used with a file: they are for an endpoint."
        )
    config = _config_for_file(path, options.channel or row_format, options.encoding)
    # the whole path, so that another file of this name is never taken for the same
    whole = quote(str(path.resolve()), safe="/")
    return replace(config, endpoint=Endpoint.parse(f"http://localhost{whole}"))


def _is_file(target: str) -> bool:
    if "://" in target:
        return False
    return Path(target).suffix.lower() in _FILE_ENDINGS or os.sep in target


def _config_for_file(path: Path, channel: str | None, encoding: str) -> Config:
    """Asks at a terminal when the encoding is a guess."""
    try:
        return config_for_file(path, channel=channel, encoding=encoding)
    except EncodingUnsure as guess:
        if sys.stdin is None or not sys.stdin.isatty():
            raise
        question = f"The file is not UTF-8. It looks like {guess.label}: {guess.sample}. Right?"
        if not confirmed(question, yes=False):
            raise
        return config_for_file(path, channel=channel, encoding=guess.encoding)


def load(store: Store, options: argparse.Namespace, config: Config) -> LoadResult:
    """Load, with a progress line on a terminal."""
    loader = Loader(store)
    source = "api" if config.sender is None else "file"
    broadcast = loader.find_or_create(config, new=options.new, source=source)
    width = shutil.get_terminal_size().columns
    progress = ProgressLine(sys.stderr, width) if sys.stderr.isatty() else None
    return loader.load(broadcast, config, progress, begun=_announce_resume)


def _announce_resume(broadcast: Broadcast) -> None:
    if broadcast.pages:
        place = (
            f"row {broadcast.rows:,}" if broadcast.source == "file" else f"page {broadcast.pages:,}"
        )
        sys.stderr.write(f"Resuming after {place} ({broadcast.id}).\n")


def print_result(
    result: LoadResult,
    options: argparse.Namespace,
    preview: ChannelPreview | None,
    *,
    sends: bool = False,
) -> int:
    """Print how it ended; the exit status. `sends`: it is sent right away, if it can be."""
    broadcast = result.broadcast
    ready = broadcast.state is BroadcastState.READY
    if options.json and not (sends and ready):
        document = status_document(broadcast) | {"check": as_document(result.report)}
        sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    if broadcast.state is BroadcastState.LOADING:
        sys.stderr.write(
            f"broadcast: interrupted after {plural(broadcast.pages, 'page')}; "
            "run the same command again to resume.\n"
        )
        return exits.INTERRUPTED
    if not options.json or sends:
        # with JSON or messages on the standard output, the words go beside it
        prints = options.json or options.via == "console"
        out = sys.stderr if sends and prints else sys.stdout
        out.write(_ready(result, options, preview, sends=sends) if ready else _blocked(result))
        out.flush()
    return exits.OK if ready else exits.NOT_ALL


def _ready(
    result: LoadResult, options: argparse.Namespace, preview: ChannelPreview | None, *, sends: bool
) -> str:
    preview_lines_of_channel, via = [], "CHANNEL"
    if preview is not None:
        channel = preview.channel.make()
        via = printable_spec(channel) or via
        rows, rate = result.broadcast.rows, preview.rate
        preview_lines_of_channel = preview_lines(channel, preview.quota, rows=rows, rate=rate)
    more = " --multicast" if options.multicast else ""
    command = f"broadcast send {result.broadcast.id} --via {shlex.quote(via)}{more}"
    return ready_words(result.broadcast, preview_lines_of_channel, None if sends else command)


def _blocked(result: LoadResult) -> str:
    if result.broadcast.source == "file":
        return findings_words(result.report) + blocked_words(result.broadcast)
    if result.broadcast.cause is StopCause.CHANGED:
        return blocked_words(result.broadcast)
    color = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    style = Style(color=color, width=shutil.get_terminal_size().columns)
    return render(result.report, "text", style) + blocked_words(result.broadcast)
