"""Follows the tokens of an endpoint, page by page, and knows why it stopped.

Sees no rules: it yields pages and ends with a CrawlEnd. Keeps hashes, never rows, so that its
memory stays small over 100,000 pages.
"""

from collections.abc import Callable, Iterator

from checker.core.endpoint import Endpoint
from checker.core.model import CrawlEnd, Exchange, NextKind, Page, PageKind
from checker.core.status import failure_rule
from checker.parsing.page import read_page

__all__ = ["Crawl"]

Fetch = Callable[[str | None, int], Exchange]
GoingOn = Callable[[Page], None]


class Crawl:
    """One crawl. Iterate over `pages()`; `end` is set when that is done."""

    def __init__(
        self,
        endpoint: Endpoint,
        fetch: Fetch,
        *,
        max_pages: int,
        rule_names: dict[str, str],
        start: str | None = None,
        going_on: GoingOn | None = None,
    ) -> None:
        """`fetch` gets a page by token and number; `start` is the token to resume at. `going_on` is
        told of each page that another one follows, before the page is handed out.
        """
        self._endpoint = endpoint
        self._fetch = fetch
        self._max_pages = max_pages
        self._rule_names = rule_names
        self._start = start
        self._going_on = going_on
        self._followed: dict[int, int] = {}
        self._page_keys: dict[tuple[int, int], int] = {}
        self.end: CrawlEnd | None = None

    def pages(self) -> Iterator[Page]:
        """The pages in order, the last one included, whatever it is."""
        token, number = self._start, 0
        while self.end is None:
            number += 1
            page = read_page(self._fetch(token, number), number, self._endpoint)
            if token is not None:
                self._followed[hash(token)] = number
            self.end = self._end_at(page)
            if self.end is None and self._going_on is not None:
                self._going_on(page)
            yield page
            token = page.next.token

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
            return self._stopped("NEXT003", page, looped)
        if page.number >= self._max_pages:
            return self._stopped("NEXT014", page)
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

    def _stopped(self, rule: str, page: Page, other: int | None = None) -> CrawlEnd:
        name = self._rule_names[rule]
        return CrawlEnd(ended_by=name, rule=rule, page=page, other_page=other)
