"""PERF002 slows-with-depth: pages get slower the deeper they are."""

from collections.abc import Iterable

from checker.core.model import CrawlEnd, Location, Page, PageKind
from checker.core.needs import Need
from checker.core.page_times import PageTimes
from checker.core.report import Severity
from checker.rules.base import Rule
from checker.rules.context import RuleContext

__all__ = ["SlowsWithDepth"]


class SlowsWithDepth(Rule):
    """See the help beside this file."""

    id = "PERF002"
    name = "slows-with-depth"
    severity = Severity.WARNING
    clause = "G5"
    summary = "pages get slower the deeper they are"
    fix = (
        "Page by a key, WHERE id > (the last row's id) ORDER BY id LIMIT n, instead of "
        "OFFSET, which reads and drops all rows before the page."
    )
    needs = frozenset({Need.SERVER, Need.PAGE, Need.MANY_PAGES})

    def __init__(self, context: RuleContext) -> None:
        super().__init__(context)
        self._times = PageTimes()

    def on_page(self, page: Page) -> Iterable[Location]:
        if page.kind is PageKind.ROWS:
            self._times.add(page.exchange)
        return ()

    def on_end(self, end: CrawlEnd) -> Iterable[Location]:
        growth = self._times.growth()
        if growth is not None and end.page is not None:
            early, late = growth
            note = f"from {early * 1000:.0f} ms at the beginning to {late * 1000:.0f} ms at the end"
            yield Location(exchange=end.page.exchange, note=note)

    def message(self, count: int, first: Location) -> str:
        return f"The pages get slower the deeper they are: {first.note}, as with OFFSET."
