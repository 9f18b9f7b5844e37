"""What a rule is: the classes that rules are made from. A rule yields places and composes its sentence; it does no I/O, and never raises for what a server sent."""

from collections.abc import Iterable
from typing import ClassVar

from checker.core.model import CrawlEnd, Exchange, LoadTestResult, Location, Page, Probe
from checker.core.needs import Need
from checker.core.report import Severity
from checker.core.status import status_rule
from checker.rules.channel_format import Channel
from checker.rules.context import RuleContext
from checker.rules.wording import (
    after_tries,
    answered,
    page_of,
    type_name,
)

__all__ = [
    "ChannelRule",
    "DefectRule",
    "EndRule",
    "FailureRule",
    "Rule",
    "SchemaRule",
    "StatusRule",
    "TextRule",
]


class Rule:
    """A rule of the contract. An instance lives for one crawl."""

    id: ClassVar[str]
    name: ClassVar[str]
    severity: ClassVar[Severity]
    clause: ClassVar[str]
    summary: ClassVar[str]
    fix: ClassVar[str]
    needs: ClassVar[frozenset[Need]] = frozenset()

    def __init__(self, context: RuleContext) -> None:
        self.context = context

    def on_exchange(self, exchange: Exchange) -> Iterable[Location]:
        """Every exchange of the crawl, as it came."""
        del exchange
        return ()

    def on_page(self, page: Page) -> Iterable[Location]:
        """Every page of the crawl that could be read."""
        del page
        return ()

    def on_violations(self, page: Page) -> Iterable[Location]:
        """Every page that fails an assertion of the page schema."""
        del page
        return ()

    def on_defects(self, page: Page) -> Iterable[Location]:
        """Every page whose body has a defect as text, readable or not."""
        del page
        return ()

    def on_probe(self, probe: Probe) -> Iterable[Location]:
        """Every probe's answer."""
        del probe
        return ()

    def on_load(self, load: LoadTestResult) -> Iterable[Location]:
        """Once, when several crawls ran side by side."""
        del load
        return ()

    def on_end(self, end: CrawlEnd) -> Iterable[Location]:
        """Once, after the last request."""
        del end
        return ()

    def message(self, count: int, first: Location) -> str:
        """One sentence with the figures, from the count and the first place."""
        raise NotImplementedError


class FailureRule(Rule):
    """A page that could not be read, for the reason that the transport gives."""

    needs = frozenset({Need.SERVER, Need.CONNECTION})

    def on_exchange(self, exchange: Exchange) -> Iterable[Location]:
        if exchange.failure is not None and exchange.failure.rule == self.id:
            yield Location(exchange=exchange, note=exchange.failure.detail)

    def message(self, count: int, first: Location) -> str:
        return f"{page_of(first)} could not be read: {first.note}{after_tries(first)}."


class StatusRule(Rule):
    """A page that was answered with an error status."""

    needs = frozenset({Need.SERVER})

    def on_exchange(self, exchange: Exchange) -> Iterable[Location]:
        failed = exchange.failure is not None
        if failed or exchange.status is None or exchange.succeeded:
            return
        if status_rule(exchange) == self.id:
            yield Location(exchange=exchange, note=f"{exchange.status} {exchange.reason}".strip())

    def message(self, count: int, first: Location) -> str:
        return f"{answered(first)}."


class DefectRule(Rule):
    """Something wrong with a body as text, as the decoder noted it."""

    needs = frozenset({Need.PAGE})

    def on_defects(self, page: Page) -> Iterable[Location]:
        for defect in page.defects:
            if defect.rule == self.id:
                yield Location(
                    exchange=page.exchange,
                    pointer=defect.pointer,
                    value=defect.value,
                    note=defect.note,
                )


class SchemaRule(Rule):
    """An assertion of the page schema, which names this rule as its failure."""

    needs = frozenset({Need.PAGE})

    def on_violations(self, page: Page) -> Iterable[Location]:
        for violation in page.violations.get(self.id, ()):
            yield Location(
                exchange=page.exchange,
                pointer=violation.pointer,
                value=violation.value,
                note=self.note(violation.value),
            )

    def note(self, value: object) -> str:
        """What of the value belongs in the sentence."""
        return type_name(value)


class EndRule(Rule):
    """A reason for which the crawl stops."""

    needs = frozenset({Need.PAGE})

    def on_end(self, end: CrawlEnd) -> Iterable[Location]:
        if end.rule == self.id and end.page is not None:
            yield self.place(end, end.page)

    def place(self, end: CrawlEnd, page: Page) -> Location:
        """Where and why."""
        del end
        return Location(exchange=page.exchange, pointer="/next", value=page.document["next"])


class TextRule(Rule):
    """Something in a uid or msg. A cheap look at the whole page's text comes before any row."""

    needs = frozenset({Need.PAGE, Need.EVERY_ROW})
    members: ClassVar[tuple[str, ...]] = ("uid", "msg")

    def on_page(self, page: Page) -> Iterable[Location]:
        if not self.may_occur(page):
            return
        for index, member, text in page.strings(*self.members):
            note = self.judge(text)
            if note is not None:
                pointer = f"/list/{index}/{member}"
                yield Location(exchange=page.exchange, pointer=pointer, value=text, note=note)

    def may_occur(self, page: Page) -> bool:
        """False only when no text of the page can break the rule."""
        raise NotImplementedError

    def judge(self, text: str) -> str | None:
        """What is wrong with the text, or None."""
        raise NotImplementedError


class ChannelRule(TextRule):
    """What a channel asks of a uid or msg; judges nothing without --channel."""

    needs = frozenset({Need.PAGE, Need.EVERY_ROW, Need.CHANNEL})
    member: ClassVar[str]

    def __init__(self, context: RuleContext) -> None:
        super().__init__(context)
        name = context.config.channel
        self._channel = Channel(name) if name is not None else None

    def on_page(self, page: Page) -> Iterable[Location]:
        for place in super().on_page(page):
            if place.pointer is not None and place.pointer.endswith(self.member):
                yield place

    def may_occur(self, page: Page) -> bool:
        return self._channel is not None and not self._channel.takes_all(page.uids, page.msgs)

    def judge(self, text: str) -> str | None:
        return None if self._channel is None else self._channel.fault(self.member, text)
