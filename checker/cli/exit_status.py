"""How the command ends: the exit statuses of the contract's section 4, and its last words."""

import errno
import traceback
from pathlib import Path

from checker.core.report import Report, Verdict

__all__ = ["CRASH", "FAIL", "INTERRUPTED", "PASS", "USAGE", "crash_sentence", "exit_status"]

PASS, FAIL, USAGE, CRASH, INTERRUPTED = 0, 1, 2, 3, 130


def exit_status(report: Report) -> int:
    """What a check of one endpoint ends with."""
    if report.interrupted:
        return INTERRUPTED
    if report.crashes:
        return CRASH
    return PASS if report.verdict is Verdict.PASS else FAIL


def crash_sentence(error: Exception, who: str = "the checker") -> str:
    """What failed and where in our own code; never the error's text, which may hold a secret.

    A full disk is no failure of ours, and is said as what it is.
    """
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return f"{who} could not write: {error.strerror}."
    frame = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(frame.filename).name}, line {frame.lineno}"
    return f"{who} itself failed ({type(error).__name__} in {where}); please report it."
