"""HTTP002 not-get-only: another method gives a page, or is taken as a request to write."""

from collections.abc import Iterable

from checker.core.model import Location, Probe, Purpose
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import Rule
from checker.rules.probe_answers import is_method_taken

__all__ = ["NotGetOnly"]


class NotGetOnly(Rule):
    """See the help beside this file."""

    id = "HTTP002"
    name = "not-get-only"
    severity = Severity.ERROR
    clause = "G1"
    summary = "another method is answered with a page, or is taken as a request to write"
    fix = "Let the route take GET alone, and answer every other method 405 with an Allow header."
    needs = frozenset({Need.SERVER, Need.METHOD_PROBE})

    def on_probe(self, probe: Probe) -> Iterable[Location]:
        # RFC 9110, section 9.3.7: success is how OPTIONS tells what is allowed
        refusable = probe.purpose is Purpose.METHOD and probe.exchange.method != "OPTIONS"
        if refusable and is_method_taken(probe):
            note = f"{probe.exchange.method} with {probe.exchange.status}"
            yield Location(exchange=probe.exchange, note=note)

    def message(self, count: int, first: Location) -> str:
        answered = first.exchange
        allowed = answered is not None and not answered.succeeded and answered.header("Allow")
        if allowed:
            return (
                f"The server answered {first.note} and Allow: {allowed}. It would accept a request with a "
                "body; only GET may be allowed."
            )
        return f"The server answered {first.note}. Only GET may be answered with success."
