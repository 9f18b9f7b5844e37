"""Building blocks of scenarios: endpoints of a few rows, with a fault on one page."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from mockserver.recipients.config import MockConfig
from mockserver.recipients.data import GeneratedRows, ListedRows, PagedRows, Row
from mockserver.recipients.exchange import EndpointRequest, EndpointResponse, Handler, Wrap
from mockserver.recipients.faults.fault import EVERY_PAGE, Fault
from mockserver.recipients.memory import Memory, counted

__all__ = [
    "PAGE_SIZE",
    "ROWS",
    "changed_page",
    "endpoint",
    "first_attempt",
    "in_pages",
    "limited",
    "with_next",
]

PAGE_SIZE = 3
ROWS: tuple[Row, ...] = tuple(GeneratedRows(9).read(None, 9).rows)

Config = Callable[[str], MockConfig]
Change = Callable[[EndpointRequest, EndpointResponse], EndpointResponse]


def endpoint(*faults: str | Fault, rows: Sequence[Row] = ROWS) -> Config:
    """Pages of three rows, with these faults."""
    return lambda _elsewhere: MockConfig(
        rows=ListedRows(rows), page_size=PAGE_SIZE, faults=tuple(faults)
    )


def in_pages(pages: Sequence[Sequence[Row]], tokens: Sequence[str] = ()) -> Config:
    """These pages, with these tokens."""
    return lambda _elsewhere: MockConfig(rows=PagedRows(pages), tokens=tuple(tokens))


def changed_page(change: Change, page: int = 2) -> Fault:
    """Change one page, or every page (0)."""

    def wrap(handler: Handler) -> Handler:
        def answer(request: EndpointRequest) -> EndpointResponse:
            response = handler(request)
            return change(request, response) if response.is_page else response

        return answer

    return _fault(wrap, page)


def first_attempt(change: Change, page: int = 2) -> Fault:
    """Change only the first answer on this page; the next attempt is answered correctly."""

    def wrap(handler: Handler) -> Handler:
        attempts: Memory[int] = Memory()

        def answer(request: EndpointRequest) -> EndpointResponse:
            response = handler(request)
            if not response.is_page or attempts.change(request.token, counted) > 1:
                return response
            return change(request, response)

        return answer

    return _fault(wrap, page)


def limited(requests: int) -> Fault:
    """After so many requests refuse all others, so that a client that goes on for ever ends."""

    def wrap(handler: Handler) -> Handler:
        numbers: Iterator[int] = itertools.count(1)

        def answer(request: EndpointRequest) -> EndpointResponse:
            if next(numbers) > requests:
                return EndpointResponse(status=400, document={"error": "too many requests"})
            return handler(request)

        return answer

    return _fault(wrap, EVERY_PAGE)


def with_next(response: EndpointResponse, token: object) -> EndpointResponse:
    """The same page with another `next`."""
    return replace(response, document={**response.document, "next": token})


def _fault(wrap: Wrap, page: int) -> Fault:
    return Fault(name="SCENARIO", rules=(), summary="", wrap_endpoint=wrap, page=page)
