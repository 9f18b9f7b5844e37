"""Where the commands begin. Ctrl-C while one still loads what it needs shows no traceback, and an
extra that is not installed is one sentence.
"""

import contextlib
import signal
import sys
from collections.abc import Callable, Iterator

__all__ = ["broadcast", "check", "mock"]

_OURS = ("broadcaster", "checker", "mockserver", "schemas")
_EXTRA_OF = {
    "apprise": "apprise",
    "flask_babel": "serve",
    "flask_limiter": "serve",
    "openpyxl": "xlsx",
    "procrastinate": "postgresql",
    "prometheus_client": "serve",
    "psycopg": "postgresql",
    "psycopg_pool": "postgresql",
}
_USAGE = 2


def check() -> int:
    """`broadcast-check`; gives its exit status."""

    def load() -> Callable[[], int]:
        from checker.cli.main import main

        return main

    return _run(load, "broadcast-check", "")


def mock() -> int:
    """`broadcast-mock`; gives its exit status."""

    def load() -> Callable[[], int]:
        from mockserver.cli import main

        return main

    return _run(load, "broadcast-mock", "mock")


def broadcast() -> int:
    """`broadcast`; gives its exit status."""

    def load() -> Callable[[], int]:
        from broadcaster.cli import main

        return main

    extra = "serve" if sys.argv[1:2] == ["serve"] else "broadcast"
    return _run(load, "broadcast", extra)


def _run(load: Callable[[], Callable[[], int]], command: str, extra: str) -> int:
    if sys.argv[1:] == ["--version"]:  # the commonest question needs none of what a command loads
        from schemas import __version__

        sys.stdout.write(f"{command} {__version__}\n")
        return 0
    try:
        with _ending_at_once():
            main = load()
        return main()
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if not missing or missing in _OURS:
            raise
        sys.stderr.write(f"{command}: {_what_to_install(missing, _EXTRA_OF.get(missing, extra))}\n")
        return _USAGE


def _what_to_install(missing: str, extra: str) -> str:
    if not extra:
        return (
            f"the package {missing} is missing, so the installation is damaged; install "
            "broadcast-conformance again."
        )
    return (
        f"this needs the extra {extra} (the package {missing} is missing): "
        f"pip install 'broadcast-conformance[{extra}]'"
    )


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
