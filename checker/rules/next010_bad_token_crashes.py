"""NEXT010 bad-token-crashes: a token that was never issued is answered 5xx."""

from collections.abc import Iterable

from checker.model import Place, Purpose
from checker.outcome import Severity
from checker.probes import Probe
from checker.rules import Rule

__all__ = ["BadTokenCrashes"]


class BadTokenCrashes(Rule):
    """See the help beside this file."""

    id = "NEXT010"
    name = "bad-token-crashes"
    severity = Severity.WARNING
    clause = "G4"
    summary = "a token that was never issued is answered 5xx"
    fix = "Check the token before you use it, and answer one that you cannot read with 400."

    def on_probe(self, probe: Probe) -> Iterable[Place]:
        status = probe.exchange.status or 0
        judged = probe.purpose is Purpose.BAD_TOKEN and probe.beside is not None
        if judged and probe.exchange.failure is None and 500 <= status < 600:
            yield Place(exchange=probe.exchange, note=str(status))

    def message(self, count: int, first: Place) -> str:
        return f"A token that was never issued is answered {first.note}: the server fails on it."
