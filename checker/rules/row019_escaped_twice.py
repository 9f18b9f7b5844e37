"""ROW019 escaped-twice: msg shows escapes such as \\n as text, in many rows."""

from collections.abc import Iterable

from checker.core.model import CrawlEnd, Location, Page
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import Rule
from checker.rules.context import RuleContext
from checker.rules.many_rows import ManyRows
from checker.rules.wording import agree, rows_with
from checker.text.defects import may_show_escapes, shown_escape

__all__ = ["EscapedTwice"]


class EscapedTwice(Rule):
    """See the help beside this file."""

    id = "ROW019"
    name = "escaped-twice"
    severity = Severity.WARNING
    clause = "G2"
    summary = "msg shows escapes as text in many rows"
    fix = (
        "Escape each text once: let the JSON library do it, and pass it the text itself, not one "
        "that was already escaped for JSON, a URL or source code."
    )
    needs = frozenset({Need.PAGE, Need.EVERY_ROW})

    def __init__(self, context: RuleContext) -> None:
        super().__init__(context)
        self._escaped = ManyRows()
        self._rows = 0

    def on_page(self, page: Page) -> Iterable[Location]:
        self._rows += page.row_count
        if may_show_escapes(page.msg_text):
            for index, _, text in page.strings("msg"):
                note = shown_escape(text)
                if note is not None:
                    pointer = f"/list/{index}/msg"
                    self._escaped.add(
                        Location(exchange=page.exchange, pointer=pointer, value=text, note=note)
                    )
        return ()

    def on_end(self, end: CrawlEnd) -> Iterable[Location]:
        yield from self._escaped.locations(self._rows)

    def message(self, count: int, first: Location) -> str:
        shows = agree(count, "shows", "show")
        return f"{rows_with(count, first)} {shows} an escape as text: {first.note}."
