"""SEC002 plain-http: http to a host that is not this machine."""

from collections.abc import Iterable

from checker.core.model import Exchange, Location
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import Rule

__all__ = ["PlainHttp"]


class PlainHttp(Rule):
    """See the help beside this file."""

    id = "SEC002"
    name = "plain-http"
    severity = Severity.WARNING
    clause = "G3"
    summary = "http to a host that is not this machine"
    fix = "Serve the endpoint over https: now customers' data and the headers travel unencrypted."
    needs = frozenset({Need.SERVER, Need.SERVER_ADDRESS})

    def on_exchange(self, exchange: Exchange) -> Iterable[Location]:
        if self._told or exchange.local_peer is not False:
            return
        if self.context.config.endpoint.scheme == "http":
            self._told = True
            yield Location(exchange=exchange)

    _told = False

    def message(self, count: int, first: Location) -> str:
        return "The endpoint uses plain http: anyone on the way can read the data and the headers."
