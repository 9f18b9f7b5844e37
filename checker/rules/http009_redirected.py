"""HTTP009 redirected: a redirect that the crawl follows."""

from collections.abc import Iterable

from checker.core.model import Exchange, Location
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import Rule
from checker.text.display import plural

__all__ = ["Redirected"]


class Redirected(Rule):
    """See the help beside this file."""

    id = "HTTP009"
    name = "redirected"
    severity = Severity.WARNING
    clause = "G5"
    summary = (
        "the endpoint redirects within its own origin, from http to https on the same host, "
        "or to another origin while no header was given"
    )
    fix = (
        "Give the final URL as the endpoint, so that each page costs one request. Keep your URL where "
        "each answer has a new final URL, as with Google Apps Script."
    )
    needs = frozenset({Need.SERVER, Need.REDIRECTS})

    def on_exchange(self, exchange: Exchange) -> Iterable[Location]:
        failed = exchange.failure is not None and exchange.failure.rule in ("HTTP010", "HTTP011")
        if exchange.redirects and not failed:
            location = exchange.redirects[1] if len(exchange.redirects) > 1 else exchange.final_url
            yield Location(exchange=exchange, note=location)

    def message(self, count: int, first: Location) -> str:
        if count == 1:
            return f"1 request was redirected to {first.note}."
        return f"{plural(count, 'request')} were redirected, the first to {first.note}."
