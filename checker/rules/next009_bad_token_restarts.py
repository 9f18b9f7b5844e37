"""NEXT009 bad-token-restarts: a token that was never issued is answered with the first page."""

from collections.abc import Iterable

from checker.core.model import Location, Probe, Purpose
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import Rule

__all__ = ["BadTokenRestarts"]


class BadTokenRestarts(Rule):
    """See the help beside this file."""

    id = "NEXT009"
    name = "bad-token-restarts"
    severity = Severity.WARNING
    clause = "G4"
    summary = "a token that was never issued is answered with the first page"
    fix = (
        "Answer a token that you cannot read with 400, so that nobody gets the messages of the "
        "first page twice."
    )
    needs = frozenset({Need.SERVER, Need.PAGE, Need.BAD_TOKEN_PROBE})

    def on_probe(self, probe: Probe) -> Iterable[Location]:
        if probe.purpose is Purpose.BAD_TOKEN and probe.same_rows:
            yield Location(exchange=probe.exchange)

    def message(self, count: int, first: Location) -> str:
        return "The server answered a token that it never issued with the first page instead of an error."
