"""NEXT004 token-ignored: the second page has the first page's rows again."""

from checker.core.model import CrawlEnd, Location, Page
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import EndRule

__all__ = ["TokenIgnored"]


class TokenIgnored(EndRule):
    """See the help beside this file."""

    id = "NEXT004"
    name = "token-ignored"
    severity = Severity.ERROR
    clause = "G4"
    summary = "the second page has the first page's rows again"
    fix = (
        "Read the token from the query string, and start the page after the row that it "
        "names; check that no cache or rewrite drops the query."
    )
    needs = frozenset({Need.PAGE, Need.SECOND_PAGE})

    def place(self, end: CrawlEnd, page: Page) -> Location:
        return Location(exchange=page.exchange, pointer="/list", note=f"{page.row_count:,} rows")

    def message(self, count: int, first: Location) -> str:
        name = self.context.config.endpoint.token_param
        return (
            f"The second page, requested with ?{name}=…, has the same {first.note} as the "
            "first page: the token has no effect."
        )
