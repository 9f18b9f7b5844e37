"""The command `broadcast-mock referee`: plays all scenarios to a command, and reports."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from mockserver.errors import BadInput, BadOption, MockError
from mockserver.referee.clients import HEADERS_VARIABLE, STATE_VARIABLE, CommandClient
from mockserver.referee.game import PATIENCE_SECONDS, Judgement, play
from mockserver.referee.reports import FORMATS, table_lines, verdict_line
from mockserver.referee.scenario import Scenario
from mockserver.referee.scenarios import scenarios

__all__ = ["add_options", "main"]

_EPILOG = f"""\
The client prints a line with one JSON object (uid and msg) for each row. It ends with status 0
when it read all data, with another status when it could not. The headers that it must send are
a JSON object in the variable {HEADERS_VARIABLE}. With --resumes the client keeps what it must
remember in the folder that the variable {STATE_VARIABLE} names.

exit status: 0 no error, 1 an error, 2 the command is wrong, 130 interrupted
"""


def main(arguments: Sequence[str]) -> int:
    """Run the command and return its exit status."""
    try:
        return _run(_parser().parse_args(arguments))
    except SystemExit as leaving:  # argparse has said why
        return leaving.code if isinstance(leaving.code, int) else 2
    except MockError as error:
        print(f"broadcast-mock referee: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 2
    except KeyboardInterrupt:
        print("broadcast-mock referee: interrupted.", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="broadcast-mock referee",
        usage="broadcast-mock referee [options] -- CLIENT [ARGUMENT ...] {url}",
        description="Play scenarios to a client that reads broadcast endpoints, and report what it "
        "does wrong.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_options(parser)
    parser.add_argument("client", nargs="*", help="the client's command; {url} is the endpoint")
    return parser


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add all options to a parser."""
    parser.add_argument(
        "--scenario",
        action="append",
        default=[],
        metavar="ID",
        help="play only this scenario, such as CLIENT003; repeatable (default: all)",
    )
    parser.add_argument(
        "--patience",
        type=float,
        default=PATIENCE_SECONDS,
        metavar="SECONDS",
        help=f"stop a client that takes longer for one scenario (default: {PATIENCE_SECONDS:g})",
    )
    parser.add_argument(
        "--resumes",
        action="store_true",
        help="the client goes on where it was after it was killed: play CLIENT032, too "
        "(default: leave it out)",
    )
    parser.add_argument(
        "--format",
        choices=sorted(FORMATS),
        default="table",
        help="what to print: table, json or junit (default: table)",
    )
    parser.add_argument("--output", type=Path, metavar="FILE", help="write to this file instead")
    parser.add_argument("--list", action="store_true", help="list the scenarios and exit")
    parser.add_argument(
        "--explain", metavar="ID", help="print the help page of a scenario and exit"
    )


def _run(options: argparse.Namespace) -> int:
    if options.list:
        for scenario in scenarios().values():
            print(
                f"{scenario.id}  {scenario.name}  [{scenario.severity.value}]  {scenario.summary}"
            )
        return 0
    if options.explain is not None:
        print(_found(options.explain).help, end="")
        return 0
    if not options.client:
        raise BadOption("give the client's command after --, such as: -- python read.py {url}")
    if not any("{url}" in word for word in options.client):
        raise BadOption("the client's command needs {url}, in place of which the address is put")
    if not 0 < options.patience <= 3600:
        raise BadOption(
            f"--patience must be more than 0 and at most 3600, not {options.patience:g}"
        )
    games = [_found(name) for name in options.scenario] or list(scenarios().values())
    if not options.resumes and any(
        game.killed_at_request for game in map(_found, options.scenario)
    ):
        raise BadOption("CLIENT032 kills the client: say with --resumes that it can go on")
    return _report(options, games)


def _found(name: str) -> Scenario:
    try:
        return scenarios()[name.upper()]
    except KeyError:
        raise BadOption(
            f"there is no scenario {name!r}; list them with broadcast-mock referee --list"
        ) from None


def _report(options: argparse.Namespace, games: Sequence[Scenario]) -> int:
    live = options.format == "table" and options.output is None
    judgements: list[Judgement] = []
    client = CommandClient(options.client, resumes=options.resumes)
    for judgement in play(client, games, options.patience):
        judgements.append(judgement)
        if live:
            print("\n".join(table_lines(judgement)), flush=True)
    if live:
        print(f"\n{verdict_line(judgements)}", flush=True)
    elif options.output is None:
        print(FORMATS[options.format](judgements), end="", flush=True)
    else:
        _write(options.output, FORMATS[options.format](judgements))
        print(verdict_line(judgements))
    return 1 if any(judgement.failed for judgement in judgements) else 0


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        raise BadInput(f"{path}: cannot be written ({error.strerror})") from None
