"""NEXT015 token-too-long: the URL with the token is over 2,000 characters."""

from collections.abc import Iterable

from checker.core.model import Location, Page
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import Rule
from checker.rules.wording import agree, pages_with

__all__ = ["TokenTooLong"]

# servers and proxies cut longer URLs or refuse them; RFC 9110, section 4.1, asks for 8,000
_LONGEST_URL = 2000
_SHORT = 100


class TokenTooLong(Rule):
    """See the help beside this file."""

    id = "NEXT015"
    name = "token-too-long"
    severity = Severity.WARNING
    clause = "G4"
    summary = "the URL with the token is over 2,000 characters"
    fix = (
        "Keep the token short: the last row's id, or a reference to it, instead of the whole "
        "state of the query."
    )
    needs = frozenset({Need.URL, Need.PAGE})

    def on_page(self, page: Page) -> Iterable[Location]:
        token = page.next.token
        if token is None:
            return
        length = len(self.context.config.endpoint.page_url(token)) if len(token) > _SHORT else 0
        if length > _LONGEST_URL:
            note = f"{length:,} characters"
            yield Location(exchange=page.exchange, pointer="/next", value=token, note=note)

    def message(self, count: int, first: Location) -> str:
        return f"{pages_with(count, first)} {agree(count, 'has', 'have')} a token that makes the next URL {first.note} long."
