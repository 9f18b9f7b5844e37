"""ROW017 markup-in-message: msg holds HTML tags or entities."""

from checker.core.model import Location, Page
from checker.core.report import Severity
from checker.rules.base import TextRule
from checker.rules.wording import rows_with
from checker.text.defects import markup_in, may_hold_markup

__all__ = ["MarkupInMessage"]


class MarkupInMessage(TextRule):
    """See the help beside this file."""

    id = "ROW017"
    name = "markup-in-message"
    severity = Severity.WARNING
    clause = "G2"
    summary = "msg contains HTML tags or entities"
    fix = (
        "Send plain text: turn HTML into text before you send the row, with line breaks for "
        "paragraphs, and without entities."
    )

    members = ("msg",)

    def may_occur(self, page: Page) -> bool:
        return may_hold_markup(page.msg_text)

    def judge(self, text: str) -> str | None:
        found = markup_in(text)
        return None if found is None else self.context.show(found, 30)

    def message(self, count: int, first: Location) -> str:
        return f"{rows_with(count, first)}: msg contains HTML, which the channel shows as it is: {first.note}."
