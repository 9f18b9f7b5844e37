"""NEXT007 unstable-page: the same page, requested twice, gave other rows, another order, or a refusal."""

from checker.core.model import Location
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.replays import Replay, ReplayRule
from checker.rules.wording import page_of, pages_with

__all__ = ["UnstablePage"]


class UnstablePage(ReplayRule):
    """See the help beside this file."""

    id = "NEXT007"
    name = "unstable-page"
    severity = Severity.WARNING
    clause = "G4"
    summary = "the same page, requested twice, gave other rows or another order, or was refused the second time"
    fix = (
        "Sort by a unique column: ORDER BY id, in the query of every page. Let a token work as often as "
        "it is requested, so that a page whose answer was lost can be read again."
    )
    needs = frozenset({Need.SERVER, Need.PAGE, Need.SECOND_PAGE, Need.REPLAY_PROBE})
    outcomes = frozenset({Replay.OTHER_ORDER, Replay.OTHER_ROWS, Replay.REFUSED})

    def message(self, count: int, first: Location) -> str:
        if first.note == Replay.REFUSED and first.exchange is not None:
            return (
                f"{page_of(first)}, requested again, was refused with {first.exchange.status}: a page "
                "whose answer is lost cannot be read again."
            )
        return (
            f"{pages_with(count, first)}, requested twice, gave {first.note}: "
            "a crawl may leave people out or give them their message twice."
        )
