"""NEXT010 bad-token-crashes: a token that was never issued is answered 5xx."""

from collections.abc import Iterable

from checker.core.model import Location, Probe, Purpose
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import Rule

__all__ = ["BadTokenCrashes"]


class BadTokenCrashes(Rule):
    """See the help beside this file."""

    id = "NEXT010"
    name = "bad-token-crashes"
    severity = Severity.WARNING
    clause = "G4"
    summary = "a token that was never issued is answered 5xx"
    fix = "Check the token before you use it, and answer one that you cannot read with 400."
    needs = frozenset({Need.SERVER, Need.PAGE, Need.BAD_TOKEN_PROBE})

    def on_probe(self, probe: Probe) -> Iterable[Location]:
        status = probe.exchange.status or 0
        judged = probe.purpose is Purpose.BAD_TOKEN and probe.reference is not None
        if judged and probe.exchange.failure is None and 500 <= status < 600:
            yield Location(exchange=probe.exchange, note=str(status))

    def message(self, count: int, first: Location) -> str:
        return (
            f"The server answered a token that it never issued with {first.note}: it fails on it."
        )
