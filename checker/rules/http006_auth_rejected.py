"""HTTP006 auth-rejected: 401 or 403 with the headers given."""

from checker.core.model import Location
from checker.core.report import Severity
from checker.rules.base import StatusRule
from checker.rules.wording import page_of
from checker.signatures.web_pages import block_page

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

    def message(self, count: int, first: Location) -> str:
        given = self.context.config.headers
        named = ", ".join(name for name, _ in given)
        how = f"with the headers given ({named})" if given else "and no header was given"
        page = block_page(first.exchange.body) if first.exchange is not None else None
        instead = f"; what came is {page}" if page else ""
        return f"{page_of(first)} is answered {first.note} {how}{instead}."
