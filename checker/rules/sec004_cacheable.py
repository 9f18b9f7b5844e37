"""SEC004 cacheable: the response allows shared caches to keep it."""

from collections.abc import Iterable

from checker.core.caching import cache_permission
from checker.core.model import Location, Page
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import Rule
from checker.rules.wording import pages_with

__all__ = ["Cacheable"]


class Cacheable(Rule):
    """See the help beside this file."""

    id = "SEC004"
    name = "cacheable"
    severity = Severity.WARNING
    clause = "G3"
    summary = "the response allows shared caches to keep it"
    fix = "Send `Cache-Control: no-store` with each page."
    needs = frozenset({Need.SERVER, Need.PAGE})

    def on_page(self, page: Page) -> Iterable[Location]:
        allowed = cache_permission(page.exchange)
        if allowed is not None:
            yield Location(exchange=page.exchange, note=allowed)

    def message(self, count: int, first: Location) -> str:
        return f"{pages_with(count, first)} may be kept by shared caches ({first.note})."
