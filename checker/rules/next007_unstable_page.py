"""NEXT007 unstable-page: the same page, asked twice, gave other rows or another order."""

from collections.abc import Iterable

from checker.core.model import Location, Probe, Purpose
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import Rule
from checker.rules.probe_answers import cursor_moved, replay_differs, same_set
from checker.rules.wording import pages_with

__all__ = ["UnstablePage"]


class UnstablePage(Rule):
    """See the help beside this file."""

    id = "NEXT007"
    name = "unstable-page"
    severity = Severity.WARNING
    clause = "G4"
    summary = "the same page, requested twice, gave other rows or another order"
    fix = "Sort by a unique column: ORDER BY id, in the query of every page."
    needs = frozenset({Need.SERVER, Need.PAGE, Need.SECOND_PAGE, Need.REPLAY_PROBE})

    def on_probe(self, probe: Probe) -> Iterable[Location]:
        if probe.purpose is Purpose.REPLAY and replay_differs(probe) and not cursor_moved(probe):
            note = "the same rows in another order" if same_set(probe) else "other rows"
            yield Location(exchange=probe.exchange, note=note)

    def message(self, count: int, first: Location) -> str:
        return (
            f"{pages_with(count, first)}, requested twice, gave {first.note}: "
            "the pages have no fixed order, as with OFFSET without ORDER BY."
        )
