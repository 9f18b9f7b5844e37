"""NET005 truncated-response: the connection closed or was reset in the middle of the response."""

from checker.core.report import Severity
from checker.rules.base import FailureRule

__all__ = ["TruncatedResponse"]


class TruncatedResponse(FailureRule):
    """See the help beside this file."""

    id = "NET005"
    name = "truncated-response"
    severity = Severity.ERROR
    clause = "G5"
    summary = "the connection closed or was reset in the middle of the response"
    fix = (
        "Look for a crash or a time limit of the server or a proxy in the middle of the "
        "response, and for a Content-Length that is larger than the body in bytes."
    )
