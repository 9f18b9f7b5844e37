"""NET009 flaky: some requests succeeded only after a retry."""

from collections.abc import Iterable

from checker.core.model import Exchange, Location
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import Rule
from checker.text.display import plural

__all__ = ["Flaky"]


class Flaky(Rule):
    """See the help beside this file."""

    id = "NET009"
    name = "flaky"
    severity = Severity.WARNING
    clause = "G5"
    summary = "some requests succeeded only after a retry"
    fix = (
        "Look in the server's log at the times of the failed requests: overload, restarts or "
        "limits that are too low for one page after the other."
    )
    needs = frozenset({Need.SERVER, Need.CONNECTION})

    def on_exchange(self, exchange: Exchange) -> Iterable[Location]:
        if exchange.retry_reasons and exchange.succeeded:
            yield Location(exchange=exchange, note=exchange.retry_reasons[0])

    def message(self, count: int, first: Location) -> str:
        requests = plural(count, "request")
        return f"{requests} succeeded only after a retry. The first failure was: {first.note}."
