"""PERF003 small-pages: more than 10 pages, and fewer than 50 rows a page."""

from collections.abc import Iterable

from checker.core.model import CrawlEnd, Exchange, Location, Page
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import Rule
from checker.rules.context import RuleContext
from checker.text.display import plural

__all__ = ["SmallPages"]

_MANY_PAGES = 10
_FEW_ROWS = 50


class SmallPages(Rule):
    """See the help beside this file."""

    id = "PERF003"
    name = "small-pages"
    severity = Severity.INFO
    clause = "G5"
    summary = "more than 10 pages, and fewer than 50 rows a page"
    fix = "Send more rows a page, up to 499: the crawl needs fewer requests."
    needs = frozenset({Need.SERVER, Need.PAGE, Need.WHOLE_CRAWL})

    def __init__(self, context: RuleContext) -> None:
        super().__init__(context)
        self._pages = self._rows = 0
        self._small: Exchange | None = None

    def on_page(self, page: Page) -> Iterable[Location]:
        self._pages += page.row_count > 0
        self._rows += page.row_count
        if self._small is None and 0 < page.row_count < _FEW_ROWS:
            self._small = page.exchange
        return ()

    def on_end(self, end: CrawlEnd) -> Iterable[Location]:
        if self._pages > _MANY_PAGES and self._rows < _FEW_ROWS * self._pages:
            each = plural(round(self._rows / self._pages), "row")
            note = f"{self._pages:,} pages with {each} each"
            yield Location(exchange=self._small, note=note)

    def message(self, count: int, first: Location) -> str:
        return f"The pages are small: {first.note}."
