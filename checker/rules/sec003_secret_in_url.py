"""SEC003 secret-in-url: a query parameter that looks like a credential."""

from collections.abc import Iterable

from checker.model import CrawlEnd, Exchange, Place
from checker.outcome import Severity
from checker.rules import Rule, Trail

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

    def __init__(self, trail: Trail) -> None:
        super().__init__(trail)
        self._first: Exchange | None = None

    def on_exchange(self, exchange: Exchange) -> Iterable[Place]:
        self._first = self._first or exchange
        return ()

    def on_end(self, end: CrawlEnd) -> Iterable[Place]:
        for name, _ in self.trail.config.endpoint.secret_parameters():
            yield Place(exchange=self._first, note=self.trail.show(name, 40))

    def message(self, count: int, first: Place) -> str:
        return f"The URL holds what looks like a credential: the parameter {first.note}."
