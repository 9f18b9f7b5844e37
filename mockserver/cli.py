"""The command `broadcast-mock`: options in, a running mock out. No behaviour of its own.

`broadcast-mock line` is another mock with options of its own: `mockserver.line_api.cli`.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import shtab

from mockserver.errors import BadOption, MockError
from mockserver.recipients.config import MockConfig
from mockserver.recipients.data import GeneratedRows, RowSource
from mockserver.recipients.database import TableRows
from mockserver.recipients.faults import catalogue
from mockserver.recipients.row_files import csv_rows, jsonl_rows
from mockserver.recipients.server import MockServer
from mockserver.serving.foreground import serve_until_signal
from schemas import ROW_LIMIT, __version__

__all__ = ["main"]

_DEFAULT_PORT = 8808


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0, 2 (wrong command) or 130 (interrupted)."""
    sys.stdout = sys.stdout or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  closed
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments and arguments[0] == "line":
        from mockserver.line_api.cli import main as line  # here: the other mock needs none of it

        return line(arguments[1:])
    try:
        options = _parser(arguments).parse_args(arguments)
    except SystemExit as leaving:  # argparse has said why
        return leaving.code if isinstance(leaving.code, int) else 2
    try:
        if options.list:
            return _list()
        return _serve(MockServer(_config(options), options.host, options.port))
    except MockError as error:
        print(f"broadcast-mock: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:  # such as while it reads a large file
        print("broadcast-mock: interrupted.", file=sys.stderr)
        return 130


def _parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    parser = _parser_without_completion()
    completed = _parser_without_completion()
    if any(word.startswith("--pr") for word in arguments):  # it loads much, so not in vain
        completed = _completed(completed)
    shtab.add_argument_to(parser, parent=completed)
    return parser


def _completed(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """The parser as a shell completes it: the other mock, files, and the names of faults."""
    from mockserver.line_api.options import add_options

    line = parser.add_subparsers().add_parser("line", help="a stand-in for LINE")
    add_options(line)
    _complete_values(line)
    _complete_values(parser)
    return parser


def _complete_values(parser: argparse.ArgumentParser) -> None:
    for action in parser._actions:  # there is no public way, nor has shtab one
        if action.metavar == "FILE":
            setattr(action, "complete", shtab.FILE)  # noqa: B010  the attribute is shtab's
        elif action.dest == "fault" and action.metavar == "NAME[@PAGE]":
            action.choices = list(catalogue())


def _parser_without_completion() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="broadcast-mock",
        description="Serves a correct broadcast endpoint, and every way to get it wrong.",
        epilog="Open the printed address in a browser to see all scenarios. "
        "'broadcast-mock line' is a stand-in for LINE: 'broadcast-mock line --help'.",
    )
    _add_row_options(parser)
    _add_endpoint_options(parser)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument(
        "--port", type=int, default=_DEFAULT_PORT, help=f"default {_DEFAULT_PORT}; 0: any free one"
    )
    parser.add_argument("--list", action="store_true", help="show every scenario, and leave")
    parser.add_argument("--version", action="version", version=f"broadcast-mock {__version__}")
    return parser


def _add_row_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("rows")
    source = group.add_mutually_exclusive_group()
    source.add_argument("--rows", type=int, metavar="N", help="make up this many (default 1000)")
    source.add_argument("--csv", type=Path, metavar="FILE", help="a file with columns uid and msg")
    source.add_argument("--jsonl", type=Path, metavar="FILE", help="one object of uid, msg a line")
    source.add_argument("--database", metavar="URL", help="such as sqlite:///contacts.db")
    group.add_argument("--table", metavar="NAME", help="the database's table")
    group.add_argument("--uid-column", default="uid", metavar="NAME")
    group.add_argument("--msg-column", default="msg", metavar="NAME")
    group.add_argument(
        "--key-column", metavar="NAME", help="unique, gives the order (default: the primary key)"
    )


def _add_endpoint_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("endpoint")
    group.add_argument(
        "--page-size", type=int, default=100, metavar="N", help=f"1 to {ROW_LIMIT}, default 100"
    )
    group.add_argument(
        "--token-param", default="next", metavar="NAME", help="the query parameter of the token"
    )
    group.add_argument(
        "--header", action="append", default=[], metavar="'NAME: VALUE'", help="ask for this header"
    )
    group.add_argument(
        "--fault", action="append", default=[], metavar="NAME[@PAGE]", help="break /recipients so"
    )
    group.add_argument(
        "--latency", type=float, default=0.0, metavar="SECONDS", help="before each answer"
    )


def _config(options: argparse.Namespace) -> MockConfig:
    return MockConfig(
        rows=_rows(options),
        page_size=options.page_size,
        required_headers=dict(_header(text) for text in options.header),
        token_param=options.token_param,
        faults=tuple(options.fault),
        latency_seconds=options.latency,
    )


def _rows(options: argparse.Namespace) -> RowSource:
    if options.database is None and options.table is not None:
        raise BadOption("--table goes with --database")
    if options.csv is not None:
        return csv_rows(options.csv)
    if options.jsonl is not None:
        return jsonl_rows(options.jsonl)
    if options.database is not None:
        if options.table is None:
            raise BadOption("--database needs --table, too")
        return TableRows(
            options.database,
            options.table,
            uid_column=options.uid_column,
            msg_column=options.msg_column,
            key_column=options.key_column,
        )
    count = 1000 if options.rows is None else options.rows
    if count < 0:
        raise BadOption(f"--rows must not be negative, as {count} is")
    return GeneratedRows(count)


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip() or not value.strip():
        raise BadOption("--header wants 'Name: value'")
    return name.strip(), value.strip()


def _serve(server: MockServer) -> int:
    def announce() -> None:
        print(server.endpoint, flush=True)
        print(f"All scenarios: {server.url}/    Stop with Ctrl-C.", file=sys.stderr)

    return serve_until_signal(server, announce)


def _list() -> int:
    try:
        _print_list()
        sys.stdout.flush()
    except OSError as error:
        # the interpreter must not try, and complain, once more on its way out
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):  # whoever read the list has seen enough
            return 0
        print(f"broadcast-mock: The list cannot be written: {error.strerror}.", file=sys.stderr)
        return 2
    return 0


def _print_list() -> None:
    for fault in catalogue().values():
        print(f"{fault.name}  [{' '.join(fault.rules) or 'nothing'}]  {fault.summary}")
        if not fault.certificate:
            endpoint = fault.endpoint(f"http://127.0.0.1:{_DEFAULT_PORT}")
            print(f"    {fault.command(endpoint)}")
        if fault.note:
            print(f"    {fault.note}")
