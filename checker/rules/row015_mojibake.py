"""ROW015 mojibake: msg looks like text decoded with the wrong encoding, or contains U+FFFD."""

from collections.abc import Iterable

from checker.core.model import CrawlEnd, Location, Page
from checker.core.report import Severity
from checker.rules.base import TextRule
from checker.rules.context import RuleContext
from checker.rules.many_rows import ManyRows
from checker.rules.wording import rows_with
from checker.text.defects import (
    broken_text,
    lost_letters,
    may_be_broken,
    may_have_lost_letters,
)

__all__ = ["Mojibake"]


class Mojibake(TextRule):
    """See the help beside this file."""

    id = "ROW015"
    name = "mojibake"
    severity = Severity.WARNING
    clause = "G2"
    summary = "msg looks like text decoded with the wrong encoding, or contains U+FFFD"
    fix = (
        "Read the data in the encoding in which it was saved, and write UTF-8; one conversion"
        " too many or too few breaks every letter that is not ASCII."
    )

    members = ("msg",)

    def __init__(self, context: RuleContext) -> None:
        super().__init__(context)
        self._question_marks = ManyRows()
        self._rows = 0

    def on_page(self, page: Page) -> Iterable[Location]:
        self._rows += page.row_count
        if may_have_lost_letters(page.msg_text):
            for index, _, text in page.strings("msg"):
                note = lost_letters(text)
                if note is not None:
                    pointer = f"/list/{index}/msg"
                    self._question_marks.add(
                        Location(exchange=page.exchange, pointer=pointer, value=text, note=note)
                    )
        yield from super().on_page(page)

    def on_end(self, end: CrawlEnd) -> Iterable[Location]:
        yield from self._question_marks.locations(self._rows)

    def may_occur(self, page: Page) -> bool:
        return may_be_broken(page.msg_text)

    def judge(self, text: str) -> str | None:
        return broken_text(text)

    def message(self, count: int, first: Location) -> str:
        return f"{rows_with(count, first)}: msg is garbled: {first.note}."
