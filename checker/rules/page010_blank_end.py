"""PAGE010 blank-end: a 200 with a blank body ends the crawl."""

from collections.abc import Iterable

from checker.core.model import Location, Page, PageKind, Probe, Purpose
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import Rule
from checker.rules.context import RuleContext
from checker.rules.wording import agree, page_of, pages_with
from checker.text.display import plural

__all__ = ["BlankEnd"]

_PASSED = "blank once"


class BlankEnd(Rule):
    """See the help beside this file."""

    id = "PAGE010"
    name = "blank-end"
    severity = Severity.WARNING
    clause = "G4"
    summary = "a 200 with a blank body ends the crawl: it cannot be told from a program that died"
    fix = (
        'End the data with {"list": [], "next": ""} or with status 204. Where rows are missing, look '
        "in the server's log for the error of this request."
    )

    needs = frozenset({Need.PAGE})

    def __init__(self, context: RuleContext) -> None:
        super().__init__(context)
        self._rows = self._last_rows = self._most_rows = 0
        self._end: Page | None = None
        self._asked_again: Probe | None = None

    def on_probe(self, probe: Probe) -> Iterable[Location]:
        if probe.purpose is not Purpose.BLANK or probe.reference is None:
            return
        self._asked_again = probe
        if probe.page is not None and probe.page.kind is PageKind.ROWS:
            yield Location(exchange=probe.reference.exchange, note=_PASSED)

    def on_page(self, page: Page) -> Iterable[Location]:
        if page.is_blank:
            self._end = page
            yield Location(exchange=page.exchange, value="")
            return
        self._rows += page.row_count
        self._last_rows = page.row_count
        self._most_rows = max(self._most_rows, page.row_count)

    def message(self, count: int, first: Location) -> str:
        if self._end is None:
            was = agree(count, "was", "were")
            return (
                f"{pages_with(count, first)} {was} blank (status 200 without a body) and had rows when "
                "requested again: the server failed for a moment, and a client that takes a blank page "
                "for the end of the data loses people."
            )
        return f"{self._what_was_blank(self._end)}{self._what_follows(self._end)}"

    def _what_was_blank(self, end: Page) -> str:
        blank = f"{page_of(Location(exchange=end.exchange))} is blank (status {end.exchange.status} without a body)"
        again = self._asked_again
        if again is None or again.exchange.status is None:
            return blank
        if again.page is not None and again.page.is_blank:
            return f"{blank}, also when requested again"
        return f"{blank}, and answered {again.exchange.status} when requested again"

    def _what_follows(self, end: Page) -> str:
        if end.number == 1:
            return ": the endpoint gave no data, as a program that failed before it wrote anything does."
        read = f". The crawl ended there after {plural(self._rows, 'row')}"
        if self._last_rows and self._last_rows >= self._most_rows:
            return (
                f"{read}; page {end.number - 1} was full and gave a token, so the data probably goes "
                "on: people may be missing."
            )
        return f"{read}: this may be the end of the data, or a program that failed, with people missing."
