"""The command `broadcast`: parses, hands over to the command's module, and answers with the exit
status. It has no behaviour of its own.
"""

import signal
import sys
from collections.abc import Sequence

from broadcaster import exits
from broadcaster.commands.parser import parse
from broadcaster.errors import BroadcastError, NotNow, StoreError
from checker import CheckerError
from checker.api import crash_sentence, forget_output, survive_any_streams, written

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """The exit status, as docs/broadcast.md gives it; never a traceback."""
    if argv is None:
        # a service manager that ends us gets what Ctrl-C gets: what is under way is finished
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    if sys.platform == "win32":  # locks on files, signals, and whether a process lives: all POSIX
        _say("runs on Linux and macOS. On Windows start it under WSL, or in the container.")
        return exits.USAGE
    survive_any_streams()
    try:
        command = parse(list(sys.argv[1:] if argv is None else argv))
        return written(command())
    except (BroadcastError, CheckerError) as error:
        _say(str(error))
        return _status_of(error)
    except KeyboardInterrupt:
        _say("interrupted.")
        return exits.INTERRUPTED
    except BrokenPipeError:
        forget_output()  # the reader has gone, as with `| head`
        return exits.NOT_ALL
    except ModuleNotFoundError:
        raise  # an extra that is not installed: broadcast_commands.py says which
    except Exception as error:  # noqa: BLE001  the outermost handler: a sentence instead of a traceback
        _say(crash_sentence(error, "the broadcaster"))
        forget_output()
        return exits.CRASH


def _status_of(error: Exception) -> int:
    if isinstance(error, StoreError):
        return exits.CRASH
    return exits.NOT_ALL if isinstance(error, NotNow) else exits.USAGE


def _say(sentence: str) -> None:
    sys.stderr.write(f"broadcast: {sentence}\n")
