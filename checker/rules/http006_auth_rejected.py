"""HTTP006 auth-rejected: 401 or 403 with the headers given."""

from checker.core.model import Location
from checker.core.report import Severity
from checker.rules.base import StatusRule
from checker.rules.wording import answered
from checker.signatures.web_pages import block_page

__all__ = ["AuthRejected"]

_NO_HEADER = "You gave no header: add one with -H, such as -H 'Authorization: Bearer …'."


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
        how = f" with the headers that you gave ({named})." if given else f". {_NO_HEADER}"
        page = block_page(first.exchange.body) if first.exchange is not None else None
        instead = f" The body is {page}." if page else ""
        return f"{answered(first)}{how}{instead}"
