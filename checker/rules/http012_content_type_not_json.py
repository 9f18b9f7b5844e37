"""HTTP012 content-type-not-json: the Content-Type is missing or is not JSON though the body is."""

import re
from collections.abc import Iterable

from checker.core.model import ABSENT, Location, Page
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import Rule
from checker.rules.wording import agree, pages_with

__all__ = ["ContentTypeNotJson"]

# the WHATWG's MIME Sniffing Standard, section 4.6: what counts as a JSON MIME type
_JSON = re.compile(
    r"\s*(?:(?:application|text)/json|[\w.-]+/[^;\s]+\+json)\s*(?:;|\Z)", re.IGNORECASE
)


class ContentTypeNotJson(Rule):
    """See the help beside this file."""

    id = "HTTP012"
    name = "content-type-not-json"
    severity = Severity.WARNING
    clause = "G2"
    summary = "the Content-Type is missing or is not JSON though the body is"
    fix = "Send the header `Content-Type: application/json`."
    needs = frozenset({Need.SERVER, Need.PAGE})

    def on_page(self, page: Page) -> Iterable[Location]:
        if page.document is ABSENT:
            return
        given = page.exchange.header("Content-Type")
        if given is None or not _JSON.match(given):
            yield Location(
                exchange=page.exchange,
                note=f"the Content-Type {given}" if given else "no Content-Type header",
            )

    def message(self, count: int, first: Location) -> str:
        has = agree(count, "has", "have")
        return f"{pages_with(count, first)} {has} {first.note}, though the body is JSON."
