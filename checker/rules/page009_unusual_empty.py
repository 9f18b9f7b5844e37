"""PAGE009 unusual-empty: the end is told by {}, [] or null."""

import json
from collections.abc import Iterable

from checker.core.model import Location, Page
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import Rule
from checker.rules.wording import agree, pages_with

__all__ = ["UnusualEmpty"]


class UnusualEmpty(Rule):
    """See the help beside this file."""

    id = "PAGE009"
    name = "unusual-empty"
    severity = Severity.WARNING
    clause = "G4"
    summary = "the data ends with {}, [] or null"
    fix = 'End with {"list": [], "next": ""}, or with status 204 and no body.'
    needs = frozenset({Need.PAGE})

    def on_page(self, page: Page) -> Iterable[Location]:
        if page.unusual_empty:
            yield Location(exchange=page.exchange, pointer="", value=page.document)

    def message(self, count: int, first: Location) -> str:
        ends = agree(count, "ends", "end")
        value = json.dumps(first.value)
        return f"{pages_with(count, first)} {ends} the data with {value}, not with an empty next."
