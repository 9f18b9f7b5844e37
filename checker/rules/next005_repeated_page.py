"""NEXT005 repeated-page: a later page is equal to an earlier one, under another token."""

from checker.core.model import CrawlEnd, Location, Page
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import EndRule

__all__ = ["RepeatedPage"]


class RepeatedPage(EndRule):
    """See the help beside this file."""

    id = "NEXT005"
    name = "repeated-page"
    severity = Severity.ERROR
    clause = "G4"
    summary = "a later page is equal to an earlier one, under another token"
    fix = "Make each token from the last row of its own page, and check where the paging starts again."
    needs = frozenset({Need.PAGE, Need.SECOND_PAGE, Need.WHOLE_CRAWL})

    def place(self, end: CrawlEnd, page: Page) -> Location:
        note = f"page {page.number} has the same rows as page {end.other_page}, with another token"
        return Location(exchange=page.exchange, pointer="/list", note=note)

    def message(self, count: int, first: Location) -> str:
        return f"The pages repeat: {first.note}."
