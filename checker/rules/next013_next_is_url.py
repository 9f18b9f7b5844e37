"""NEXT013 next-is-url: next is a URL or a query string where the token should be."""

from checker.core.model import Location
from checker.core.report import Severity
from checker.rules.base import EndRule
from checker.signatures.paginators import kind_of_link

__all__ = ["NextIsUrl"]


class NextIsUrl(EndRule):
    """See the help beside this file."""

    id = "NEXT013"
    name = "next-is-url"
    severity = Severity.ERROR
    clause = "G4"
    summary = "next is a URL or a query string where the token should be"
    fix = "Send only the token: the value of the query parameter, not the URL of the next page."

    def message(self, count: int, first: Location) -> str:
        page = first.exchange.page if first.exchange is not None else None
        link = kind_of_link(str(first.value))
        return f"Page {page}: next is {link}; only the token belongs there."
