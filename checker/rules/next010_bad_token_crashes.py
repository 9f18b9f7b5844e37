"""NEXT010 bad-token-crashes: a token that was never issued is answered 5xx, or not at all."""

from collections.abc import Iterable

from checker.core.model import Location, Probe, Purpose
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import Rule

__all__ = ["BadTokenCrashes"]

_DROPPED = frozenset({"NET002", "NET005"})


class BadTokenCrashes(Rule):
    """See the help beside this file."""

    id = "NEXT010"
    name = "bad-token-crashes"
    severity = Severity.WARNING
    clause = "G4"
    summary = "a token that was never issued is answered 5xx, or the connection is dropped"
    fix = "Check the token before you use it, and answer one that you cannot read with 400."
    needs = frozenset({Need.SERVER, Need.PAGE, Need.BAD_TOKEN_PROBE})

    def on_probe(self, probe: Probe) -> Iterable[Location]:
        if probe.purpose is not Purpose.BAD_TOKEN or probe.reference is None:
            return
        status, failure = probe.exchange.status or 0, probe.exchange.failure
        if failure is None and 500 <= status < 600:
            yield Location(
                exchange=probe.exchange,
                note=f"The server answered a token that it never issued with {status}",
            )
        elif failure is not None and failure.rule in _DROPPED:
            yield Location(
                exchange=probe.exchange,
                note=f"The server did not answer a token that it never issued: {failure.detail}",
            )

    def message(self, count: int, first: Location) -> str:
        return f"{first.note}. It fails on it."
