"""The exit statuses of the command, as the contract's section 4 gives them."""

from checker.model import Report, Verdict

__all__ = ["CRASH", "FAIL", "INTERRUPTED", "PASS", "USAGE", "exit_status"]

PASS, FAIL, USAGE, CRASH, INTERRUPTED = 0, 1, 2, 3, 130


def exit_status(report: Report) -> int:
    """What a check of one endpoint ends with."""
    if report.interrupted:
        return INTERRUPTED
    if report.crashes:
        return CRASH
    return PASS if report.verdict is Verdict.PASS else FAIL
