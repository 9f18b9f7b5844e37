"""What a client sends, and to whom."""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlencode

from mockserver.recipients.config import MockConfig
from mockserver.recipients.data import ListedRows
from mockserver.recipients.exchange import EndpointRequest, EndpointResponse, problem
from mockserver.referee.endpoints import PAGE_SIZE, ROWS, changed_page, endpoint, in_pages
from mockserver.referee.scenario import Evidence, Scenario, all_read

__all__ = ["SCENARIOS"]

_SECRET = "Bearer demo-token-1234"  # noqa: S105 - made up
_QUERY = {"list": "vip & co", "lang": "th"}
_COOKIE = "session=demo-session-1234"


def _only_get(evidence: Evidence) -> Iterator[str]:
    others = sorted({request.method for request in evidence.requests} - {"GET"})
    if others:
        yield f"It sent {' and '.join(others)}; only GET may be sent."
    if any(request.body for request in evidence.requests):
        yield "It sent a body with a GET request."


def _query_kept(evidence: Evidence) -> Iterator[str]:
    yield from all_read(evidence)
    for number, request in enumerate(evidence.requests, start=1):
        missing = [name for name, value in _QUERY.items() if request.query.get(name) != [value]]
        if missing:
            yield f"Request {number} lost or changed the parameter {' and '.join(missing)}."
            return


def _no_header_elsewhere(evidence: Evidence) -> Iterator[str]:
    if any(_SECRET in request.headers.values() for request in evidence.elsewhere):
        yield "It sent the header Authorization to another origin."
    if not any(_SECRET in request.headers.values() for request in evidence.requests):
        yield "It did not send the header that it was given."


def _no_cookie_elsewhere(evidence: Evidence) -> Iterator[str]:
    if any(_COOKIE in request.headers.get("cookie", "") for request in evidence.elsewhere):
        yield "It sent the endpoint's cookie to another origin."


def _redirected(elsewhere: str, *, cookie: bool) -> MockConfig:
    def change(request: EndpointRequest, _response: EndpointResponse) -> EndpointResponse:
        location = f"{elsewhere}?{urlencode({request.token_param: request.token})}"
        return problem(302, "see the Location header", Location=location)

    def add_cookie(_request: EndpointRequest, response: EndpointResponse) -> EndpointResponse:
        return replace(response, headers={**response.headers, "Set-Cookie": f"{_COOKIE}; Path=/"})

    faults = [changed_page(change)] + ([changed_page(add_cookie, 1)] if cookie else [])
    return MockConfig(rows=ListedRows(ROWS), page_size=PAGE_SIZE, faults=tuple(faults))


SCENARIOS = (
    Scenario(
        id="CLIENT001",
        name="get-only",
        summary="nothing special: all requests must be GET without a body",
        config=endpoint(),
        rows=ROWS,
        judge=_only_get,
    ),
    Scenario(
        id="CLIENT002",
        name="query-kept",
        summary="the endpoint's URL has a query of its own",
        config=endpoint(),
        rows=ROWS,
        query=f"?{urlencode(_QUERY)}",
        judge=_query_kept,
    ),
    Scenario(
        id="CLIENT003",
        name="token-encoded-once",
        summary="tokens hold characters that mean something in a URL",
        config=in_pages([ROWS[:3], ROWS[3:6], ROWS[6:]], ["a+b/c=&d e", "100% é☕?#"]),
        rows=ROWS,
        judge=all_read,
    ),
    Scenario(
        id="CLIENT004",
        name="headers-stay",
        summary="page 2 redirects to another origin, and a header was given",
        config=lambda elsewhere: _redirected(elsewhere, cookie=False),
        rows=ROWS,
        headers={"Authorization": _SECRET},
        judge=_no_header_elsewhere,
    ),
    Scenario(
        id="CLIENT005",
        name="cookies-stay",
        summary="page 1 sets a cookie, and page 2 redirects to another origin",
        config=lambda elsewhere: _redirected(elsewhere, cookie=True),
        rows=ROWS,
        judge=_no_cookie_elsewhere,
    ),
)
