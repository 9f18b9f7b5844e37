"""Methods, statuses, redirects and headers that are not what a GET endpoint's should be."""

import secrets
from dataclasses import replace
from urllib.parse import urlencode, urlsplit

from mockserver.recipients.exchange import EndpointRequest, EndpointResponse, Handler, Wrap, problem
from mockserver.recipients.faults.fault import EVERY_PAGE, Fault, changing_response

__all__ = ["FAULTS"]

_READING = ("GET", "HEAD")
_DEMO_HEADER = ("-H", "Authorization: Bearer demo-token-1234")
_NOT_FOUND = (
    b"<html><head><title>404 Not Found</title></head><body><h1>Not Found</h1></body></html>"
)
_UNREACHABLE = (
    b"<html><head><title>522: Connection timed out</title></head>"
    b"<body><h1>Connection timed out</h1><p>Error code 522</p></body></html>"
)
_BLOCKED = (
    b"<html><head><title>403 Forbidden</title></head><body><h1>Access denied</h1></body></html>"
)


def _http_fault(
    name: str,
    summary: str,
    wrap: Wrap,
    page: int | None = None,
    rules: tuple[str, ...] = (),
    options: tuple[str, ...] = (),
) -> Fault:
    return Fault(
        name=name,
        rules=rules or (name.partition("-")[0],),
        summary=summary,
        wrap_endpoint=wrap,
        page=page,
        options=options,
    )


def _always(response: EndpointResponse) -> Wrap:
    return lambda _handler: lambda _request: response


def _pages_are(response: EndpointResponse) -> Wrap:
    return changing_response(lambda _request, right: response if right.is_page else right)


def _posts_are(response: EndpointResponse) -> Wrap:
    return lambda handler: (
        lambda request: handler(request) if request.method in _READING else response
    )


def _any_method(handler: Handler) -> Handler:
    return lambda request: handler(
        request if request.method == "HEAD" else replace(request, method="GET")
    )


def _post_only(handler: Handler) -> Handler:
    def answer(request: EndpointRequest) -> EndpointResponse:
        if request.method == "POST":
            return handler(replace(request, method="GET"))
        return problem(405, f"{request.method} is not allowed here; use POST", Allow="POST")

    return answer


def _html(status: int, body: bytes) -> EndpointResponse:
    return EndpointResponse(status=status, body=body).with_headers(Content_Type="text/html")


def _to(location: str, status: int = 302) -> EndpointResponse:
    return problem(status, "see the Location header", Location=location)


def _with_query(url: str, query: dict[str, str]) -> str:
    return f"{url}?{urlencode(query)}" if query else url


def _slash_added(handler: Handler) -> Handler:
    def answer(request: EndpointRequest) -> EndpointResponse:
        if request.slashed:
            return handler(replace(request, slashed=False))
        if request.method not in _READING:
            return handler(request)
        return _to(_with_query(f"{request.url}/", dict(request.query)), 301)

    return answer


def _elsewhere(handler: Handler) -> Handler:
    def answer(request: EndpointRequest) -> EndpointResponse:
        if request.method not in _READING:
            return handler(request)
        here = urlsplit(request.url)
        host = "127.0.0.1" if here.hostname == "localhost" else "localhost"
        location = f"{here.scheme}://{host}:{here.port or 80}/recipients"
        return _to(_with_query(location, dict(request.query)))

    return answer


def _other_origin_with_the_page(handler: Handler) -> Handler:
    """As a Google Apps Script web app: each response is at a one-time address of another host."""

    def answer(request: EndpointRequest) -> EndpointResponse:
        if request.method not in _READING or "once" in request.query:
            return handler(request)
        here = urlsplit(request.url)
        host = "127.0.0.1" if here.hostname == "localhost" else "localhost"
        url = f"{here.scheme}://{host}:{here.port or 80}{here.path}"
        return _to(_with_query(url, {**request.query, "once": secrets.token_hex(8)}))

    return answer


def _posts_invite(status: int) -> Wrap:
    """Refuse the empty body of a POST in a way that says that POST itself is allowed."""
    return _posts_are(problem(status, "the body is missing", Allow="GET, HEAD, POST"))


def _in_circles(handler: Handler) -> Handler:
    def answer(request: EndpointRequest) -> EndpointResponse:
        if request.method not in _READING:
            return handler(request)
        return _to(_with_query(request.url, dict(request.query)))

    return answer


def _on_and_on(handler: Handler) -> Handler:
    def answer(request: EndpointRequest) -> EndpointResponse:
        if request.method not in _READING:
            return handler(request)
        hop = request.query.get("hop", "")
        number = int(hop) + 1 if hop.isdecimal() and len(hop) < 10 else 1
        return _to(_with_query(request.url, {**request.query, "hop": str(number)}))

    return answer


def _content_type(value: str) -> Wrap:
    return changing_response(
        lambda _request, response: (
            response.with_headers(Content_Type=value) if response.is_page else response
        )
    )


FAULTS = (
    _http_fault(
        "HTTP001",
        "GET is refused, and every other method too",
        _always(problem(405, "this method is not allowed", Allow="OPTIONS")),
    ),
    _http_fault(
        "HTTP001-post-only",
        "only POST works: the API was written for an HTML form",
        _post_only,
        rules=("HTTP001", "HTTP002"),
    ),
    _http_fault("HTTP002", "POST is also answered with the data", _any_method),
    _http_fault(
        "HTTP002-bad-request", "POST is allowed: 400, the body is missing", _posts_invite(400)
    ),
    _http_fault("HTTP002-media-type", "POST is allowed: 415, of another type", _posts_invite(415)),
    _http_fault(
        "HTTP002-invalid", "POST is allowed: 422, the body is not valid", _posts_invite(422)
    ),
    _http_fault(
        "HTTP002-created", "POST creates something: 201", _posts_are(problem(201, "created"))
    ),
    _http_fault(
        "HTTP002-accepted", "POST is accepted for later: 202", _posts_are(problem(202, "accepted"))
    ),
    _http_fault("HTTP003", "POST crashes", _posts_are(problem(500, "internal server error"))),
    _http_fault(
        "HTTP004",
        "POST is refused without saying which methods are allowed",
        _posts_are(problem(405, "this method is not allowed")),
    ),
    _http_fault("HTTP005", "the second page is not found", _pages_are(_html(404, _NOT_FOUND)), 2),
    _http_fault(
        "HTTP005-teapot", "the second page has an odd status", _pages_are(problem(418, "teapot")), 2
    ),
    _http_fault(
        "HTTP006",
        "401, whatever headers are sent",
        _pages_are(problem(401, "not authorized", WWW_Authenticate="Bearer")),
        EVERY_PAGE,
    ),
    _http_fault(
        "HTTP006-blocked", "a firewall refuses the second page", _pages_are(_html(403, _BLOCKED)), 2
    ),
    _http_fault(
        "HTTP007", "the second page crashes", _pages_are(problem(500, "internal server error")), 2
    ),
    _http_fault(
        "HTTP007-cloudflare",
        "Cloudflare cannot reach the server behind it: 522",
        _pages_are(_html(522, _UNREACHABLE)),
        2,
    ),
    _http_fault(
        "HTTP008",
        "the second page is always answered 429 Too Many Requests",
        _pages_are(problem(429, "too many requests", Retry_After="0")),
        2,
    ),
    _http_fault(
        "HTTP009", "each request is redirected to the path with a slash at its end", _slash_added
    ),
    _http_fault(
        "HTTP009-other-origin",
        "without a header, each request is redirected to a one-time URL of another host",
        _other_origin_with_the_page,
    ),
    _http_fault(
        "HTTP010",
        "requests with a header are redirected to another origin",
        _elsewhere,
        options=_DEMO_HEADER,
    ),
    _http_fault("HTTP011", "requests are redirected in a loop", _in_circles),
    _http_fault(
        "HTTP011-chain",
        "requests are redirected again and again, each time to a new URL",
        _on_and_on,
    ),
    _http_fault(
        "HTTP012",
        "the JSON has the Content-Type of a web page",
        _content_type("text/html; charset=utf-8"),
        EVERY_PAGE,
    ),
    _http_fault("HTTP012-missing", "the JSON has no Content-Type", _content_type(""), EVERY_PAGE),
)
