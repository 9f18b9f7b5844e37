"""What all rules of one check share."""

from collections.abc import Iterator

from checker.core.config import Config
from checker.core.model import Exchange, Location, Page
from checker.rules.row_memory import ROWS_REMEMBERED, Repeat, RowMemory
from checker.text.display import cut
from checker.text.redact import Redactor, masked_name

__all__ = ["RuleContext"]

_TOKEN_KEPT = 200
_PAGES_KEPT = 1_000
_BYTES_KEPT = 8 * 1024 * 1024
"""The first pages up to so many bytes of bodies stay whole, to be shown with a row found twice."""


class RuleContext:
    """What all rules of one check share: what was asked for, and the memory of the rows."""

    def __init__(self, config: Config, redactor: Redactor) -> None:
        self.config = config
        self._redactor = redactor
        self.rows = RowMemory()
        self._tokens: list[str | None] = []
        self._exchanges: list[Exchange] = []
        self._bytes_left = _BYTES_KEPT

    def show(self, text: str, length: int) -> str:
        """Remote text cut short for a sentence, its secrets masked before the cut."""
        return cut(self._redactor.text(text), length)

    def name(self, name: str) -> str:
        """A member's name for a sentence; a name may be a person's id, as in a map by uid."""
        if self.config.show_data:
            return self.show(name, 40)
        return masked_name(name, self._redactor)

    def remember(self, page: Page) -> None:
        """Keep what the end of the crawl needs of a page."""
        self._remember_request(page)
        self.rows.add(page)

    def skip(self, page: Page) -> None:
        """A page without rows, or with those of another page."""
        self._remember_request(page)
        self.rows.skip_page()

    def _remember_request(self, page: Page) -> None:
        token = page.exchange.token
        short = token is not None and len(token) <= _TOKEN_KEPT
        self._tokens.append(token if short else None)
        self._bytes_left -= len(page.exchange.body)
        if self._bytes_left >= 0 and len(self._exchanges) < _PAGES_KEPT:
            self._exchanges.append(page.exchange)

    @property
    def rows_forgotten(self) -> str | None:
        """Why not all rows could be compared, if so."""
        ceiling = f"only the first {ROWS_REMEMBERED:,} rows are compared with each other"
        return ceiling if self.rows.overflowed else None

    def repeat_places(self, repeats: list[Repeat], count: int) -> Iterator[Location]:
        """Places of the first repeats, and one that stands for the others."""
        for repeat in repeats:
            index = repeat.page - 1
            yield Location(
                exchange=self._exchanges[index] if index < len(self._exchanges) else None,
                page=repeat.page,
                token=self._tokens[index] if index < len(self._tokens) else None,
                pointer=f"/list/{repeat.row}",
                note=f"also page {repeat.earlier_page}, /list/{repeat.earlier_row}",
            )
        if count > len(repeats):
            yield Location(count=count - len(repeats))
