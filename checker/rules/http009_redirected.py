"""HTTP009 redirected: a redirect that the crawl follows."""

from collections.abc import Iterable

from checker.model import Exchange, Place
from checker.outcome import Severity
from checker.rules import Rule
from checker.text import plural

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
        "Give the final URL as the endpoint, so that each page costs one request. Keep yours where "
        "each answer has a new final URL, as with Google Apps Script."
    )

    def on_exchange(self, exchange: Exchange) -> Iterable[Place]:
        failed = exchange.failure is not None and exchange.failure.rule in ("HTTP010", "HTTP011")
        if exchange.hops and not failed:
            location = exchange.hops[1] if len(exchange.hops) > 1 else exchange.final_url
            yield Place(exchange=exchange, note=location)

    def message(self, count: int, first: Place) -> str:
        return f"{plural(count, 'request')} redirected, the first to {first.note}."
