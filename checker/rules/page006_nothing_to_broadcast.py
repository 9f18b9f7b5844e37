"""PAGE006 nothing-to-broadcast: the crawl reached the end of the data without a single row."""

from collections.abc import Iterable

from checker.core.model import CrawlEnd, Location, Page
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import Rule
from checker.rules.context import RuleContext

__all__ = ["NothingToBroadcast"]


class NothingToBroadcast(Rule):
    """See the help beside this file."""

    id = "PAGE006"
    name = "nothing-to-broadcast"
    severity = Severity.WARNING
    clause = "G4"
    summary = "the crawl reached the end of the data without a single row"
    fix = "Check that there is data, and that the endpoint does not filter all of it away."
    needs = frozenset({Need.PAGE, Need.WHOLE_CRAWL})

    def __init__(self, context: RuleContext) -> None:
        super().__init__(context)
        self._rows = 0

    def on_page(self, page: Page) -> Iterable[Location]:
        self._rows += page.row_count
        return ()

    def on_end(self, end: CrawlEnd) -> Iterable[Location]:
        if end.complete and not self._rows and end.page is not None:
            yield Location(
                exchange=end.page.exchange, pointer="/list" if end.page.document else None
            )

    def message(self, count: int, first: Location) -> str:
        return "The crawl reached the end of the data without a single row: there is nobody to send to."
