"""NET009 flaky: some requests succeeded only after a retry."""

from collections.abc import Iterable

from checker.model import Exchange, Place
from checker.outcome import Severity
from checker.rules import Rule
from checker.text import plural

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

    def on_exchange(self, exchange: Exchange) -> Iterable[Place]:
        if exchange.setbacks and exchange.succeeded:
            yield Place(exchange=exchange, note=exchange.setbacks[0])

    def message(self, count: int, first: Place) -> str:
        requests = plural(count, "request")
        return f"{requests} succeeded only after a retry; the first had failed with: {first.note}."
