"""Where the commands begin. Ctrl-C while one still loads what it needs shows no traceback."""

import contextlib
import signal
from collections.abc import Iterator

__all__ = ["broadcast", "check", "mock"]


def check() -> int:
    """`broadcast-check`; gives its exit status."""
    with _ending_at_once():
        from checker.cli.main import main
    return main()


def mock() -> int:
    """`broadcast-mock`; gives its exit status."""
    with _ending_at_once():
        from mockserver.cli import main
    return main()


def broadcast() -> int:
    """`broadcast`; gives its exit status."""
    with _ending_at_once():
        from broadcaster.cli import main
    return main()


@contextlib.contextmanager
def _ending_at_once() -> Iterator[None]:
    """Within it an interrupt does what it does to a program that knows nothing of signals."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.default_int_handler:  # one that is ignored, as after nohup, stays ignored
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
