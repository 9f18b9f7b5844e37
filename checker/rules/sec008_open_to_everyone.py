"""SEC008 open-to-everyone: neither a header nor a secret in the URL was needed."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from checker.core.endpoint import Endpoint
from checker.core.model import Location, Page
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import Rule

__all__ = ["OpenToEveryone"]

_PART = re.compile(r"[A-Za-z0-9_~.-]{16,}")


class OpenToEveryone(Rule):
    """See the help beside this file."""

    id = "SEC008"
    name = "open-to-everyone"
    severity = Severity.INFO
    clause = "G3"
    summary = "no header and no secret in the URL was needed"
    fix = (
        "Ask for a credential in a header, such as Authorization: Bearer …, and answer 401 "
        "without it."
    )
    needs = frozenset({Need.SERVER, Need.SERVER_ADDRESS, Need.PAGE})

    _found = False

    def on_page(self, page: Page) -> Iterable[Location]:
        exchange = page.exchange
        if self._found or not page.row_count or exchange.local_peer is not False:
            return
        config = self.context.config
        if not config.headers and not _has_secret(config.endpoint):
            self._found = True
            yield Location(exchange=exchange)

    def message(self, count: int, first: Location) -> str:
        return (
            "No header and no secret in the URL was needed: whoever learns the address can read "
            "every customer's uid and message."
        )


def _has_secret(endpoint: Endpoint) -> bool:
    """Whether the URL itself is hard to guess: a credential, or a long part of letters and digits."""
    parts = urlsplit(endpoint.url)
    words = _PART.findall(f"{parts.path} {parts.query}")
    return bool(endpoint.secret_parameters()) or any(map(_is_random, words))


def _is_random(word: str) -> bool:
    return sum(map(str.isdigit, word)) >= 2 and sum(map(str.isalpha, word)) >= 4
