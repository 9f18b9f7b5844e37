"""What a check has seen, as the causes read it: frozen and bounded. Pure."""

import json
from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from checker.core.config import Config
from checker.core.model import ABSENT, CrawlEnd, Exchange, Location, Probe, Purpose
from checker.core.report import Stack

__all__ = ["Facts", "FaultyRows", "PageFacts", "json_of"]

_TEXT_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFacts:
    """A page of the crawl: its answer, the body only of the first and the last ones, and figures.

    `members` are the root's other members than `list`, None where the root is not an object.
    """

    number: int
    exchange: Exchange
    rows: int
    row_hashes: "array[int]"
    members: Mapping[str, object] | None

    @property
    def next(self) -> object:
        """The page's `next` as it came, ABSENT without one."""
        return ABSENT if self.members is None else self.members.get("next", ABSENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultyRows:
    """Where rows with a rule's fault are: places as (page, row), from 0 in the page.

    `traits` has, for each trait of a text, how many of the faulty rows and of the fine rows of the
    same pages have it; `judged` counts the rows of these pages.
    """

    places: tuple[tuple[int, int], ...]
    faulty: int
    judged: int
    traits: Mapping[str, tuple[int, int]]
    values: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that a cause may look at. `mask` masks secrets in remote text."""

    config: Config
    end: CrawlEnd
    mask: Callable[[str], str]
    places: Mapping[str, tuple[Location, ...]] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    pages: tuple[PageFacts, ...] = ()
    pages_read: int = 0
    rows_read: int = 0
    probes: tuple[Probe, ...] = ()
    rows: Mapping[str, FaultyRows] = field(default_factory=dict)
    stack: Stack = field(default_factory=Stack)

    def first(self, rule: str) -> Location:
        """The first place of a rule's finding."""
        places = self.places.get(rule, ())
        return places[0] if places else Location()

    def exchange(self, rule: str) -> Exchange | None:
        """The exchange of a finding's first place."""
        return self.first(rule).exchange

    def body(self, rule: str) -> bytes:
        """The body of a finding's first place."""
        exchange = self.exchange(rule)
        return exchange.body if exchange is not None else b""

    def text(self, rule: str) -> str:
        """The same as text, as much of it as is of interest."""
        return self.body(rule)[:_TEXT_BYTES].decode("utf-8", "replace")

    def page(self, number: int | None) -> PageFacts | None:
        """A page of the crawl, if it was kept."""
        return next((page for page in self.pages if page.number == number), None)

    def tokens(self) -> list[str]:
        """The tokens that the crawl followed, of the pages that were kept."""
        return [page.exchange.token for page in self.pages if page.exchange.token is not None]

    def probed(self, purpose: Purpose) -> Iterator[Probe]:
        """The answers to one kind of probe."""
        return (probe for probe in self.probes if probe.purpose is purpose)

    def answers(self) -> Iterator[Exchange]:
        """Every answer that was kept, those of the crawl first."""
        seen = set[int]()
        places = (place.exchange for found in self.places.values() for place in found)
        pages = (page.exchange for page in self.pages)
        for exchange in (*pages, *places, *(probe.exchange for probe in self.probes)):
            if exchange is not None and id(exchange) not in seen:
                seen.add(id(exchange))
                yield exchange


_PARSED_BYTES = 1024 * 1024
"""A larger body is not parsed again: its values would take twenty times its memory."""


@lru_cache(maxsize=4)
def json_of(body: bytes) -> Any:
    """The document in a body; None for one that is not JSON, or too large to be parsed again."""
    if len(body) > _PARSED_BYTES:
        return None
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
