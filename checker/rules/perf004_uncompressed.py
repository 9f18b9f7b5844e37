"""PERF004 uncompressed: pages over 16 KiB that are not compressed though gzip was accepted."""

from collections.abc import Iterable

from checker.model import Page, Place
from checker.outcome import Severity
from checker.rules import Rule, pages_with

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

    def on_page(self, page: Page) -> Iterable[Place]:
        size = len(page.exchange.body)
        if size > _LARGE_BYTES and not page.exchange.header("Content-Encoding"):
            yield Place(exchange=page.exchange, note=f"{size / 1024:.0f} KiB")

    def message(self, count: int, first: Place) -> str:
        return f"{pages_with(count, first)} of {first.note} came uncompressed, though gzip was accepted."
