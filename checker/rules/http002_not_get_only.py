"""HTTP002 not-get-only: another method is answered with success."""

from collections.abc import Iterable

from checker.core.model import Location, Probe, Purpose
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import Rule

__all__ = ["NotGetOnly"]


class NotGetOnly(Rule):
    """See the help beside this file."""

    id = "HTTP002"
    name = "not-get-only"
    severity = Severity.ERROR
    clause = "G1"
    summary = "another method is answered with success"
    fix = "Let the route take GET alone, and answer every other method 405 with an Allow header."
    needs = frozenset({Need.SERVER, Need.METHOD_PROBE})

    def on_probe(self, probe: Probe) -> Iterable[Location]:
        # RFC 9110, section 9.3.7: success is how OPTIONS tells what is allowed
        refusable = probe.purpose is Purpose.METHOD and probe.exchange.method != "OPTIONS"
        # a page in HTML, as a proxy or Google Apps Script answers any method, is not the endpoint's data
        html = probe.exchange.body[:1000].lstrip().startswith(b"<")
        if refusable and probe.exchange.succeeded and not html:
            note = f"{probe.exchange.method} with {probe.exchange.status}"
            yield Location(exchange=probe.exchange, note=note)

    def message(self, count: int, first: Location) -> str:
        return f"The server answered {first.note}. Only GET may be answered with success."
