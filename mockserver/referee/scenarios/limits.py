"""Endpoints without an end, or of a size that no client should take."""

import gzip
import itertools
import json
from dataclasses import replace

from mockserver.recipients.data import generated_row
from mockserver.recipients.exchange import EndpointRequest, EndpointResponse, Handler
from mockserver.recipients.faults.fault import EVERY_PAGE, Fault
from mockserver.recipients.faults.net_scripts import drip_body
from mockserver.recipients.pagination import Cursor
from mockserver.referee.endpoints import changed_page, endpoint, limited, with_next
from mockserver.referee.scenario import Scenario, Severity, given_up

__all__ = ["SCENARIOS"]

_LOOP_REQUESTS = 20
_EMPTY_REQUESTS = 150
"""A client follows 100 empty pages in a row, and a few more must not matter."""
_LARGE_BYTES = 64 * 1024 * 1024
_TOKEN_CHARACTERS = 1024 * 1024


def _in_a_loop(request: EndpointRequest, response: EndpointResponse) -> EndpointResponse:
    return with_next(response, request.tokens.issue(Cursor(2, 3)))


def _scroll() -> Fault:
    """One token for ever, and rows that no page had before."""

    def wrap(handler: Handler) -> Handler:
        numbers = itertools.count()

        def answer(request: EndpointRequest) -> EndpointResponse:
            if request.method != "GET":
                return handler(request)
            first = 3 * next(numbers)
            rows = [generated_row(first + place) for place in range(3)]
            return EndpointResponse(document={"list": rows, "next": "scroll-1"})

        return answer

    return Fault(name="SCENARIO", rules=(), summary="", wrap_endpoint=wrap, page=EVERY_PAGE)


def _empty_without_end(request: EndpointRequest, response: EndpointResponse) -> EndpointResponse:
    if request.page < 2:
        return response
    onward = request.tokens.issue(Cursor(request.page + 1, request.page))
    return EndpointResponse(document={"list": [], "next": onward})


def _large(_request: EndpointRequest, response: EndpointResponse) -> EndpointResponse:
    page = json.dumps(response.document).encode()
    body = gzip.compress(page + b" " * _LARGE_BYTES, compresslevel=1, mtime=0)
    return replace(response, body=body, compressible=False).with_headers(Content_Encoding="gzip")


def _dripping(_request: EndpointRequest, response: EndpointResponse) -> EndpointResponse:
    return replace(response, script=drip_body)


def _long_token(_request: EndpointRequest, response: EndpointResponse) -> EndpointResponse:
    return with_next(response, "t" * _TOKEN_CHARACTERS)


SCENARIOS = (
    Scenario(
        id="CLIENT014",
        name="loop-left",
        summary="page 3's token is that of page 2 again",
        config=endpoint(changed_page(_in_a_loop, 3), limited(5 * _LOOP_REQUESTS)),
        judge=given_up(at_most=_LOOP_REQUESTS),
    ),
    Scenario(
        id="CLIENT015",
        name="scroll-left",
        summary="one token gives new rows each time, without end: a scroll id",
        config=endpoint(_scroll(), limited(5 * _LOOP_REQUESTS)),
        judge=given_up(at_most=_LOOP_REQUESTS),
    ),
    Scenario(
        id="CLIENT016",
        name="empty-pages-left",
        summary="after page 1 come empty pages with new tokens, without end",
        config=endpoint(changed_page(_empty_without_end, EVERY_PAGE), limited(5 * _EMPTY_REQUESTS)),
        judge=given_up(at_most=_EMPTY_REQUESTS),
    ),
    Scenario(
        id="CLIENT017",
        name="large-page-refused",
        summary="page 2 is small and unpacks to 64 MiB",
        severity=Severity.WARNING,
        config=endpoint(changed_page(_large)),
        judge=given_up(at_most=_LOOP_REQUESTS, success="It accepted a page of 64 MiB."),
    ),
    Scenario(
        id="CLIENT018",
        name="drip-left",
        summary="page 2 comes byte by byte, and never ends",
        severity=Severity.WARNING,
        config=endpoint(changed_page(_dripping)),
        judge=given_up(at_most=_LOOP_REQUESTS),
    ),
    Scenario(
        id="CLIENT019",
        name="long-token-is-not-the-end",
        summary="page 1's token has a million characters, which no server takes in a URL",
        config=endpoint(changed_page(_long_token, 1)),
        judge=given_up(at_most=_LOOP_REQUESTS),
    ),
)
