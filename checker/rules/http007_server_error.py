"""HTTP007 server-error: 5xx, still after the retries."""

from checker.core.report import Severity
from checker.rules.base import StatusRule

__all__ = ["ServerError"]


class ServerError(StatusRule):
    """See the help beside this file."""

    id = "HTTP007"
    name = "server-error"
    severity = Severity.ERROR
    clause = "G5"
    summary = "5xx, still after the retries"
    fix = (
        "Look in the server's log at the time of the request; the run's id ends the User-"
        "Agent of each request."
    )
