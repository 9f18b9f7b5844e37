"""NET007 response-too-large: the body, decompressed, is over the size limit."""

from checker.core.report import Severity
from checker.rules.base import FailureRule

__all__ = ["ResponseTooLarge"]


class ResponseTooLarge(FailureRule):
    """See the help beside this file."""

    id = "NET007"
    name = "response-too-large"
    severity = Severity.ERROR
    clause = "G4"
    summary = "the body, decompressed, is over the size limit"
    fix = "Send fewer rows a page, fewer than 500, and end each response."
