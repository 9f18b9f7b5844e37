"""ROW015 mojibake: msg looks like text decoded with the wrong encoding, or contains U+FFFD."""

from checker.core.model import Location, Page
from checker.core.report import Severity
from checker.rules.base import TextRule
from checker.rules.wording import rows_with
from checker.text.defects import broken_text, may_be_broken

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

    def may_occur(self, page: Page) -> bool:
        return may_be_broken(page.msg_text)

    def judge(self, text: str) -> str | None:
        return broken_text(text)

    def message(self, count: int, first: Location) -> str:
        return f"{rows_with(count, first)}: msg is garbled: {first.note}."
