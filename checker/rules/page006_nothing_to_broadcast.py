"""PAGE006 nothing-to-broadcast: the crawl reached the end of the data without a single row."""

from collections.abc import Iterable

from checker.model import CrawlEnd, Page, Place
from checker.outcome import Severity
from checker.rules import Rule, Trail

__all__ = ["NothingToBroadcast"]


class NothingToBroadcast(Rule):
    """See the help beside this file."""

    id = "PAGE006"
    name = "nothing-to-broadcast"
    severity = Severity.WARNING
    clause = "G4"
    summary = "the crawl reached the end of the data without a single row"
    fix = "Check that there is data, and that the endpoint does not filter all of it away."

    def __init__(self, trail: Trail) -> None:
        super().__init__(trail)
        self._rows = 0

    def on_page(self, page: Page) -> Iterable[Place]:
        self._rows += page.row_count
        return ()

    def on_end(self, end: CrawlEnd) -> Iterable[Place]:
        if end.complete and not self._rows and end.page is not None:
            yield Place(exchange=end.page.exchange, pointer="/list" if end.page.document else None)

    def message(self, count: int, first: Place) -> str:
        return "The endpoint says that all its data is done, and there was not one row: nobody to send to."
