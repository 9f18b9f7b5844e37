"""ROW010 control-characters: uid or msg holds a control character."""

import re

from checker.model import Page, Place, Severity
from checker.prose import broken_text
from checker.rules import TextRule, where
from checker.text import plural

__all__ = ["ControlCharacters"]

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_FIRST_C1 = 0x80
_RAW_C1 = re.compile(rb"\xc2[\x80-\x9f]")
_ESCAPED = re.compile(rb"\\(?:[bf]|u00(?:[01]|7[fF]|[89]))")


class ControlCharacters(TextRule):
    """See the help beside this file."""

    id = "ROW010"
    name = "control-characters"
    severity = Severity.WARNING
    clause = "G2"
    summary = "uid or msg holds a control character"
    fix = "Remove control characters other than tab and line break when you read or write the data."

    def may_occur(self, page: Page) -> bool:
        body = page.exchange.body
        if b"\\" in body and _ESCAPED.search(body):
            return True
        return b"\x7f" in body or bool(page.oddities) or _RAW_C1.search(body) is not None

    def judge(self, text: str) -> str | None:
        found = _CONTROL.search(text)
        if found is None or (ord(found.group()) >= _FIRST_C1 and broken_text(text)):
            return None  # wrongly decoded text is full of them, and is reported as such (ROW015)
        return f"U+{ord(found.group()):04X}"

    def message(self, count: int, first: Place) -> str:
        texts = plural(count, "text")
        return f"{texts} with a control character that no one sees ({where(count, first)}: {first.note})."
