"""HTTP001 get-not-supported: GET is answered 405 or 501, or Allow leaves GET out."""

from checker.core.model import Location
from checker.core.report import Severity
from checker.rules.base import StatusRule

__all__ = ["GetNotSupported"]


class GetNotSupported(StatusRule):
    """See the help beside this file."""

    id = "HTTP001"
    name = "get-not-supported"
    severity = Severity.ERROR
    clause = "G1"
    summary = "GET is answered 405 or 501, or Allow leaves GET out"
    fix = "Answer GET at this URL, with the token as a query parameter; no request body is sent."

    def message(self, count: int, first: Location) -> str:
        allow = first.exchange.header("Allow") if first.exchange is not None else None
        allowed = f" Its Allow header names only {allow}." if allow else ""
        return f"The server answered GET with {first.note}.{allowed}"
