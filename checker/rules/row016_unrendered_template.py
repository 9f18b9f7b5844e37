"""ROW016 unrendered-template: msg holds a placeholder that was never filled in."""

from collections.abc import Iterable

from checker.core.model import CrawlEnd, Location, Page
from checker.core.report import Severity
from checker.rules.base import TextRule
from checker.rules.context import RuleContext
from checker.rules.many_rows import ManyRows
from checker.rules.wording import rows_with
from checker.text.defects import (
    bracketed_field,
    may_be_unrendered,
    may_hold_brackets,
    unrendered,
)

__all__ = ["UnrenderedTemplate"]

_MOST_FIELDS = 50


class UnrenderedTemplate(TextRule):
    """See the help beside this file."""

    id = "ROW016"
    name = "unrendered-template"
    severity = Severity.WARNING
    clause = "G2"
    summary = "msg contains a placeholder that was never filled in"
    fix = (
        "Fill in the template before you send the row, and leave out people for whom a value "
        "is missing."
    )

    members = ("msg",)

    def __init__(self, context: RuleContext) -> None:
        super().__init__(context)
        self._fields: dict[str, ManyRows] = {}
        self._rows = 0

    def on_page(self, page: Page) -> Iterable[Location]:
        self._rows += page.row_count
        if may_hold_brackets(page.msg_text):
            for index, _, text in page.strings("msg"):
                field = bracketed_field(text)
                if field is not None and (
                    field in self._fields or len(self._fields) < _MOST_FIELDS
                ):
                    pointer = f"/list/{index}/msg"
                    self._fields.setdefault(field, ManyRows()).add(
                        Location(exchange=page.exchange, pointer=pointer, value=text, note=field)
                    )
        yield from super().on_page(page)

    def on_end(self, end: CrawlEnd) -> Iterable[Location]:
        for rows in self._fields.values():
            yield from rows.locations(self._rows)

    def may_occur(self, page: Page) -> bool:
        return may_be_unrendered(page.msg_text)

    def judge(self, text: str) -> str | None:
        return unrendered(text)

    def message(self, count: int, first: Location) -> str:
        shown = self.context.show(first.note, 40)
        return f"{rows_with(count, first)}: msg was not filled in; it contains {shown}."
