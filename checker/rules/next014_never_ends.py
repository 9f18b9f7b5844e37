"""NEXT014 never-ends: the page budget was used up."""

from checker.core.model import Location
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import EndRule
from checker.text.display import plural

__all__ = ["NeverEnds"]


class NeverEnds(EndRule):
    """See the help beside this file."""

    id = "NEXT014"
    name = "never-ends"
    severity = Severity.ERROR
    clause = "G4"
    summary = "the page budget was used up"
    fix = (
        "Send an empty `next` after the last row; if there really are so many pages, send "
        "more rows a page or raise --max-pages."
    )
    needs = frozenset({Need.PAGE, Need.WHOLE_CRAWL})

    def message(self, count: int, first: Location) -> str:
        return f"After {plural(self.context.config.max_pages, 'page')} there is still a next page: the crawl does not end."
