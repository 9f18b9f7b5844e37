"""SEC005 debug-page: an error response shows a stack trace or a framework's debug page."""

from collections.abc import Iterable

from checker.core.model import Exchange, Location, Probe
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import Rule
from checker.signatures.debug_output import debug_output

__all__ = ["DebugPage"]


class DebugPage(Rule):
    """See the help beside this file."""

    id = "SEC005"
    name = "debug-page"
    severity = Severity.WARNING
    clause = "G5"
    summary = "an error response shows a stack trace or a framework's debug page"
    fix = (
        "Turn off the debug mode, and answer errors with a short sentence; write the details "
        "to the server's log."
    )
    needs = frozenset({Need.SERVER})

    def on_exchange(self, exchange: Exchange) -> Iterable[Location]:
        yield from self._judge(exchange)

    def on_probe(self, probe: Probe) -> Iterable[Location]:
        yield from self._judge(probe.exchange)

    def _judge(self, exchange: Exchange) -> Iterable[Location]:
        if exchange.status is not None and exchange.status >= 400:
            shown = debug_output(exchange.body)
            if shown is not None:
                asked = f"the response {exchange.status} to {exchange.method}"
                yield Location(exchange=exchange, note=f"{asked} shows {shown}")

    def message(self, count: int, first: Location) -> str:
        return f"Internal details are visible to everyone: {first.note}."
