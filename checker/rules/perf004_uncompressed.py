"""PERF004 uncompressed: pages over 16 KiB that are not compressed though gzip was accepted."""

from collections.abc import Iterable

from checker.core.model import Location, Page
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import Rule
from checker.rules.wording import page_of, pages_with

__all__ = ["Uncompressed"]

_LARGE_BYTES = 16 * 1024


class Uncompressed(Rule):
    """See the help beside this file."""

    id = "PERF004"
    name = "uncompressed"
    severity = Severity.INFO
    clause = "G5"
    summary = "pages over 16 KiB that are not compressed though gzip was accepted"
    fix = "Turn on gzip for application/json in the web server or framework."
    needs = frozenset({Need.SERVER, Need.PAGE})

    def on_page(self, page: Page) -> Iterable[Location]:
        size = len(page.exchange.body)
        if size > _LARGE_BYTES and not page.exchange.header("Content-Encoding"):
            yield Location(exchange=page.exchange, note=f"{size / 1024:.0f} KiB")

    def message(self, count: int, first: Location) -> str:
        if count == 1:
            return f"{page_of(first)} ({first.note}) is not compressed, though gzip was accepted."
        return (
            f"{pages_with(count, first)} are not compressed, though gzip was accepted; "
            f"the first has {first.note}."
        )
