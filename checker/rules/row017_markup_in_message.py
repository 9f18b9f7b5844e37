"""ROW017 markup-in-message: msg holds HTML tags or entities."""

import re

from checker.model import Page, Place
from checker.outcome import Severity
from checker.rules import TextRule, rows_with
from checker.text_scan import TextScan

__all__ = ["MarkupInMessage", "has_markup"]

_TAGS = (
    "a|abbr|article|b|blockquote|body|br|button|center|code|dd|div|dl|dt|em|font|footer|form|h[1-6]"
    "|head|header|hr|html|i|iframe|img|input|label|li|link|meta|ol|option|p|pre|s|script|section"
    "|select|small|span|strike|strong|style|sub|sup|svg|table|tbody|td|th|thead|title|tr|u|ul|video"
)
# a whole tag, whose attributes must look like attributes: `a <b and c> d` is arithmetic; none holds
# a `<`, so that a text of many beginnings is not searched to its end from each
_MARKUP = re.compile(
    rf"<(?:/(?:{_TAGS})\s*|(?:{_TAGS})(?:\s+[\w:-]+\s*=\s*(?:\"[^\"<]*\"|'[^'<]*'|[^\s<>\"']+))*\s*/?)>"
    r"|<!--|<!doctype\b|&(?:amp|lt|gt|quot|apos|nbsp|copy|reg|trade|hellip|mdash|ndash|rsquo|lsquo"
    r"|rdquo|ldquo|bull|euro|[aeiouAEIOU](?:acute|grave|circ|uml|tilde)|ntilde|ccedil|szlig"
    r"|#\d{1,7}|#x[0-9a-f]{1,6});",
    re.IGNORECASE,
)
_MARKUP_HINT = TextScan("<|&[#A-Za-z]")


def has_markup(text: str) -> bool:
    """Whether a message holds tags or entities."""
    return ("<" in text or "&" in text) and _MARKUP.search(text) is not None


class MarkupInMessage(TextRule):
    """See the help beside this file."""

    id = "ROW017"
    name = "markup-in-message"
    severity = Severity.WARNING
    clause = "G2"
    summary = "msg holds HTML tags or entities"
    fix = (
        "Send plain text: turn HTML into text before you send the row, with line breaks for "
        "paragraphs, and without entities."
    )

    members = ("msg",)

    def may_occur(self, page: Page) -> bool:
        return not page.plain and _MARKUP_HINT.hits(page.msg_text)

    def judge(self, text: str) -> str | None:
        found = _MARKUP.search(text)
        return None if found is None else self.trail.show(found.group(), 30)

    def message(self, count: int, first: Place) -> str:
        return f"{rows_with(count, first)} whose msg holds HTML, which is shown as it is: {first.note}."
