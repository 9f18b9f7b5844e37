"""SEC007 any-credential-accepted: refused without credentials, yet served with altered ones."""

from collections.abc import Iterable

from checker.core.model import Location, Probe, Purpose
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import Rule
from checker.rules.context import RuleContext

__all__ = ["AnyCredentialAccepted"]


class AnyCredentialAccepted(Rule):
    """See the help beside this file."""

    id = "SEC007"
    name = "any-credential-accepted"
    severity = Severity.WARNING
    clause = "G3"
    summary = "refused without credentials, but served with altered ones"
    fix = "Compare the credential with the right one, and not only look whether there is one."
    needs = frozenset({Need.SERVER, Need.ALTERED_CREDENTIALS_PROBE})

    def __init__(self, context: RuleContext) -> None:
        super().__init__(context)
        self._refused_without = False

    def on_probe(self, probe: Probe) -> Iterable[Location]:
        if probe.purpose is Purpose.NO_CREDENTIALS:
            self._refused_without = not probe.exchange.succeeded
        elif (
            probe.purpose is Purpose.ALTERED_CREDENTIALS
            and self._refused_without
            and probe.same_rows
        ):
            yield Location(exchange=probe.exchange)

    def message(self, count: int, first: Location) -> str:
        return "The server refuses the first page without the credential, but sends it with a wrong one."
