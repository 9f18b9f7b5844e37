"""PAGE009 unusual-empty: the end is told by {}, [] or null."""

import json
from collections.abc import Iterable

from checker.model import Page, Place
from checker.outcome import Severity
from checker.rules import Rule, agree, pages_with

__all__ = ["UnusualEmpty"]


class UnusualEmpty(Rule):
    """See the help beside this file."""

    id = "PAGE009"
    name = "unusual-empty"
    severity = Severity.WARNING
    clause = "G4"
    summary = "the end is told by {}, [] or null"
    fix = 'End with {"list": [], "next": ""}, or with status 204 and no body.'

    def on_page(self, page: Page) -> Iterable[Place]:
        if page.unusual_empty:
            yield Place(exchange=page.exchange, pointer="", value=page.document)

    def message(self, count: int, first: Place) -> str:
        return f"{pages_with(count, first)} {agree(count, 'tells', 'tell')} the end of the data by {json.dumps(first.value)}."
