"""NEXT012 token-already-encoded: the token holds percent escapes, so it arrives encoded twice."""

import re
from collections.abc import Iterable

from checker.core.model import Location, Page
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import Rule
from checker.rules.wording import agree, pages_with

__all__ = ["TokenAlreadyEncoded"]

_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")


class TokenAlreadyEncoded(Rule):
    """See the help beside this file."""

    id = "NEXT012"
    name = "token-already-encoded"
    severity = Severity.WARNING
    clause = "G4"
    summary = "the token holds percent escapes, so it arrives encoded twice"
    fix = "Send the token as it is; the application percent-encodes it for the URL."
    needs = frozenset({Need.PAGE})

    def on_page(self, page: Page) -> Iterable[Location]:
        token = page.next.token
        if token is not None and "%" in token and _ESCAPE.search(token):
            yield Location(exchange=page.exchange, pointer="/next", value=token)

    def message(self, count: int, first: Location) -> str:
        has = agree(count, "has", "have")
        return f"{pages_with(count, first)} {has} a token with percent escapes, so it arrives encoded twice."
