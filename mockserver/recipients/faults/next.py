"""Wrong paging: tokens that do not give the rows that come next."""

from dataclasses import replace
from itertools import count
from typing import Any
from urllib.parse import quote, unquote, urlencode

from mockserver.recipients.data import GeneratedRows
from mockserver.recipients.exchange import EndpointRequest, EndpointResponse, Handler, Wrap, problem
from mockserver.recipients.faults.fault import EVERY_PAGE, Fault, changing_page
from mockserver.recipients.faults.net_scripts import close
from mockserver.recipients.faults.paging import (
    affixed,
    growing_keys,
    numbered_tokens,
    spelling_tokens,
)
from mockserver.recipients.pagination import Cursor

__all__ = ["FAULTS"]

_PREFIX = "after="
_PADDING = "~" + "0" * 2000
_COOKIE = "mock_session"


def _next_is(value: object) -> Wrap:
    return changing_page(lambda document, _request: {**document, "next": value})


def _leads_back(handler: Handler) -> Handler:
    def answer(request: EndpointRequest) -> EndpointResponse:
        response = handler(request)
        if not response.is_page:
            return response
        return replace(
            response, document={**response.document, "next": _page(handler, request, 1)["next"]}
        )

    return answer


def _page(handler: Handler, request: EndpointRequest, number: int) -> dict[str, Any]:
    """Return the page of this number, as it would have been answered."""
    document: dict[str, Any] = {"next": ""}
    for _ in range(number):
        document = handler(replace(request, token=document["next"])).document
    return document


def _token_ignored(handler: Handler) -> Handler:
    return lambda request: handler(replace(request, token=""))


def _earlier_rows(handler: Handler) -> Handler:
    """Give the rows of the page before once more, under a token that goes on."""

    def answer(request: EndpointRequest) -> EndpointResponse:
        response = handler(request)
        if not response.is_page:
            return response
        rows = _page(handler, request, max(request.page - 1, 1))["list"]
        return replace(response, document={"list": rows, "next": response.onward})

    return answer


def _row_again(handler: Handler) -> Handler:
    def answer(request: EndpointRequest) -> EndpointResponse:
        response = handler(request)
        if not response.is_page:
            return response
        moved = _page(handler, request, max(request.page - 1, 1))["list"][-1]
        document = {**response.document, "list": [moved, *response.document["list"]]}
        return replace(response, document=document)

    return answer


def _rows_with_numbers(handler: Handler) -> Handler:
    """Pages that overlap by a row, and ids that are numbers."""

    def answer(request: EndpointRequest) -> EndpointResponse:
        response = _row_again(handler)(request) if request.page == 2 else handler(request)
        if not response.is_page:
            return response
        rows = [{**row, "uid": int(row["uid"][1:12], 16)} for row in response.document["list"]]
        return replace(response, document={**response.document, "list": rows})

    return answer


def _empty_without_end(handler: Handler) -> Handler:
    """After the last row the pages are empty, and their tokens count on."""

    def answer(request: EndpointRequest) -> EndpointResponse:
        response = handler(request)
        if not response.is_page or response.document["next"]:
            return response
        return replace(response, document={**response.document, "next": response.onward})

    return answer


def _dropped(_handler: Handler, _request: EndpointRequest) -> EndpointResponse:
    return replace(problem(500, "internal server error"), script=close)


def _bad_token_answered_by(change: Any) -> Wrap:
    return lambda handler: (
        lambda request: change(handler, request) if request.page == 0 else handler(request)
    )


def _session_needed(refusal: EndpointResponse | None) -> Wrap:
    """Without the cookie, answer a later page by the first one, or refuse it."""

    def wrap(handler: Handler) -> Handler:
        def answer(request: EndpointRequest) -> EndpointResponse:
            if request.page > 1 and _COOKIE not in request.cookies:
                if refusal:
                    return refusal
                request = replace(request, token="")
            response = handler(request)
            if request.token or not response.is_page:
                return response
            return response.with_headers(Set_Cookie=f"{_COOKIE}=demo; Path=/; HttpOnly")

        return answer

    return wrap


def _read_encoded(token: str) -> str | None:
    plain = unquote(token)
    return plain.removeprefix(_PREFIX) if plain.startswith(_PREFIX) else None


def _url_as_next(base: str) -> Wrap:
    def change(document: dict[str, Any], request: EndpointRequest) -> dict[str, Any]:
        if not document["next"]:
            return document
        query = urlencode({request.token_param: document["next"]})
        return {**document, "next": f"{base.format(url=request.url)}?{query}"}

    return changing_page(change)


def _never_ends(handler: Handler) -> Handler:
    def answer(request: EndpointRequest) -> EndpointResponse:
        response = handler(request)
        if not response.is_page:
            return response
        size, page = 5, request.page
        rows = GeneratedRows(size, first=(page - 1) * size).read(None, size).rows
        token = request.tokens.issue(Cursor(page + 1, 0))
        return replace(response, document={"list": list(rows), "next": token})

    return answer


def _next_fault(
    name: str, summary: str, wrap: Wrap, page: int | None = None, options: tuple[str, ...] = ()
) -> Fault:
    rule = name.partition("-")[0]
    return Fault(
        name=name, rules=(rule,), summary=summary, wrap_endpoint=wrap, page=page, options=options
    )


def _position(name: str, summary: str, step: int) -> Fault:
    tokens = numbered_tokens(str, lambda: count(step + 1 if step == 1 else step, step))
    return Fault(
        name=name,
        rules=("NEXT016",),
        summary=summary,
        wrap_endpoint=tokens,
        page=None,
        rows=lambda: GeneratedRows(30),
    )


FAULTS = (
    _next_fault(
        "NEXT001", "next is true: it says that there is more, not where", _next_is(value=True), 2
    ),
    _next_fault("NEXT001-object", "next is an object", _next_is({"page": 3}), 2),
    _next_fault("NEXT001-fraction", "next is a number with a fraction", _next_is(2.5), 2),
    _next_fault("NEXT001-blank", "next is a single space", _next_is(" "), 2),
    _next_fault("NEXT002", "next is a number, not a string", numbered_tokens(int, growing_keys)),
    _next_fault("NEXT002-false", "the last page's next is false", _next_is(value=False), 3),
    _next_fault(
        "NEXT003", "page 3's token is that of page 2 again: an endless loop", _leads_back, 3
    ),
    _next_fault("NEXT004", "the token has no effect: each page is the first", _token_ignored),
    _next_fault("NEXT005", "a page is given again under another token", _earlier_rows, 3),
    _next_fault(
        "NEXT006", "a row was added meanwhile, so page numbers gave one row twice", _row_again, 2
    ),
    Fault(
        name="NEXT006-numbers",
        rules=("NEXT006", "ROW003"),
        summary="ids are numbers, and a row is on two pages",
        wrap_endpoint=_rows_with_numbers,
        page=None,
    ),
    _next_fault(
        "NEXT009",
        "a token that was never issued is answered with the first page",
        _bad_token_answered_by(lambda handler, request: handler(replace(request, token=""))),
    ),
    _next_fault(
        "NEXT010",
        "a token that was never issued crashes the API",
        _bad_token_answered_by(lambda _handler, _request: problem(500, "internal server error")),
    ),
    _next_fault(
        "NEXT010-dropped",
        "for a token that was never issued the connection is dropped",
        _bad_token_answered_by(_dropped),
    ),
    _next_fault(
        "NEXT011", "without the session's cookie every page is the first", _session_needed(None)
    ),
    _next_fault(
        "NEXT011-refused",
        "without the session's cookie the second page is refused",
        _session_needed(problem(403, "your session has ended")),
    ),
    _next_fault(
        "NEXT012",
        "the token is issued percent-encoded",
        spelling_tokens(lambda token: quote(_PREFIX + token, safe=""), _read_encoded),
    ),
    _next_fault(
        "NEXT013",
        "next is a whole URL, as Django REST framework makes",
        _url_as_next("{url}"),
        EVERY_PAGE,
    ),
    _next_fault("NEXT013-query", "next is a query string", _url_as_next(""), EVERY_PAGE),
    _next_fault(
        "NEXT014", "new rows and tokens without end", _never_ends, options=("--max-pages", "8")
    ),
    _next_fault("NEXT014-empty", "empty pages without end after the last row", _empty_without_end),
    _next_fault("NEXT015", "the token is so long that proxies cut the URL", affixed(_PADDING)),
    _position("NEXT016", "the tokens are page numbers", 1),
    _position("NEXT016-offsets", "the tokens are offsets", 5),
)
