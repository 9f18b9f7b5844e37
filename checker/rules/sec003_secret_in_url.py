"""SEC003 secret-in-url: a query parameter that looks like a credential."""

from collections.abc import Iterable

from checker.core.model import CrawlEnd, Exchange, Location
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import Rule
from checker.rules.context import RuleContext

__all__ = ["SecretInUrl"]


class SecretInUrl(Rule):
    """See the help beside this file."""

    id = "SEC003"
    name = "secret-in-url"
    severity = Severity.WARNING
    clause = "G3"
    summary = "a query parameter that looks like a credential"
    fix = (
        "Take the credential from a header, such as Authorization: URLs end up in logs and "
        "histories."
    )
    needs = frozenset({Need.SERVER})

    def __init__(self, context: RuleContext) -> None:
        super().__init__(context)
        self._first: Exchange | None = None

    def on_exchange(self, exchange: Exchange) -> Iterable[Location]:
        self._first = self._first or exchange
        return ()

    def on_end(self, end: CrawlEnd) -> Iterable[Location]:
        for name, _ in self.context.config.endpoint.secret_parameters():
            yield Location(exchange=self._first, note=self.context.show(name, 40))

    def message(self, count: int, first: Location) -> str:
        return f"The URL contains what looks like a credential: the parameter {first.note}."
