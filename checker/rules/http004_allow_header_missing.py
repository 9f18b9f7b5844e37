"""HTTP004 allow-header-missing: a 405 without an Allow header."""

from collections.abc import Iterable

from checker.core.model import Location, Probe, Purpose
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import Rule

__all__ = ["AllowHeaderMissing"]


class AllowHeaderMissing(Rule):
    """See the help beside this file."""

    id = "HTTP004"
    name = "allow-header-missing"
    severity = Severity.INFO
    clause = "G1"
    summary = "a 405 without an Allow header"
    fix = "Add the header `Allow: GET, HEAD` to the 405 (RFC 9110, section 15.5.6)."
    needs = frozenset({Need.SERVER, Need.METHOD_PROBE})

    def on_probe(self, probe: Probe) -> Iterable[Location]:
        exchange = probe.exchange
        refused = probe.purpose is Purpose.METHOD and exchange.status == 405
        if refused and exchange.header("Allow") is None:
            yield Location(exchange=exchange, note=exchange.method)

    def message(self, count: int, first: Location) -> str:
        return (
            f"The server refused {first.note} with 405, but sent no Allow header, which names the "
            "allowed methods."
        )
