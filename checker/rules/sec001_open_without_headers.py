"""SEC001 open-without-headers: the same data is served without the headers that the user gave."""

from collections.abc import Iterable

from checker.core.model import Location, Probe, Purpose
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import Rule

__all__ = ["OpenWithoutHeaders"]


class OpenWithoutHeaders(Rule):
    """See the help beside this file."""

    id = "SEC001"
    name = "open-without-headers"
    severity = Severity.WARNING
    clause = "G3"
    summary = "the same data is served without the headers that the user gave"
    fix = "Refuse requests without the credential with 401, before any data is read."
    needs = frozenset({Need.SERVER, Need.NO_CREDENTIALS_PROBE})

    def on_probe(self, probe: Probe) -> Iterable[Location]:
        if probe.purpose is Purpose.NO_CREDENTIALS and probe.same_rows:
            yield Location(exchange=probe.exchange)

    def message(self, count: int, first: Location) -> str:
        return (
            "The server also sends the first page without the headers: "
            "anyone who knows the URL gets the data."
        )
