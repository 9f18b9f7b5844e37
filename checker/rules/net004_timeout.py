"""NET004 timeout: no whole response within the deadline: connecting, first byte, or a body that drips."""

from checker.core.report import Severity
from checker.rules.base import FailureRule

__all__ = ["Timeout"]


class Timeout(FailureRule):
    """See the help beside this file."""

    id = "NET004"
    name = "timeout"
    severity = Severity.ERROR
    clause = "G5"
    summary = "no whole response within the deadline: connecting, first byte, or a body that drips"
    fix = (
        "Make each page quick: an index for the query that loads it, smaller pages, no calls "
        "to other services while answering; and send the response in one go."
    )
