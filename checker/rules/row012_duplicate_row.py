"""ROW012 duplicate-row: the same uid and msg twice within one page."""

from collections.abc import Iterable

from checker.core.model import Location, Page
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import Rule
from checker.rules.wording import agree, rows_with

__all__ = ["DuplicateRow"]


class DuplicateRow(Rule):
    """See the help beside this file."""

    id = "ROW012"
    name = "duplicate-row"
    severity = Severity.WARNING
    clause = "G4"
    summary = "the same uid and msg twice within one page"
    fix = (
        "Select each row once: look for a JOIN that multiplies rows, and use DISTINCT or GROUP BY."
    )
    needs = frozenset({Need.PAGE, Need.EVERY_ROW})

    def on_page(self, page: Page) -> Iterable[Location]:
        if page.all_differ:
            return
        seen: dict[tuple[str, str], int] = {}
        for index, (uid, msg) in enumerate(zip(page.uids, page.msgs, strict=True)):
            if uid is not None and msg is not None:
                first = seen.setdefault((uid, msg), index)
                if first != index:
                    note = f"also /list/{first}"
                    yield Location(
                        exchange=page.exchange,
                        pointer=f"/list/{index}",
                        value=page.rows[index],
                        note=note,
                    )

    def message(self, count: int, first: Location) -> str:
        return (
            f"{rows_with(count, first)} {agree(count, 'appears', 'appear')} twice on one page "
            f"({first.note}): the message would be sent twice."
        )
