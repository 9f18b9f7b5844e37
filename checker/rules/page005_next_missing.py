"""PAGE005 next-missing: no next."""

from checker.core.model import Location
from checker.core.report import Severity
from checker.rules.base import SchemaRule
from checker.rules.wording import agree, pages_with

__all__ = ["NextMissing"]


class NextMissing(SchemaRule):
    """See the help beside this file."""

    id = "PAGE005"
    name = "next-missing"
    severity = Severity.ERROR
    clause = "G4"
    summary = "no next"
    fix = (
        "Add `next` to the root of every page: the next page's token, and an empty string on "
        "the last page."
    )

    def message(self, count: int, first: Location) -> str:
        return f"{pages_with(count, first)} {agree(count, 'has', 'have')} no member next, so the crawl can neither continue nor end."
