"""NET002 connection-failed: refused, reset, unreachable, or closed without a single byte."""

from checker.core.report import Severity
from checker.rules.base import FailureRule

__all__ = ["ConnectionFailed"]


class ConnectionFailed(FailureRule):
    """See the help beside this file."""

    id = "NET002"
    name = "connection-failed"
    severity = Severity.ERROR
    clause = "G5"
    summary = "refused, reset, unreachable, or closed without a single byte"
    fix = (
        "Start the server, check the port and that a firewall lets the application in, and "
        "look in the server's log for a crash at the time of the request."
    )
