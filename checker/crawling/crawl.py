"""Follows the tokens of an endpoint, page by page, and knows why it stopped.

Sees no rules: it yields pages and ends with a CrawlEnd. Keeps hashes, never rows, so that its
memory stays small over 100,000 pages.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

from checker.core.endpoint import Endpoint
from checker.core.model import CrawlEnd, Exchange, NextKind, Page, PageKind
from checker.core.status import failure_rule
from checker.parsing.page import read_page

__all__ = ["MAX_EMPTY_PAGES", "Crawl"]

MAX_EMPTY_PAGES = 100
"""Empty pages in a row that are followed (contract, section 2)."""

Fetch = Callable[[str | None, int], Exchange]
GoingOn = Callable[[Page], None]
AskAgain = Callable[[Page], Page | None]


class Crawl:
    """One crawl. Iterate over `pages()`; `end` is set when that is done."""

    def __init__(
        self,
        endpoint: Endpoint,
        fetch: Fetch,
        *,
        max_pages: int,
        rule_names: dict[str, str],
        max_empty_pages: int = MAX_EMPTY_PAGES,
        start: str | None = None,
        going_on: GoingOn | None = None,
        ask_again: AskAgain | None = None,
    ) -> None:
        """`fetch` gets a page by token and number; `start` is the token to resume at. `going_on` is
        told of each page that another one follows, before the page is handed out. `ask_again` asks
        once more for a page that was blank, or that gives its own token as the next one; None when
        there is no answer.
        """
        self._endpoint = endpoint
        self._fetch = fetch
        self._max_pages = max_pages
        self._max_empty_pages = max_empty_pages
        self._rule_names = rule_names
        self._start = start
        self._going_on = going_on
        self._ask_again = ask_again
        self._followed: dict[int, int] = {}
        self._page_keys: dict[tuple[int, int], int] = {}
        self._empty_pages = 0
        self.end: CrawlEnd | None = None

    def pages(self) -> Iterator[Page]:
        """The pages in order, the last one included, whatever it is."""
        token, number = self._start, 0
        while self.end is None:
            number += 1
            page = self._page(token, number)
            if token is not None:
                self._followed[hash(token)] = number
            self.end = self._end_at(page)
            if self.end is None and self._going_on is not None:
                self._going_on(page)
            yield page
            token = page.next.token

    def _page(self, token: str | None, number: int) -> Page:
        """The page; a blank one is asked for once more, and may have been a passing fault."""
        page = read_page(self._fetch(token, number), number, self._endpoint)
        if page.is_blank and self._ask_again is not None:
            again = self._ask_again(page)
            if again is not None and again.kind is PageKind.ROWS:
                page = again
        listed = isinstance(page.document, dict) and page.document.get("list") == []
        self._empty_pages = self._empty_pages + 1 if listed else 0
        return page

    def _end_at(self, page: Page) -> CrawlEnd | None:
        """Why the crawl stops after this page, or None when it goes on. The order matters: the
        rows are compared before the tokens (contract, NEXT003).
        """
        if page.kind is PageKind.UNREADABLE:
            return self._stopped(failure_rule(page), page)
        repeated = self._repeated_page(page)
        if repeated is not None:
            rule = "NEXT004" if page.number == 2 and repeated == 1 else "NEXT005"
            return self._stopped(rule, page, repeated)
        if page.kind is PageKind.EMPTY:
            return CrawlEnd(ended_by="empty-response", page=page)
        if page.next.kind is not NextKind.TOKEN:
            return self._end_by_next(page)
        looped = self._followed.get(hash(page.next.token))
        if looped is not None:
            kept = looped == page.number and self._position_is_kept(page)
            return self._stopped("NEXT008" if kept else "NEXT003", page, looped)
        if page.number >= self._max_pages or self._empty_pages > self._max_empty_pages:
            return replace(self._stopped("NEXT014", page), empty_pages=self._empty_pages)
        return None

    def _end_by_next(self, page: Page) -> CrawlEnd:
        if page.next.kind is NextKind.EMPTY:
            return CrawlEnd(ended_by="empty-next", page=page)
        if page.next.kind is NextKind.MISSING:
            rule = "PAGE005" if isinstance(page.document, dict) else "PAGE001"
            return self._stopped(rule, page)
        if page.next.kind is NextKind.URL:
            return self._stopped("NEXT013", page)
        return self._stopped("NEXT001" if "NEXT001" in page.violations else "JSON006", page)

    def _repeated_page(self, page: Page) -> int | None:
        """The number of the earlier page with the same rows; empty lists are never equal."""
        if not page.row_count:
            return None
        first = self._page_keys.setdefault(page.key, page.number)
        return None if first == page.number else first

    def _position_is_kept(self, page: Page) -> bool:
        """Whether a page's own token, which the page gives again, leads to other rows when it is
        asked once more: the server keeps the position, as for a scroll id.
        """
        if not page.row_count or self._ask_again is None:
            return False
        again = self._ask_again(page)
        if again is None or again.kind is PageKind.UNREADABLE:
            return False
        return again.key not in self._page_keys and not again.row_set & page.row_set

    def _stopped(self, rule: str, page: Page, other: int | None = None) -> CrawlEnd:
        name = self._rule_names[rule]
        return CrawlEnd(ended_by=name, rule=rule, page=page, other_page=other)
