"""ROW010 control-characters: uid or msg holds a control character."""

import re
from collections.abc import Iterable

from checker.core.model import Location, Page
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import Rule
from checker.rules.wording import agree, places_with
from checker.text.defects import broken_text
from checker.text.scan import TextScan

__all__ = ["ControlCharacters"]

_C0 = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f"
_CONTROL = re.compile(f"[{_C0}\x80-\x9f]")
_CONTROL_BUT_C1 = re.compile(f"[{_C0}]")
# an alternative of more than one character, as `.?` makes it, is looked for as a word: fast
_C1_HINT = TextScan("|".join(f"\\x{code:02x}.?" for code in range(0x80, 0xA0)))
_ESCAPED = re.compile(rb"\\(?:[bf]|u00(?:[01]|7[fF]|[89]))")


class ControlCharacters(Rule):
    """See the help beside this file."""

    id = "ROW010"
    name = "control-characters"
    severity = Severity.WARNING
    clause = "G2"
    summary = "uid or msg contains a control character"
    fix = "Remove control characters other than tab and line break when you read or write the data."
    needs = frozenset({Need.PAGE, Need.EVERY_ROW})

    def on_page(self, page: Page) -> Iterable[Location]:
        if not _may_occur(page):
            return
        for index, member, text in page.strings("uid", "msg"):
            found = _CONTROL.search(text)
            if found is not None and member == "msg" and broken_text(text):
                # wrongly decoded text is full of C1, and is reported as such (ROW015)
                found = _CONTROL_BUT_C1.search(text)
            if found is not None:
                pointer = f"/list/{index}/{member}"
                note = f"U+{ord(found.group()):04X}"
                yield Location(exchange=page.exchange, pointer=pointer, value=text, note=note)

    def message(self, count: int, first: Location) -> str:
        texts = places_with("text", count, first)
        has = agree(count, "has", "have")
        return f"{texts} {has} an invisible control character: {first.note}."


def _may_occur(page: Page) -> bool:
    """A quick look at the whole page: False only when no text of the page can break the rule."""
    body = page.exchange.body
    if b"\\" in body and _ESCAPED.search(body):
        return True
    if b"\x7f" in body or page.defects:
        return True
    return _C1_HINT.hits(page.uid_text) or _C1_HINT.hits(page.msg_text)
