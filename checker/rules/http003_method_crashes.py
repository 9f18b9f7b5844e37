"""HTTP003 method-crashes: another method is answered 5xx instead of 405."""

from collections.abc import Iterable

from checker.model import Place, Purpose
from checker.outcome import Severity
from checker.probes import Probe
from checker.rules import Rule

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

    def on_probe(self, probe: Probe) -> Iterable[Place]:
        status = probe.exchange.status or 0
        crashed = probe.exchange.failure is None and 500 <= status < 600 and status != 501
        if probe.purpose is Purpose.METHOD and crashed:
            yield Place(
                exchange=probe.exchange, note=f"{probe.exchange.method} is answered {status}"
            )

    def message(self, count: int, first: Place) -> str:
        return f"{first.note}: the server fails where it should refuse with 405."
