"""NEXT016 position-token: the tokens look like page numbers or offsets."""

import re
from collections.abc import Iterable

from checker.core.model import CrawlEnd, Location, Page
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import Rule
from checker.rules.context import RuleContext

__all__ = ["PositionToken"]

_LEAST_TOKENS = 3
_NUMBER = re.compile(r"0|[1-9][0-9]{0,11}")


class PositionToken(Rule):
    """See the help beside this file."""

    id = "NEXT016"
    name = "position-token"
    severity = Severity.INFO
    clause = "G4"
    summary = "the tokens look like page numbers or offsets"
    fix = (
        "Page by a key: let the token hold the last row's id, and read WHERE id > (that id) "
        "ORDER BY id, so that rows that are added or removed meanwhile shift nothing."
    )
    needs = frozenset({Need.PAGE, Need.SECOND_PAGE})

    def __init__(self, context: RuleContext) -> None:
        super().__init__(context)
        self._numbers: list[int] = []
        self._first: Location | None = None
        self._rows_before = 0
        self._is_page = self._is_offset = True

    def on_page(self, page: Page) -> Iterable[Location]:
        token = page.next.token
        if token is None or not (self._is_page or self._is_offset):
            return ()
        number = _number(token)
        if number is None or _ends_with(page, token):
            self._is_page = self._is_offset = False
            return ()
        self._rows_before += page.row_count
        first, *_ = self._numbers or [number]
        # both count the page behind this one: from 0 or 1, and from its first row or the one after
        self._is_page &= first in (1, 2) and number == first + page.number - 1
        self._is_offset &= number - self._rows_before in (0, 1) and page.row_count > 1
        if len(self._numbers) < _LEAST_TOKENS:
            self._numbers.append(number)
        if self._first is None:
            self._first = Location(exchange=page.exchange, pointer="/next", value=token)
        return ()

    def on_end(self, end: CrawlEnd) -> Iterable[Location]:
        is_position = self._is_page or self._is_offset
        if self._first is not None and is_position and len(self._numbers) >= _LEAST_TOKENS:
            yield self._first

    def message(self, count: int, first: Location) -> str:
        kind = "page numbers" if self._is_page else "offsets"
        shown = ", ".join(map(str, self._numbers))
        return (
            f"The tokens look like {kind} ({shown}): rows that are added or removed during a crawl "
            "shift the pages, and people are left out or get their message twice."
        )


def _number(token: str) -> int | None:
    return int(token) if _NUMBER.fullmatch(token) else None


def _ends_with(page: Page, token: str) -> bool:
    """Whether the token is a key: the page's last uid is this number, with letters before it."""
    last = page.uids[-1] if page.uids else None
    if last is None:
        row = page.rows[-1] if page.rows else None
        last = str(row.get("uid")) if isinstance(row, dict) else ""
    return re.fullmatch(rf"\D*0*{token}", last) is not None
