"""NEXT006 overlapping-pages: a row of one page stands on another page too."""

from collections.abc import Iterable

from checker.core.model import CrawlEnd, Location
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import Rule
from checker.rules.wording import agree, rows_with

__all__ = ["OverlappingPages"]


class OverlappingPages(Rule):
    """See the help beside this file."""

    id = "NEXT006"
    name = "overlapping-pages"
    severity = Severity.ERROR
    clause = "G4"
    summary = "a row of one page appears on another page too"
    fix = (
        "Page by a key: WHERE id > (the last row's id) ORDER BY id, instead of page numbers "
        "or OFFSET over data that changes or has no fixed order."
    )
    needs = frozenset({Need.PAGE, Need.SECOND_PAGE, Need.WHOLE_CRAWL, Need.ROWS_COMPARED})

    def on_end(self, end: CrawlEnd) -> Iterable[Location]:
        tally = self.context.rows.tally()
        yield from self.context.repeat_places(tally.first_overlaps, tally.overlaps)

    def message(self, count: int, first: Location) -> str:
        appears = agree(count, "appears", "appear")
        people = agree(count, "this person", "these people")
        return (
            f"{rows_with(count, first)} {appears} on another page ({first.note}): {people} would get "
            "the message twice, and others may be left out."
        )
