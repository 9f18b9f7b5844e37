"""HTTP003 method-crashes: another method is answered 5xx instead of 405."""

from collections.abc import Iterable

from checker.core.model import Location, Probe, Purpose
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import Rule

__all__ = ["MethodCrashes"]


class MethodCrashes(Rule):
    """See the help beside this file."""

    id = "HTTP003"
    name = "method-crashes"
    severity = Severity.WARNING
    clause = "G1"
    summary = "another method is answered 5xx instead of 405"
    fix = (
        "Answer every method but GET with 405 and an Allow header, before any of the code for"
        " GET runs."
    )
    needs = frozenset({Need.SERVER, Need.METHOD_PROBE})

    def on_probe(self, probe: Probe) -> Iterable[Location]:
        status = probe.exchange.status or 0
        crashed = probe.exchange.failure is None and 500 <= status < 600 and status != 501
        if probe.purpose is Purpose.METHOD and crashed:
            yield Location(exchange=probe.exchange, note=f"{probe.exchange.method} with {status}")

    def message(self, count: int, first: Location) -> str:
        return f"The server answered {first.note}: it fails where it should refuse with 405."
