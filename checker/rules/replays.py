"""What a page, asked for again, says of the server (NEXT007, NEXT008). Pure."""

from collections.abc import Iterable
from enum import StrEnum
from typing import ClassVar

from checker.core.model import CrawlEnd, Location, Probe, Purpose
from checker.rules.base import Rule
from checker.rules.context import RuleContext
from checker.rules.row_memory import RowMemory

__all__ = ["Replay", "ReplayRule", "replay_of"]

_PASSING = frozenset({408, 429, 502, 503, 504})
"""Statuses that say nothing of the page, but that the server is busy."""

_FURTHER = (1, 2)
"""The page after the one that was asked for again, or after the one that the crawl had come to."""


class Replay(StrEnum):
    """How a page that was asked for again stands to what it was."""

    SAME = "the same rows"
    OTHER_ORDER = "the same rows in another order"
    OTHER_ROWS = "other rows"
    REFUSED = "refused"
    EMPTY = "is empty"
    MOVED = "continues where the crawl was"


def replay_of(probe: Probe, rows: RowMemory) -> Replay:
    """The outcome, judged at the end of the crawl, when all its rows are known. Rows added at the end
    of a page are fine.
    """
    reference, page = probe.reference, probe.page
    if reference is None:
        return Replay.SAME
    if page is None:
        return Replay.REFUSED if _is_refusal(probe) else Replay.SAME
    before, after = reference.row_hashes, page.row_hashes
    if after[: len(before)] == before:
        return Replay.SAME
    if not page.row_count:
        return Replay.EMPTY
    if sorted(after) == sorted(before):
        return Replay.OTHER_ORDER
    if set(after) & set(before) or not _is_further(after, reference.number, rows):
        return Replay.OTHER_ROWS
    return Replay.MOVED


def _is_refusal(probe: Probe) -> bool:
    status = probe.exchange.status
    answered = status is not None and probe.exchange.failure is None
    return answered and not probe.exchange.succeeded and status not in _PASSING


def _is_further(after: list[int], number: int, rows: RowMemory) -> bool:
    """Whether the rows are on no page of the crawl, or all on one that follows. Pages without a fixed
    order give rows of many pages.
    """
    found = rows.pages_of(set(after))
    if not found:
        return True
    pages = set(found.values())
    return len(found) == len(set(after)) and pages in [{number + step} for step in _FURTHER]


class ReplayRule(Rule):
    """Judges the pages that were asked for again, once the crawl is over."""

    outcomes: ClassVar[frozenset[Replay]]

    def __init__(self, context: RuleContext) -> None:
        super().__init__(context)
        self._probes: list[Probe] = []

    def on_probe(self, probe: Probe) -> Iterable[Location]:
        if probe.purpose is Purpose.REPLAY:
            self._probes.append(probe)
        return ()

    def on_end(self, end: CrawlEnd) -> Iterable[Location]:
        for probe in self._probes:
            outcome = replay_of(probe, self.context.rows)
            if outcome in self.outcomes:
                yield Location(exchange=probe.exchange, note=outcome.value)
