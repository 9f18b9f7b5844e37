"""Unusual endpoints that are right all the same: a check of these reports nothing.

They are in this catalogue because they are tested in the same way; `rules` is empty.
"""

from dataclasses import replace
from typing import Any

from mockserver.recipients.data import GeneratedRows
from mockserver.recipients.exchange import EndpointRequest, EndpointResponse, Handler, Wrap, problem
from mockserver.recipients.faults.fault import Fault, changing_page, changing_response
from mockserver.recipients.faults.net_scripts import early_hints_first
from mockserver.recipients.faults.paging import affixed, ending_by, growing_keys, numbered_tokens
from mockserver.recipients.memory import Memory, counted
from mockserver.serving.client_connection import ClientConnection, Script

__all__ = ["FAULTS"]

_ODD = "ü+/=&?#% ☕"


def _null_at_end(document: dict[str, Any], _request: EndpointRequest) -> dict[str, Any]:
    return {**document, "next": document["next"] or None}


def _rows_arrive(handler: Handler) -> Handler:
    """Each replay of the last page shows one row more than before."""
    asked: Memory[int] = Memory()

    def answer(request: EndpointRequest) -> EndpointResponse:
        response = handler(request)
        if not response.is_page or response.document["next"]:
            return response
        times = asked.change(request.run, counted)
        new = GeneratedRows(times, first=2_000_000).read(None, times).rows
        return replace(
            response, document={**response.document, "list": [*response.document["list"], *new]}
        )

    return answer


def _not_implemented(handler: Handler) -> Handler:
    refusal = problem(501, "only GET is implemented")
    return lambda request: handler(request) if request.method in {"GET", "HEAD"} else refusal


def _silently_closing(connection: ClientConnection) -> None:
    """Answer, and close without having said so: allowed at any time."""
    connection.send(connection.head + connection.body)


def _unasked_408(connection: ClientConnection) -> None:
    """Send the page, then what a proxy sends when a kept-alive connection was idle for too long."""
    connection.send(connection.head + connection.body)
    connection.send(
        b"HTTP/1.1 408 Request Time-out\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )


def _scripted(script: Script) -> Wrap:
    return changing_response(
        lambda _request, response: (
            replace(response, script=script) if response.is_page else response
        )
    )


def _healthy(name: str, summary: str, wrap: Wrap, page: int | None = None) -> Fault:
    return Fault(name=f"OK-{name}", rules=(), summary=summary, wrap_endpoint=wrap, page=page)


FAULTS = (
    _healthy("204", "the crawl ends with 204", ending_by(EndpointResponse(status=204))),
    _healthy("empty-last-page", "an empty list with an empty next ends it", ending_by(None)),
    _healthy("null-next", "the last page's next is null", changing_page(_null_at_end)),
    _healthy("odd-tokens", "tokens with + / = & % and other characters", affixed(_ODD)),
    _healthy("growing-keys", "tokens are keys that grow", numbered_tokens(str, growing_keys)),
    _healthy("rows-arrive", "rows are added during the crawl", _rows_arrive),
    Fault(
        name="OK-query-words",
        rules=(),
        summary="keyword and author in the URL are not secrets",
        page=None,
        scenario_only=True,
        query="?keyword=summer&author=zoe",
        wrap_endpoint=lambda handler: handler,
    ),
    _healthy(
        "late-408", "408 comes unasked on a kept-alive connection", _scripted(_unasked_408), 2
    ),
    _healthy("post-501", "POST is answered 501", _not_implemented),
    _healthy(
        "early-hints", "103 Early Hints comes before the page", _scripted(early_hints_first), 2
    ),
    _healthy(
        "hang-up", "the server closes a kept-alive connection", _scripted(_silently_closing), 2
    ),
)
