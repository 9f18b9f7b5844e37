"""`broadcast serve`: the window, in a browser."""

import argparse

from broadcaster.web import serving

__all__ = ["HELP", "add_arguments", "run"]

HELP = "run the web interface"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    serving.add_arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Serve until it is interrupted."""
    return serving.serve(options)
