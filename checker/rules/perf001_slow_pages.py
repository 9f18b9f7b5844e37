"""PERF001 slow-pages: the 95th percentile of page times is over the threshold."""

from collections.abc import Iterable

from checker.core.model import CrawlEnd, Location, Page
from checker.core.needs import Need
from checker.core.page_times import PageTimes
from checker.core.report import Severity
from checker.rules.base import Rule
from checker.rules.context import RuleContext

__all__ = ["SlowPages"]


class SlowPages(Rule):
    """See the help beside this file."""

    id = "PERF001"
    name = "slow-pages"
    severity = Severity.WARNING
    clause = "G5"
    summary = "the 95th percentile of page times is over the threshold"
    fix = (
        "Give the page's query an index on the column that it pages by, and fetch nothing "
        "else while answering."
    )
    needs = frozenset({Need.SERVER})

    def __init__(self, context: RuleContext) -> None:
        super().__init__(context)
        self._times = PageTimes()

    def on_page(self, page: Page) -> Iterable[Location]:
        self._times.add(page.exchange)
        return ()

    def on_end(self, end: CrawlEnd) -> Iterable[Location]:
        p95 = self._times.percentile(95)
        if p95 > self.context.config.slow_page_seconds and self._times.slowest is not None:
            yield Location(exchange=self._times.slowest, note=f"{p95:.1f} s")

    def message(self, count: int, first: Location) -> str:
        limit = self.context.config.slow_page_seconds
        return f"The pages are slow: the 95th percentile is {first.note}; the limit is {limit:g} s."
