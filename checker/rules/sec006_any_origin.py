"""SEC006 any-origin: Access-Control-Allow-Origin: * on customers' data."""

from collections.abc import Iterable

from checker.core.model import Location, Page
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import Rule
from checker.rules.wording import pages_with

__all__ = ["AnyOrigin"]


class AnyOrigin(Rule):
    """See the help beside this file."""

    id = "SEC006"
    name = "any-origin"
    severity = Severity.WARNING
    clause = "G3"
    summary = "Access-Control-Allow-Origin: * on customers' data"
    fix = "Leave the header out: the application is not a web page and needs no CORS."
    needs = frozenset({Need.SERVER, Need.PAGE})

    def on_page(self, page: Page) -> Iterable[Location]:
        if (page.exchange.header("Access-Control-Allow-Origin") or "").strip() == "*":
            yield Location(exchange=page.exchange)

    def message(self, count: int, first: Location) -> str:
        return f"{pages_with(count, first)} may be read by any web page (Access-Control-Allow-Origin: *)."
