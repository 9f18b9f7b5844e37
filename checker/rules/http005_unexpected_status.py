"""HTTP005 unexpected-status: a page answered with a status that is none of 200, 204 and those of other rules."""

from collections.abc import Iterable

from checker.core.model import Exchange, Location
from checker.core.report import Severity
from checker.rules.base import StatusRule

__all__ = ["UnexpectedStatus"]


class UnexpectedStatus(StatusRule):
    """See the help beside this file."""

    id = "HTTP005"
    name = "unexpected-status"
    severity = Severity.ERROR
    clause = "G2"
    summary = "a page answered with a status that is none of 200, 204 and those of other rules"
    fix = (
        "Answer every page with 200, and check that the URL is the endpoint's own and the "
        "token is one that you issued."
    )

    def on_exchange(self, exchange: Exchange) -> Iterable[Location]:
        yield from super().on_exchange(exchange)
        if exchange.succeeded and exchange.status not in (200, 204):
            yield Location(exchange=exchange, note=f"{exchange.status} {exchange.reason}".strip())
