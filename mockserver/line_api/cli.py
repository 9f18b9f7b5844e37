"""The command `broadcast-mock line`: turns options into a running stand-in."""

import sys
from collections.abc import Sequence

from mockserver.errors import MockError
from mockserver.line_api.options import config_of, line_parser
from mockserver.line_api.server import LineServer
from mockserver.serving.foreground import serve_until_signal

__all__ = ["main"]


def main(arguments: Sequence[str]) -> int:
    """Run the command and return its exit status: 0, 2 (wrong command) or 130 (interrupted)."""
    try:
        options = line_parser().parse_args(arguments)
    except SystemExit as leaving:  # argparse has said why
        return leaving.code if isinstance(leaving.code, int) else 2
    try:
        server = LineServer(config_of(options), options.host, options.port)

        def announce() -> None:
            print(server.url, flush=True)
            hint = f"What each user received: {server.url}/    Stop with Ctrl-C."
            print(hint, file=sys.stderr)

        return serve_until_signal(server, announce)
    except MockError as error:
        print(f"broadcast-mock line: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:  # before it serves
        print("broadcast-mock line: interrupted.", file=sys.stderr)
        return 130
