"""NEXT014 never-ends: the page budget was used up, or too many empty pages came in a row."""

from checker.core.model import CrawlEnd, Location, Page
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import EndRule
from checker.rules.wording import page_number
from checker.text.display import plural

__all__ = ["NeverEnds"]


class NeverEnds(EndRule):
    """See the help beside this file."""

    id = "NEXT014"
    name = "never-ends"
    severity = Severity.ERROR
    clause = "G4"
    summary = "the page budget was used up, or too many empty pages came in a row"
    fix = (
        "Send an empty `next` after the last row; if there really are so many pages, send "
        "more rows a page or raise --max-pages, and --max-empty-pages where many pages in a row are empty."
    )
    needs = frozenset({Need.PAGE, Need.WHOLE_CRAWL})

    def place(self, end: CrawlEnd, page: Page) -> Location:
        within = end.empty_pages <= self.context.config.max_empty_pages
        note = "" if within else str(end.empty_pages)
        return Location(
            exchange=page.exchange, pointer="/next", value=page.document["next"], note=note
        )

    def message(self, count: int, first: Location) -> str:
        if first.note:
            return (
                f"The last {plural(int(first.note), 'page')}, up to page {page_number(first)}, are empty "
                "pages, each with a token for a next page: the crawl does not end."
            )
        return f"After {plural(self.context.config.max_pages, 'page')} there is still a next page: the crawl does not end."
