"""HTTP009 redirected: a redirect that the crawl follows."""

from collections.abc import Iterable

from checker.core.model import Exchange, Location
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import Rule
from checker.rules.context import RuleContext
from checker.text.display import plural

__all__ = ["Redirected"]

_TARGETS_COMPARED = 10


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
        "Where the redirect leads to the same address each time, use that address as the endpoint: each "
        "page then costs one request. Keep your URL where each answer has an address of its own, as with "
        "Google Apps Script."
    )
    needs = frozenset({Need.SERVER, Need.REDIRECTS})

    def __init__(self, context: RuleContext) -> None:
        super().__init__(context)
        self._targets: set[str] = set()

    def on_exchange(self, exchange: Exchange) -> Iterable[Location]:
        failed = exchange.failure is not None and exchange.failure.rule in ("HTTP010", "HTTP011")
        if exchange.redirects and not failed:
            target = exchange.redirects[1] if len(exchange.redirects) > 1 else exchange.final_url
            if len(self._targets) < _TARGETS_COMPARED:
                self._targets.add(self.context.config.endpoint.without_token(target))
            yield Location(exchange=exchange, note=target.partition("?")[0])

    def message(self, count: int, first: Location) -> str:
        if count == 1:
            return f"1 request was redirected to {first.note}."
        if len(self._targets) == min(count, _TARGETS_COMPARED):
            return f"{plural(count, 'request')} were redirected, each to a different address, the first to {first.note}."
        return f"{plural(count, 'request')} were redirected, the first to {first.note}."
