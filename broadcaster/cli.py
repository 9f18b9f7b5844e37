"""The command `broadcast`: parses, hands over to the command's module, and answers with the exit
status. No behaviour of its own.
"""

import io
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from broadcaster import exits
from broadcaster.commands.parser import parse
from broadcaster.errors import BroadcastError, NotNow, StoreError
from checker import CheckerError
from checker.embedding import crash_sentence

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """The exit status, as docs/broadcast.md gives it; never a traceback."""
    if argv is None:
        # a service manager that ends us gets what Ctrl-C gets: what is under way is finished
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    _survive_any_terminal()
    try:
        command = parse(list(sys.argv[1:] if argv is None else argv))
        return command()
    except (BroadcastError, CheckerError) as error:
        _say(str(error))
        return _status_of(error)
    except KeyboardInterrupt:
        _say("interrupted.")
        return exits.INTERRUPTED
    except BrokenPipeError:
        # the reader has gone, as with `| head`; Python would complain once more at its exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return exits.NOT_ALL
    except Exception as error:  # noqa: BLE001  the last door: a sentence instead of a traceback
        _say(crash_sentence(error, "the broadcaster"))
        return exits.CRASH


def _status_of(error: Exception) -> int:
    if isinstance(error, StoreError):
        return exits.CRASH
    return exits.NOT_ALL if isinstance(error, NotNow) else exits.USAGE


def _say(sentence: str) -> None:
    sys.stderr.write(f"broadcast: {sentence}\n")


def _survive_any_terminal() -> None:
    """A terminal that cannot show a character gets an escape instead of an exception; a stream that
    was closed before we began is as good as /dev/null.
    """
    sys.stdout = sys.stdout or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    sys.stderr = sys.stderr or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
