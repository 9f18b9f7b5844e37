"""ROW018 mangled-uid: uid looks like a number that a spreadsheet rewrote."""

from checker.core.model import Location, Page
from checker.core.report import Severity
from checker.rules.base import TextRule
from checker.rules.wording import rows_with
from checker.text.defects import may_be_rewritten, rewritten_number

__all__ = ["MangledUid"]


class MangledUid(TextRule):
    """See the help beside this file."""

    id = "ROW018"
    name = "mangled-uid"
    severity = Severity.WARNING
    clause = "G2"
    summary = "uid looks like a number that a spreadsheet rewrote"
    fix = (
        "Keep uids as text from the source on: format the column as text before you import or "
        "type the data, and import it again; the lost digits cannot be restored."
    )

    members = ("uid",)

    def may_occur(self, page: Page) -> bool:
        return may_be_rewritten(page.uid_text)

    def judge(self, text: str) -> str | None:
        return rewritten_number(text)

    def message(self, count: int, first: Location) -> str:
        return (
            f"{rows_with(count, first)}: uid is a number {first.note}: a spreadsheet rewrote it, and "
            "several people may have become one."
        )
