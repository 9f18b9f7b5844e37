"""NEXT007 unstable-page: the same page, asked twice, gave other rows or another order."""

from collections.abc import Iterable

from checker.comparing import cursor_moved, replay_differs, same_set
from checker.model import Place, Purpose
from checker.outcome import Severity
from checker.probes import Probe
from checker.rules import Rule, pages_with

__all__ = ["UnstablePage"]


class UnstablePage(Rule):
    """See the help beside this file."""

    id = "NEXT007"
    name = "unstable-page"
    severity = Severity.WARNING
    clause = "G4"
    summary = "the same page, asked twice, gave other rows or another order"
    fix = "Sort by a unique column: ORDER BY id, in the query of every page."

    def on_probe(self, probe: Probe) -> Iterable[Place]:
        if probe.purpose is Purpose.REPLAY and replay_differs(probe) and not cursor_moved(probe):
            note = "another order of the same rows" if same_set(probe) else "other rows"
            yield Place(exchange=probe.exchange, note=note)

    def message(self, count: int, first: Place) -> str:
        return (
            f"{pages_with(count, first)}, asked twice, gave {first.note}: "
            "the pages have no fixed order, as with OFFSET without ORDER BY."
        )
