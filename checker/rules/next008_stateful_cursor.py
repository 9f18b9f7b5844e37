"""NEXT008 stateful-cursor: a page, requested again, is empty or continues where the crawl was."""

from checker.core.model import Location
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.replays import Replay, ReplayRule
from checker.rules.wording import page_of

__all__ = ["StatefulCursor"]


class StatefulCursor(ReplayRule):
    """See the help beside this file."""

    id = "NEXT008"
    name = "stateful-cursor"
    severity = Severity.ERROR
    clause = "G4"
    summary = "a page, requested again, is empty or continues where the crawl was, or one token gives ever new rows"
    fix = (
        "Let the token alone say where a page starts; keep no position in a session, a global"
        " variable or an open database cursor."
    )
    needs = frozenset({Need.SERVER, Need.PAGE, Need.SECOND_PAGE, Need.REPLAY_PROBE})
    outcomes = frozenset({Replay.EMPTY, Replay.MOVED})

    def message(self, count: int, first: Location) -> str:
        return (
            f"{page_of(first)}, requested again, {first.note}: the server keeps the position itself, as "
            "a cursor bound to a session or a scroll id does. A retry would lose the rows of a page."
        )
