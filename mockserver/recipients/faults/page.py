"""Pages that are not an object of `list` and `next` as they should be."""

import json
from typing import Any

from mockserver.recipients.data import GeneratedRows
from mockserver.recipients.exchange import EndpointRequest, EndpointResponse, Handler, Wrap
from mockserver.recipients.faults.fault import Fault, changing_page, changing_response
from mockserver.recipients.faults.paging import ending_by
from mockserver.recipients.memory import Memory, counted
from schemas import ROW_LIMIT

__all__ = ["FAULTS"]

_ELSEWHERE = 1_000_000


def _with_row_count(count: int) -> Any:
    """Add rows that no other page has until there are this many."""

    def fill(document: dict[str, Any], _request: EndpointRequest) -> dict[str, Any]:
        rows = document["list"][:count]
        more = GeneratedRows(_ELSEWHERE, first=_ELSEWHERE).read(None, count - len(rows)).rows
        return {**document, "list": [*rows, *more]}

    return fill


def _without(member: str) -> Any:
    return lambda document, _request: {
        name: value for name, value in document.items() if name != member
    }


def _with(**members: object) -> Any:
    return lambda document, _request: {**document, **members}


def _ending(name: str, document: object, shown: str) -> Fault:
    return Fault(
        name=name,
        rules=("PAGE009",),
        summary=f"after the last page the API answers {shown} instead of an empty next",
        page=None,
        wrap_endpoint=ending_by(EndpointResponse(document=document)),
    )


_BLANK = EndpointResponse(body=b" \n")
_pages_are_blank = changing_response(
    lambda _request, response: EndpointResponse(body=b"") if response.is_page else response
)


def _blank_once(handler: Handler) -> Handler:
    asked: Memory[int] = Memory()

    def answer(request: EndpointRequest) -> EndpointResponse:
        response = handler(request)
        if response.is_page and asked.change((request.run, request.token), counted) == 1:
            return EndpointResponse(body=b"")
        return response

    return answer


def _blank(name: str, summary: str, wrap: Wrap, page: int | None) -> Fault:
    return Fault(name=name, rules=("PAGE010",), summary=summary, wrap_endpoint=wrap, page=page)


FAULTS = (
    Fault(
        name="PAGE001",
        rules=("PAGE001",),
        summary="the page is a bare array of rows, without list and next around it",
        wrap_endpoint=changing_page(lambda document, _request: document["list"]),
    ),
    Fault(
        name="PAGE001-string",
        rules=("PAGE001",),
        summary='the page is just the string "OK"',
        wrap_endpoint=changing_page(lambda _document, _request: "OK"),
    ),
    Fault(
        name="PAGE002",
        rules=("PAGE002",),
        summary="one page has a token but no list",
        wrap_endpoint=changing_page(_without("list")),
    ),
    Fault(
        name="PAGE003",
        rules=("PAGE003",),
        summary="list is a string that holds JSON: it was encoded twice",
        wrap_endpoint=changing_page(
            lambda document, _request: {**document, "list": json.dumps(document["list"])}
        ),
    ),
    Fault(
        name="PAGE003-object",
        rules=("PAGE003",),
        summary="list is an object with numbers as keys, as PHP makes of an array with a gap",
        wrap_endpoint=changing_page(
            lambda document, _request: {
                **document,
                "list": {str(index + 1): row for index, row in enumerate(document["list"])},
            }
        ),
    ),
    Fault(
        name="PAGE004",
        rules=("PAGE004",),
        summary=f"one page holds {ROW_LIMIT + 1} rows, one more than allowed",
        page=1,
        wrap_endpoint=changing_page(_with_row_count(ROW_LIMIT + 1)),
    ),
    Fault(
        name="PAGE005",
        rules=("PAGE005",),
        summary="a page has no next, so a client cannot know whether it is the last",
        wrap_endpoint=changing_page(_without("next")),
    ),
    Fault(
        name="PAGE006",
        rules=("PAGE006",),
        summary="everything is correct, but there is no row to broadcast",
        page=None,
        rows=lambda: GeneratedRows(0),
        wrap_endpoint=changing_page(_with(list=[], next="")),
    ),
    Fault(
        name="PAGE007",
        rules=("PAGE007",),
        summary="a page in the middle has no rows but a token: all its rows were filtered out",
        wrap_endpoint=changing_page(_with(list=[])),
    ),
    Fault(
        name="PAGE008",
        rules=("PAGE008",),
        summary="pages have other members, such as a total",
        wrap_endpoint=changing_page(_with(total=15)),
    ),
    _blank(
        "PAGE010", "a page in the middle has an empty body: the program failed", _pages_are_blank, 2
    ),
    _blank("PAGE010-first", "the first page has an empty body", _pages_are_blank, 1),
    _blank("PAGE010-end", "after the last page the body is blank", ending_by(_BLANK), None),
    _blank("PAGE010-once", "a page has an empty body once, then its rows", _blank_once, 2),
    _ending("PAGE009", {}, "{}"),
    _ending("PAGE009-array", [], "[]"),
    _ending("PAGE009-null", None, "null"),
)
