"""What a rule is, and the rules of the contract, found by scanning this folder.

One file a rule, named by its id and name, with its help beside it as Markdown. A rule yields
places and composes its sentence; it does no I/O, and never raises for what a server sent.
"""

import importlib
import pkgutil
import re
from collections.abc import Iterable
from functools import cache
from typing import ClassVar

from checker.channels import Channel
from checker.crawl import status_rule
from checker.load import LoadResult
from checker.model import CrawlEnd, Exchange, Page, Place
from checker.outcome import Severity
from checker.probes import Probe
from checker.rules.trail import Trail
from checker.rules.wording import (
    after_tries,
    agree,
    near_miss,
    page_number,
    page_of,
    pages_with,
    pointer_to,
    rows_with,
    type_name,
    where,
)

__all__ = [
    "ChannelRule",
    "EndRule",
    "FailureRule",
    "OddityRule",
    "Rule",
    "SchemaRule",
    "StatusRule",
    "TextRule",
    "Trail",
    "agree",
    "all_rules",
    "near_miss",
    "page_number",
    "page_of",
    "pages_with",
    "pointer_to",
    "rows_with",
    "type_name",
    "where",
]


class Rule:
    """A rule of the contract. An instance lives for one crawl."""

    id: ClassVar[str]
    name: ClassVar[str]
    severity: ClassVar[Severity]
    clause: ClassVar[str]
    summary: ClassVar[str]
    fix: ClassVar[str]

    def __init__(self, trail: Trail) -> None:
        self.trail = trail

    def on_exchange(self, exchange: Exchange) -> Iterable[Place]:
        """Every exchange of the crawl, as it came."""
        del exchange
        return ()

    def on_page(self, page: Page) -> Iterable[Place]:
        """Every page of the crawl that could be read."""
        del page
        return ()

    def on_violations(self, page: Page) -> Iterable[Place]:
        """Every page that fails an assertion of the page schema."""
        del page
        return ()

    def on_oddities(self, page: Page) -> Iterable[Place]:
        """Every page whose body is odd as text, readable or not."""
        del page
        return ()

    def on_probe(self, probe: Probe) -> Iterable[Place]:
        """Every probe's answer."""
        del probe
        return ()

    def on_load(self, load: LoadResult) -> Iterable[Place]:
        """Once, when several crawls ran side by side."""
        del load
        return ()

    def on_end(self, end: CrawlEnd) -> Iterable[Place]:
        """Once, when all is asked."""
        del end
        return ()

    def message(self, count: int, first: Place) -> str:
        """One sentence with the figures, from the count and the first place."""
        raise NotImplementedError

    def cannot_judge(self) -> str | None:
        """Why this check gives the rule nothing to judge, if so; asked at the end."""
        return None


class FailureRule(Rule):
    """A page that could not be had, as the transport named it."""

    def on_exchange(self, exchange: Exchange) -> Iterable[Place]:
        if exchange.failure is not None and exchange.failure.rule == self.id:
            yield Place(exchange=exchange, note=exchange.failure.detail)

    def message(self, count: int, first: Place) -> str:
        return f"{page_of(first)} could not be had: {first.note}{after_tries(first)}."


class StatusRule(Rule):
    """A page answered with a status that is no page."""

    def on_exchange(self, exchange: Exchange) -> Iterable[Place]:
        failed = exchange.failure is not None
        if failed or exchange.status is None or exchange.succeeded:
            return
        if status_rule(exchange) == self.id:
            yield Place(exchange=exchange, note=f"{exchange.status} {exchange.reason}".strip())

    def message(self, count: int, first: Place) -> str:
        return f"{page_of(first)} is answered {first.note}{after_tries(first)}."


class OddityRule(Rule):
    """Something wrong with a body as text, as the decoder noted it."""

    def on_oddities(self, page: Page) -> Iterable[Place]:
        for oddity in page.oddities:
            if oddity.rule == self.id:
                yield Place(
                    exchange=page.exchange,
                    pointer=oddity.pointer,
                    value=oddity.value,
                    note=oddity.note,
                )


class SchemaRule(Rule):
    """An assertion of the page schema, which names this rule as its failure."""

    def on_violations(self, page: Page) -> Iterable[Place]:
        for violation in page.violations.get(self.id, ()):
            yield Place(
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

    def on_end(self, end: CrawlEnd) -> Iterable[Place]:
        if end.rule == self.id and end.page is not None:
            yield self.place(end, end.page)

    def place(self, end: CrawlEnd, page: Page) -> Place:
        """Where and why."""
        del end
        return Place(exchange=page.exchange, pointer="/next", value=page.document["next"])


class TextRule(Rule):
    """Something in a uid or msg. A cheap look at the whole page's text comes before any row."""

    members: ClassVar[tuple[str, ...]] = ("uid", "msg")

    def on_page(self, page: Page) -> Iterable[Place]:
        if not self.may_occur(page):
            return
        for index, member, text in page.strings(*self.members):
            note = self.judge(text)
            if note is not None:
                pointer = f"/list/{index}/{member}"
                yield Place(exchange=page.exchange, pointer=pointer, value=text, note=note)

    def may_occur(self, page: Page) -> bool:
        """False only when no text of the page can break the rule."""
        raise NotImplementedError

    def judge(self, text: str) -> str | None:
        """What is wrong with the text, or None."""
        raise NotImplementedError


class ChannelRule(TextRule):
    """What a channel asks of a uid or msg; judges nothing without --channel."""

    member: ClassVar[str]

    def __init__(self, trail: Trail) -> None:
        super().__init__(trail)
        name = trail.config.channel
        self._channel = Channel(name) if name is not None else None

    def on_page(self, page: Page) -> Iterable[Place]:
        for place in super().on_page(page):
            if place.pointer is not None and place.pointer.endswith(self.member):
                yield place

    def may_occur(self, page: Page) -> bool:
        return self._channel is not None and not self._channel.takes_all(page.uids, page.msgs)

    def judge(self, text: str) -> str | None:
        return None if self._channel is None else self._channel.fault(self.member, text)

    def cannot_judge(self) -> str | None:
        return None if self._channel else "asked for only with --channel"


_RULE_FILE = re.compile(r"([a-z]+)(\d{3})_[a-z0-9_]+\Z")
_FAMILIES = ("NET", "HTTP", "JSON", "PAGE", "ROW", "NEXT", "PERF", "SEC")


@cache
def all_rules() -> dict[str, type[Rule]]:
    """Every rule by its id, in the contract's order."""
    found: dict[str, type[Rule]] = {}
    for module_info in pkgutil.iter_modules(__path__):
        if _RULE_FILE.match(module_info.name):
            module = importlib.import_module(f"{__name__}.{module_info.name}")
            found.update(
                (item.id, item)
                for item in vars(module).values()
                if isinstance(item, type)
                and issubclass(item, Rule)
                and item.__module__ == module.__name__
            )
    return dict(sorted(found.items(), key=lambda pair: _order(pair[0])))


def _order(rule_id: str) -> tuple[int, str]:
    family = rule_id.rstrip("0123456789")
    return (_FAMILIES.index(family) if family in _FAMILIES else len(_FAMILIES), rule_id)
