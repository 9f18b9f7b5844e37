"""NEXT003 token-loop: a token that this crawl already followed."""

from checker.core.model import CrawlEnd, Location, Page
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import EndRule
from checker.text.display import plural

__all__ = ["TokenLoop"]


class TokenLoop(EndRule):
    """See the help beside this file."""

    id = "NEXT003"
    name = "token-loop"
    severity = Severity.ERROR
    clause = "G4"
    summary = "a token that this crawl already followed"
    fix = (
        "Make each token from the last row of its own page (keyset pagination), and send an "
        "empty `next` after the last row."
    )
    needs = frozenset({Need.PAGE, Need.SECOND_PAGE, Need.WHOLE_CRAWL})

    def place(self, end: CrawlEnd, page: Page) -> Location:
        back = end.other_page or page.number
        length = page.number - back + 1
        way = (
            " → ".join(map(str, [*range(back, page.number + 1), back]))
            if length <= 8
            else f"{back} → … → {page.number} → {back}"
        )
        note = (
            f"the token of page {page.number} is the one that gave page {back}, "
            f"a loop of {plural(length, 'page')} ({way})"
        )
        return Location(
            exchange=page.exchange, pointer="/next", value=page.document["next"], note=note
        )

    def message(self, count: int, first: Location) -> str:
        return f"The crawl would never end: {first.note}."
