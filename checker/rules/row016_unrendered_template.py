"""ROW016 unrendered-template: msg holds a placeholder that was never filled in."""

from checker.model import Page, Place
from checker.outcome import Severity
from checker.prose import may_be_unrendered, unrendered
from checker.rules import TextRule, rows_with

__all__ = ["UnrenderedTemplate"]


class UnrenderedTemplate(TextRule):
    """See the help beside this file."""

    id = "ROW016"
    name = "unrendered-template"
    severity = Severity.WARNING
    clause = "G2"
    summary = "msg holds a placeholder that was never filled in"
    fix = (
        "Fill in the template before you send the row, and leave out people for whom a value "
        "is missing."
    )

    members = ("msg",)

    def may_occur(self, page: Page) -> bool:
        return not page.plain and may_be_unrendered(page.msg_text)

    def judge(self, text: str) -> str | None:
        return unrendered(text)

    def message(self, count: int, first: Place) -> str:
        return f"{rows_with(count, first)} whose msg was not filled in: it holds {self.trail.show(first.note, 40)}."
