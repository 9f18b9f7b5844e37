"""Collects what the rules yield, bounded: a count and the first few locations of each rule."""

from dataclasses import dataclass, field, replace

from checker.core.config import Config
from checker.core.model import Exchange, Location
from checker.core.report import Example, Finding
from checker.engine.repeat import curl_of, probe_words
from checker.engine.transcript import transcript_of
from checker.rules.base import Rule
from checker.text.display import cut
from checker.text.redact import Redactor, masked_value

__all__ = ["EXAMPLES_KEPT", "BodyBudget", "Tally", "example_of", "finding_of"]

EXAMPLES_KEPT = 5
_TOKEN_SHOWN = 200
_NOTE_SHOWN = 300
_LONGEST_VALUE = 64 * 1024
_BODIES_KEPT_BYTES = 16 * 1024 * 1024
"""As much as the largest body that is read by default (contract, section 3)."""


class BodyBudget:
    """Bytes of bodies that may stay in memory until the report is built, each body counted once."""

    def __init__(self, limit_bytes: int = _BODIES_KEPT_BYTES) -> None:
        self._left = limit_bytes
        self._kept: dict[int, bytes] = {}

    def keep(self, exchange: Exchange) -> Exchange:
        """The exchange, without its body when too much is kept already."""
        body = exchange.body
        if id(body) not in self._kept:
            if len(body) > self._left:
                return replace(exchange, body=b"")
            self._left -= len(body)
            self._kept[id(body)] = body
        return exchange


@dataclass(slots=True)
class Tally:
    """What one rule found so far: how often, and the first few locations. Nothing is masked yet."""

    budget: BodyBudget = field(default_factory=BodyBudget)
    count: int = 0
    locations: list[Location] = field(default_factory=list)

    def add(self, location: Location) -> None:
        """One more location, kept only among the first."""
        self.count += location.count
        if len(self.locations) < EXAMPLES_KEPT and location.count == 1:
            self.locations.append(self._bounded(location))

    def _bounded(self, location: Location) -> Location:
        exchange, value = location.exchange, location.value
        if exchange is not None:
            exchange = self.budget.keep(exchange)
        if isinstance(value, str):
            value = value[:_LONGEST_VALUE]
        return replace(location, exchange=exchange, value=value)


def finding_of(rule: Rule, tally: Tally, config: Config, redactor: Redactor) -> Finding:
    """A rule's finding as it is shown: masked, then cut short."""
    first = tally.locations[0] if tally.locations else Location()
    message = rule.message(tally.count, first)
    return Finding(
        rule=rule.id,
        name=rule.name,
        severity=rule.severity,
        count=tally.count,
        message=cut(redactor.text(message), _NOTE_SHOWN + 300),
        fix=rule.fix,
        help=f"docs/rules/{rule.id}.md",
        examples=tuple(example_of(location, config, redactor) for location in tally.locations),
    )


def example_of(location: Location, config: Config, redactor: Redactor) -> Example:
    """A place as it is shown: redacted, masked, cut short."""
    exchange = location.exchange
    page, token = location.page, location.token
    if exchange is not None:
        page, token = exchange.page, exchange.token
    value = masked_value(
        location.value, location.pointer, show_data=config.show_data, redactor=redactor
    )
    if value is None and location.note:
        value = cut(redactor.text(location.note), _NOTE_SHOWN)
    return Example(
        page=page,
        token=None if token is None else cut(redactor.text(token), _TOKEN_SHOWN),
        pointer=None if location.pointer is None else cut(redactor.text(location.pointer), 200),
        value=value,
        curl=curl_of(location, token, config, redactor),
        transcript=None
        if exchange is None
        else transcript_of(exchange, location.pointer, config, redactor),
        probe=probe_words(exchange),
    )
