"""HTTP006 auth-rejected: 401 or 403 with the headers given."""

from checker.diagnosis import block_page
from checker.model import Place
from checker.outcome import Severity
from checker.rules import StatusRule, page_of

__all__ = ["AuthRejected"]


class AuthRejected(StatusRule):
    """See the help beside this file."""

    id = "HTTP006"
    name = "auth-rejected"
    severity = Severity.ERROR
    clause = "G3"
    summary = "401 or 403 with the headers given"
    fix = (
        "Check the header's name and value against what the server expects, whether the "
        "credential has expired, and whether a firewall lets the application's address in."
    )

    def message(self, count: int, first: Place) -> str:
        given = self.trail.config.headers
        named = ", ".join(name for name, _ in given)
        how = f"with the headers given ({named})" if given else "and no header was given"
        page = block_page(first.exchange.body) if first.exchange is not None else None
        instead = f"; what came is {page}" if page else ""
        return f"{page_of(first)} is answered {first.note} {how}{instead}."
