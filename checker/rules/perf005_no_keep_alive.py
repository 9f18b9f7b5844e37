"""PERF005 no-keep-alive: the server closes the connection after every page."""

from collections.abc import Iterable

from checker.core.model import CrawlEnd, Exchange, Location
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import Rule
from checker.rules.context import RuleContext

__all__ = ["NoKeepAlive"]

_ENOUGH_PAGES = 3


class NoKeepAlive(Rule):
    """See the help beside this file."""

    id = "PERF005"
    name = "no-keep-alive"
    severity = Severity.INFO
    clause = "G5"
    summary = "the server closes the connection after every page"
    fix = "Turn on keep-alive (HTTP/1.1 persistent connections) in the web server."
    needs = frozenset({Need.SERVER, Need.KEPT_CONNECTION})

    def __init__(self, context: RuleContext) -> None:
        super().__init__(context)
        self._pages = self._closed = 0

    def on_exchange(self, exchange: Exchange) -> Iterable[Location]:
        if exchange.succeeded:
            self._pages += 1
            self._closed += exchange.closes_connection
            self._last = exchange
        return ()

    def on_end(self, end: CrawlEnd) -> Iterable[Location]:
        if self._pages >= _ENOUGH_PAGES and self._closed == self._pages:
            yield Location(exchange=self._last, note=f"each of the {self._pages:,} pages")

    def message(self, count: int, first: Location) -> str:
        return f"The server closed the connection after {first.note}, so each needed a new one."
