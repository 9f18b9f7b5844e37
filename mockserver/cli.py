"""The command `broadcast-mock`: turns options into a running mock.

`broadcast-mock line` and `broadcast-mock referee` have parsers of their own: see
`mockserver.line_api.cli` and `mockserver.referee.cli`.
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
        from mockserver.line_api.cli import (
            main as line,
        )  # imported here because only this mock needs it

        return line(arguments[1:])
    if arguments and arguments[0] == "referee":
        from mockserver.referee.cli import main as referee  # imported here for the same reason

        return referee(arguments[1:])
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
    if any(word.startswith("--pr") for word in arguments):  # building it imports the other mock
        completed = _completed(completed)
    shtab.add_argument_to(parser, parent=completed)
    return parser


def _completed(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """The parser for shell completion: with the other mock, files and fault names."""
    from mockserver.line_api.options import add_options

    line = parser.add_subparsers().add_parser("line", help="a stand-in for LINE")
    add_options(line)
    _complete_values(line)
    _complete_values(parser)
    return parser


def _complete_values(parser: argparse.ArgumentParser) -> None:
    for action in parser._actions:  # argparse and shtab have no public way
        if action.metavar == "FILE":
            setattr(action, "complete", shtab.FILE)  # noqa: B010  the attribute is shtab's
        elif action.dest == "fault" and action.metavar == "NAME[@PAGE]":
            action.choices = list(catalogue())


def _parser_without_completion() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="broadcast-mock",
        description="Serve a correct broadcast endpoint, and a scenario for each fault that "
        "an endpoint can have.",
        epilog="Open the printed address in a browser to see all scenarios. "
        "'broadcast-mock line' is a stand-in for LINE, 'broadcast-mock referee' judges a client: "
        "add --help to each.",
    )
    _add_row_options(parser)
    _add_endpoint_options(parser)
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)"
    )
    parser.add_argument(
        "--port",
        type=int,
        default=_DEFAULT_PORT,
        help=f"port to listen on (default: {_DEFAULT_PORT}; 0: any free port)",
    )
    parser.add_argument("--list", action="store_true", help="list every scenario and exit")
    parser.add_argument("--version", action="version", version=f"broadcast-mock {__version__}")
    return parser


def _add_row_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("rows")
    source = group.add_mutually_exclusive_group()
    source.add_argument(
        "--rows", type=int, metavar="N", help="number of generated rows (default: 1000)"
    )
    source.add_argument(
        "--csv",
        type=Path,
        metavar="FILE",
        help="read rows from a CSV file with the columns uid and msg",
    )
    source.add_argument(
        "--jsonl",
        type=Path,
        metavar="FILE",
        help="read rows from a file with one JSON object (uid, msg) per line",
    )
    source.add_argument(
        "--database", metavar="URL", help="read rows from a database, such as sqlite:///contacts.db"
    )
    group.add_argument("--table", metavar="NAME", help="table to read (required with --database)")
    group.add_argument(
        "--uid-column", default="uid", metavar="NAME", help="column of the uid (default: uid)"
    )
    group.add_argument(
        "--msg-column", default="msg", metavar="NAME", help="column of the msg (default: msg)"
    )
    group.add_argument(
        "--key-column",
        metavar="NAME",
        help="unique column that gives the order (default: the primary key)",
    )


def _add_endpoint_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("endpoint")
    group.add_argument(
        "--page-size",
        type=int,
        default=100,
        metavar="N",
        help=f"rows per page, 1 to {ROW_LIMIT} (default: 100)",
    )
    group.add_argument(
        "--token-param",
        default="next",
        metavar="NAME",
        help="query parameter that carries the token (default: next)",
    )
    group.add_argument(
        "--header",
        action="append",
        default=[],
        metavar="'NAME: VALUE'",
        help="require this request header; repeatable",
    )
    group.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="NAME[@PAGE]",
        help="play this fault on /recipients; repeatable",
    )
    group.add_argument(
        "--latency",
        type=float,
        default=0.0,
        metavar="SECONDS",
        help="wait before each response (default: 0)",
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
        raise BadOption("--table needs --database")
    if options.csv is not None:
        return csv_rows(options.csv)
    if options.jsonl is not None:
        return jsonl_rows(options.jsonl)
    if options.database is not None:
        if options.table is None:
            raise BadOption("--database also needs --table")
        return TableRows(
            options.database,
            options.table,
            uid_column=options.uid_column,
            msg_column=options.msg_column,
            key_column=options.key_column,
        )
    count = 1000 if options.rows is None else options.rows
    if count < 0:
        raise BadOption(f"--rows must be 0 or more, not {count}")
    return GeneratedRows(count)


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip() or not value.strip():
        raise BadOption("--header must be 'Name: value'")
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
        # so that the interpreter does not write, and fail, again when it exits
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):  # the reader has closed the pipe
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
