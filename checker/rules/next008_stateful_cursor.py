"""NEXT008 stateful-cursor: the first page, requested again, is empty or continues where the crawl was."""

from collections.abc import Iterable

from checker.core.model import Location, Probe, Purpose
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import Rule
from checker.rules.probe_answers import cursor_moved

__all__ = ["StatefulCursor"]


class StatefulCursor(Rule):
    """See the help beside this file."""

    id = "NEXT008"
    name = "stateful-cursor"
    severity = Severity.ERROR
    clause = "G4"
    summary = "the first page, requested again, is empty or continues where the crawl was"
    fix = (
        "Let the token alone say where a page starts; keep no position in a session, a global"
        " variable or an open database cursor."
    )
    needs = frozenset({Need.SERVER, Need.PAGE, Need.SECOND_PAGE, Need.REPLAY_PROBE})

    def on_probe(self, probe: Probe) -> Iterable[Location]:
        if probe.purpose is Purpose.REPLAY and cursor_moved(probe):
            empty = probe.page is not None and not probe.page.row_count
            note = "is empty" if empty else "continues where the crawl was"
            yield Location(exchange=probe.exchange, note=note)

    def message(self, count: int, first: Location) -> str:
        return (
            f"The first page, requested again, {first.note}: the server keeps the position itself, "
            "as a cursor bound to a session does."
        )
