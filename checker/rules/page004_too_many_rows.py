"""PAGE004 too-many-rows: list has 500 rows or more."""

from collections.abc import Iterable

from checker.model import Page, Place
from checker.outcome import Severity
from checker.rules import SchemaRule, agree, pages_with
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

    def on_violations(self, page: Page) -> Iterable[Place]:
        if self.id in page.violations:
            self._most = max(self._most, page.row_count)
            yield Place(exchange=page.exchange, pointer="/list", note=f"{page.row_count:,} rows")

    _most = 0

    def message(self, count: int, first: Place) -> str:
        return (
            f"{pages_with(count, first)} {agree(count, 'holds', 'hold')} too many rows: "
            f"up to {self._most:,}, where at most {ROW_LIMIT} are allowed."
        )
