"""HTTP011 too-many-redirects: a redirect loop, or more than 5."""

from checker.core.model import Location
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import FailureRule
from checker.rules.wording import page_of

__all__ = ["TooManyRedirects"]


class TooManyRedirects(FailureRule):
    """See the help beside this file."""

    id = "HTTP011"
    name = "too-many-redirects"
    severity = Severity.ERROR
    clause = "G5"
    summary = "a redirect loop, or more than 5"
    fix = (
        "Remove the rules that redirect the request in a loop (http and https, with and without"
        " www, with and without the last slash), and give the final URL as the endpoint."
    )
    needs = frozenset({Need.SERVER, Need.REDIRECTS})

    def message(self, count: int, first: Location) -> str:
        return f"{page_of(first)} could not be read: {first.note}."
