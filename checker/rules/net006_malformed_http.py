"""NET006 malformed-http: not an HTTP response."""

from checker.core.report import Severity
from checker.rules.base import FailureRule

__all__ = ["MalformedHttp"]


class MalformedHttp(FailureRule):
    """See the help beside this file."""

    id = "NET006"
    name = "malformed-http"
    severity = Severity.ERROR
    clause = "G5"
    summary = "not an HTTP response"
    fix = (
        "Let a web server or framework write the status line, the headers and the chunks, and"
        " check that the URL's scheme and port are those of an HTTP server."
    )
