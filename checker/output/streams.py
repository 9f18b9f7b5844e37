"""What the commands print to, whatever it is: any terminal, a full disk, a reader who has gone."""

import io
import os
import sys
from pathlib import Path

__all__ = ["forget_output", "survive_any_streams", "written"]


def survive_any_streams() -> None:
    """A terminal that cannot show a character gets an escape instead of an exception; a console of
    Windows that knows no colors is taught them; a stream that was closed before we began is as good
    as /dev/null.
    """
    if sys.platform == "win32":
        import colorama

        colorama.just_fix_windows_console()
    sys.stdout = sys.stdout or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    sys.stderr = sys.stderr or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def written(status: int) -> int:
    """The status, once all is written: what its end cannot write, Python tells with a traceback."""
    sys.stdout.flush()
    return status


def forget_output() -> None:
    """What could not be written. Python would try, and complain, once more at its exit."""
    if sys.stdout.closed:
        return
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
