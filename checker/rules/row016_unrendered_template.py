"""ROW016 unrendered-template: msg holds a placeholder that was never filled in."""

from checker.core.model import Location, Page
from checker.core.report import Severity
from checker.rules.base import TextRule
from checker.rules.wording import rows_with
from checker.text.defects import may_be_unrendered, unrendered

__all__ = ["UnrenderedTemplate"]


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

    def may_occur(self, page: Page) -> bool:
        return may_be_unrendered(page.msg_text)

    def judge(self, text: str) -> str | None:
        return unrendered(text)

    def message(self, count: int, first: Location) -> str:
        shown = self.context.show(first.note, 40)
        return f"{rows_with(count, first)}: msg was not filled in; it contains {shown}."
