"""PAGE007 empty-page-continues: an empty list with a token."""

from collections.abc import Iterable

from checker.core.model import Location, NextKind, Page
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import Rule
from checker.rules.wording import agree, pages_with

__all__ = ["EmptyPageContinues"]


class EmptyPageContinues(Rule):
    """See the help beside this file."""

    id = "PAGE007"
    name = "empty-page-continues"
    severity = Severity.WARNING
    clause = "G4"
    summary = "an empty list with a token"
    fix = (
        "Leave `next` empty when there are no more rows; count and filter before you cut the pages."
    )
    needs = frozenset({Need.PAGE})

    def on_page(self, page: Page) -> Iterable[Location]:
        listed = isinstance(page.document, dict) and page.document.get("list") == []
        if listed and page.next.kind is NextKind.TOKEN:
            yield Location(exchange=page.exchange, pointer="/list", value=[])

    def message(self, count: int, first: Location) -> str:
        return f"{pages_with(count, first)} {agree(count, 'has', 'have')} an empty list but a token for a next page."
