"""PAGE004 too-many-rows: list has 500 rows or more."""

from collections.abc import Iterable

from checker.core.model import Location, Page
from checker.core.report import Severity
from checker.rules.base import SchemaRule
from checker.rules.wording import page_of, pages_with
from schemas import ROW_LIMIT

__all__ = ["TooManyRows"]


class TooManyRows(SchemaRule):
    """See the help beside this file."""

    id = "PAGE004"
    name = "too-many-rows"
    severity = Severity.ERROR
    clause = "G4"
    summary = "list has 500 rows or more"
    fix = "Send fewer than 500 rows a page, and the token of the next page in `next`."

    def on_violations(self, page: Page) -> Iterable[Location]:
        if self.id in page.violations:
            self._most = max(self._most, page.row_count)
            yield Location(exchange=page.exchange, pointer="/list", note=f"{page.row_count:,} rows")

    _most = 0

    def message(self, count: int, first: Location) -> str:
        if count == 1:
            return f"{page_of(first)} has {first.note}; at most {ROW_LIMIT} are allowed."
        return (
            f"{pages_with(count, first)} have too many rows: up to {self._most:,}; "
            f"at most {ROW_LIMIT} are allowed."
        )
