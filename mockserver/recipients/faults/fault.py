"""What a fault is, and how to build one.

A fault wraps the endpoint's handler. Most are on one page; those about the endpoint as a whole
(`page=None`) cannot be placed elsewhere. Faults know nothing of Flask and sockets.
"""

import shlex
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from mockserver.recipients.data import GeneratedRows, RowSource
from mockserver.recipients.exchange import EndpointRequest, EndpointResponse, Handler, Wrap

__all__ = [
    "EVERY_PAGE",
    "Fault",
    "changing_body",
    "changing_page",
    "changing_response",
    "changing_row",
    "changing_rows",
]

EVERY_PAGE = 0

_ROWS = 15
_PAGE_SIZE = 5


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One way in which an endpoint can be wrong."""

    name: str
    rules: tuple[str, ...]
    """Exactly what a check of the scenario, with all probes on, must report."""
    summary: str
    """One line in the words of an API's developer."""
    wrap_endpoint: Wrap = field(repr=False)
    page: int | None = 2
    """Where it is: a page's number, `EVERY_PAGE`, or None for the endpoint as a whole."""
    options: tuple[str, ...] = ()
    """What `broadcast-check` must be given besides the URL."""
    rows: Callable[[], RowSource] = field(default=lambda: GeneratedRows(_ROWS), repr=False)
    page_size: int = _PAGE_SIZE
    query: str = ""
    """The endpoint's own query string."""
    host: str = ""
    """The host name under which the scenario must be asked for."""
    certificate: str = ""
    """The certificate of its TLS listener (see `mockserver.serving.tls`)."""
    scenario_only: bool = False
    """It is in the scenario's own rows or URL, so it cannot be played on `/recipients`."""
    note: str = ""

    @property
    def family(self) -> str:
        """What the name begins with, such as PAGE."""
        return self.name.partition("-")[0].rstrip("0123456789")

    def wrap(self, handler: Handler, page: int | None = None) -> Handler:
        """Return the handler with this fault, on its usual page or the given one."""
        where = self.page if page is None else page
        faulty = self.wrap_endpoint(handler)
        if not where:
            return faulty
        return lambda request: faulty(request) if request.page == where else handler(request)

    def endpoint(self, base_url: str) -> str:
        """Return the scenario's URL below the mock's base URL."""
        if self.host:
            scheme, _, authority = base_url.partition("://")
            port = authority.rpartition(":")[2]
            base_url = f"{scheme}://{self.host}:{port}" if port.isdigit() else f"http://{self.host}"
        return f"{base_url}/faults/{self.name}/recipients{self.query}"

    def command(self, endpoint: str) -> str:
        """Return the command that checks the scenario at this URL."""
        return shlex.join(["broadcast-check", endpoint, *self.options])


def changing_response(
    change: Callable[[EndpointRequest, EndpointResponse], EndpointResponse],
) -> Wrap:
    """Change any response."""
    return lambda handler: lambda request: change(request, handler(request))


def changing_page(change: Callable[[dict[str, Any], EndpointRequest], Any]) -> Wrap:
    """Change a page's document; the change gets a copy and returns what to send in its place."""

    def spoil(request: EndpointRequest, response: EndpointResponse) -> EndpointResponse:
        if not response.is_page:
            return response
        return replace(response, document=change(dict(response.document), request))

    return changing_response(spoil)


def changing_row(change: Callable[[dict[str, Any]], Any]) -> Wrap:
    """Change one row in the middle of a page."""

    def spoil(document: dict[str, Any], _request: EndpointRequest) -> dict[str, Any]:
        rows = list(document["list"])
        if rows:
            middle = len(rows) // 2
            rows[middle] = change(dict(rows[middle]))
        return {**document, "list": rows}

    return changing_page(spoil)


def changing_rows(change: Callable[[dict[str, Any]], Any]) -> Wrap:
    """Change every row of a page."""

    def spoil(document: dict[str, Any], _request: EndpointRequest) -> dict[str, Any]:
        return {**document, "list": [change(dict(row)) for row in document["list"]]}

    return changing_page(spoil)


def changing_body(change: Callable[[bytes], bytes], **headers: str) -> Wrap:
    """Change a page's bytes before they are compressed."""

    def spoil(_request: EndpointRequest, response: EndpointResponse) -> EndpointResponse:
        if not response.is_page:
            return response
        return replace(response, body=change(response.payload())).with_headers(**headers)

    return changing_response(spoil)
