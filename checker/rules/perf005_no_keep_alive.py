"""PERF005 no-keep-alive: the server closes the connection after every page."""

from collections.abc import Iterable

from checker.model import CrawlEnd, Exchange, Place
from checker.outcome import Severity
from checker.rules import Rule, Trail

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

    def __init__(self, trail: Trail) -> None:
        super().__init__(trail)
        self._pages = self._closed = 0

    def on_exchange(self, exchange: Exchange) -> Iterable[Place]:
        if exchange.succeeded:
            self._pages += 1
            self._closed += exchange.closes
            self._last = exchange
        return ()

    def on_end(self, end: CrawlEnd) -> Iterable[Place]:
        if self._pages >= _ENOUGH_PAGES and self._closed == self._pages:
            yield Place(exchange=self._last, note=f"all {self._pages:,} pages")

    def message(self, count: int, first: Place) -> str:
        return (
            f"The server closed the connection after {first.note}, so each cost a new connection."
        )
