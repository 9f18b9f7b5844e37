"""Keeps of a crawl what the causes need: bounded, whatever a server sends."""

import re
from array import array
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from checker.core.config import Config
from checker.core.model import CrawlEnd, Location, Page, Probe
from checker.diagnosis.facts import Facts, FaultyRows, PageFacts
from checker.diagnosis.traits import TRAITS

__all__ = ["CrawlRecord"]

_PAGES_KEPT = 2_000
_ROWS_KEPT = 200_000
_FIRST_BODIES = 3
_BODY_BYTES = 64 * 1024
_MEMBERS_KEPT = 20
_TEXT_KEPT = 4_096
_PLACES_KEPT = 5_000
_TRAIT_PAGES = 20
_VALUES_KEPT = 200
_PROBES_KEPT = 20
_ROW = re.compile(r"/list/(\d{1,9})(?:/|\Z)")


@dataclass(slots=True)
class _Rows:
    """The places of one rule's faulty rows, and which traits their texts have."""

    places: set[tuple[int, int]] = field(default_factory=set)
    values: list[object] = field(default_factory=list)
    faulty: int = 0
    judged: int = 0
    pages: int = 0
    traits: dict[str, tuple[int, int]] = field(default_factory=dict)


class CrawlRecord:
    """A listener of one check, told of each page, place and probe."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._pages: list[PageFacts] = []
        self._last: Page | None = None
        self._rows_left = _ROWS_KEPT
        self._probes: list[Probe] = []
        self._rows: dict[str, _Rows] = {}
        self._on_page: dict[tuple[str, int], set[int]] = {}

    def add_place(self, rule: str, place: Location) -> None:
        """A place that a rule has found."""
        match = _ROW.match(place.pointer or "")
        page = place.page or (place.exchange.page if place.exchange is not None else None)
        if match is None or page is None:
            return
        rows = self._rows.setdefault(rule, _Rows())
        if len(rows.places) < _PLACES_KEPT:
            rows.places.add((page, int(match[1])))
        if len(rows.values) < _VALUES_KEPT:
            rows.values.append(_short(place.value))
        self._on_page.setdefault((rule, page), set()).add(int(match[1]))

    def add_page(self, page: Page) -> None:
        """A page of the crawl, once it is judged, its rows still there."""
        for (rule, number), indexes in self._on_page.items():
            if number == page.number:
                self._compare(self._rows[rule], indexes, page)
        self._on_page.clear()
        if len(self._pages) < _PAGES_KEPT and self._rows_left >= page.row_count:
            self._rows_left -= page.row_count
            self._pages.append(_page_facts(page, with_body=len(self._pages) < _FIRST_BODIES))
        self._last = page

    def add_probe(self, probe: Probe) -> None:
        """A probe's answer."""
        if len(self._probes) < _PROBES_KEPT:
            self._probes.append(probe)

    def facts(
        self,
        *,
        end: CrawlEnd,
        places: Mapping[str, tuple[Location, ...]],
        counts: Mapping[str, int],
        pages_read: int,
        rows_read: int,
        mask: Callable[[str], str],
    ) -> Facts:
        """What was kept, with what the check knows at its end."""
        last = [] if self._last is None else [_page_facts(self._last, with_body=True)]
        pages = [page for page in self._pages if not last or page.number != last[0].number]
        return Facts(
            config=self._config,
            end=end,
            places=places,
            counts=counts,
            pages=(*pages, *last),
            pages_read=pages_read,
            rows_read=rows_read,
            probes=tuple(self._probes),
            rows={rule: _frozen(rows) for rule, rows in self._rows.items()},
            mask=mask,
        )

    def _compare(self, rows: _Rows, indexes: set[int], page: Page) -> None:
        """Which traits the faulty rows of a page have, and which its fine ones."""
        rows.faulty += len(indexes)
        rows.judged += page.row_count
        rows.pages += 1
        if rows.pages > _TRAIT_PAGES:
            return
        for index, text in enumerate(page.msgs):
            if text is None:
                continue
            for name, trait in TRAITS.items():
                if trait(text):
                    faulty, fine = rows.traits.get(name, (0, 0))
                    bad = index in indexes
                    rows.traits[name] = (faulty + bad, fine + (not bad))


def _frozen(rows: _Rows) -> FaultyRows:
    return FaultyRows(
        places=tuple(sorted(rows.places)),
        faulty=rows.faulty,
        judged=rows.judged,
        traits=dict(rows.traits),
        values=tuple(rows.values),
    )


def _page_facts(page: Page, *, with_body: bool) -> PageFacts:
    exchange = page.exchange
    if not with_body or len(exchange.body) > _BODY_BYTES:
        exchange = replace(exchange, body=b"")
    members = None
    if isinstance(page.document, dict):
        others = [(name, value) for name, value in page.document.items() if name != "list"]
        members = {name: _short(value) for name, value in others[:_MEMBERS_KEPT]}
        if "next" in page.document:
            members["next"] = _short(page.document["next"])
    return PageFacts(
        number=page.number,
        exchange=exchange,
        rows=page.row_count,
        row_hashes=array("q", page.row_hashes),
        members=members,
    )


def _short(value: object) -> object:
    """A value that takes little room; of a large one its type alone is of interest."""
    if isinstance(value, str):
        return value[:_TEXT_KEPT]
    if isinstance(value, list):
        return [_scalar(item) for item in value[:_MEMBERS_KEPT]]
    if isinstance(value, dict):
        return {key: _scalar(item) for key, item in list(value.items())[:_MEMBERS_KEPT]}
    return value


def _scalar(value: object) -> object:
    return value[:_TEXT_KEPT] if isinstance(value, str) else _kind(value)


def _kind(value: object) -> object:
    """An empty container in place of one with content."""
    if isinstance(value, dict):
        return {}
    return [] if isinstance(value, list) else value
