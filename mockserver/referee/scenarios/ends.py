"""How the data ends, and what is not the end."""

from dataclasses import replace

from mockserver.recipients.exchange import EndpointRequest, EndpointResponse, problem
from mockserver.recipients.faults.fault import EVERY_PAGE
from mockserver.referee.endpoints import ROWS, changed_page, endpoint, in_pages
from mockserver.referee.scenario import Scenario, all_read, given_up

__all__ = ["SCENARIOS"]

_HTML = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Sign in</body></html>"
_FEW_REQUESTS = 20


def _crashes(_request: EndpointRequest, _response: EndpointResponse) -> EndpointResponse:
    return problem(500, "internal server error")


def _sign_in_page(_request: EndpointRequest, response: EndpointResponse) -> EndpointResponse:
    return replace(response, body=_HTML).with_headers(Content_Type="text/html")


def _blank_at_the_end(_request: EndpointRequest, response: EndpointResponse) -> EndpointResponse:
    return response if response.document["list"] else EndpointResponse(body=b"\n")


SCENARIOS = (
    Scenario(
        id="CLIENT006",
        name="end-on-first-page",
        summary="there is one page, with an empty next",
        config=in_pages([ROWS[:3]]),
        rows=ROWS[:3],
        judge=all_read,
    ),
    Scenario(
        id="CLIENT007",
        name="end-null-next",
        summary="the last page's next is null",
        config=endpoint("OK-null-next"),
        rows=ROWS,
        judge=all_read,
    ),
    Scenario(
        id="CLIENT008",
        name="end-204",
        summary="after the last rows comes 204 without a body",
        config=endpoint("OK-204"),
        rows=ROWS,
        judge=all_read,
    ),
    Scenario(
        id="CLIENT009",
        name="end-blank",
        summary="after the last rows comes 200 with a blank body",
        config=endpoint("OK-empty-last-page", changed_page(_blank_at_the_end, EVERY_PAGE)),
        rows=ROWS,
        judge=all_read,
    ),
    Scenario(
        id="CLIENT010",
        name="end-empty-list",
        summary="the last page has an empty list and an empty next",
        config=endpoint("OK-empty-last-page"),
        rows=ROWS,
        judge=all_read,
    ),
    Scenario(
        id="CLIENT011",
        name="empty-page-followed",
        summary="a page in the middle has an empty list and a token",
        config=in_pages([ROWS[:3], [], ROWS[3:]]),
        rows=ROWS,
        judge=all_read,
    ),
    Scenario(
        id="CLIENT012",
        name="error-is-not-the-end",
        summary="page 2 is answered 500 at each attempt",
        config=endpoint(changed_page(_crashes)),
        judge=given_up(at_most=_FEW_REQUESTS),
    ),
    Scenario(
        id="CLIENT013",
        name="html-is-not-a-page",
        summary="page 2 is a sign-in page with the status 200",
        config=endpoint(changed_page(_sign_in_page)),
        judge=given_up(at_most=_FEW_REQUESTS),
    ),
)
