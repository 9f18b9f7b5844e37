"""The `broadcast` command: its door, until broadcasting is built."""

import argparse
import sys
from collections.abc import Sequence

import shtab

from schemas import __version__


def main(argv: Sequence[str] | None = None) -> int:
    """Say that broadcasting is not built yet; 2 says that the command cannot be done."""
    parser = argparse.ArgumentParser(
        prog="broadcast",
        description="Broadcasts from an endpoint that broadcast-check has passed. Not built yet.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    shtab.add_argument_to(parser)
    parser.parse_known_args(argv)
    print(
        "broadcast: broadcasting is not built yet; "
        "broadcast-check already tells whether an endpoint is ready for it.",
        file=sys.stderr,
    )
    return 2
