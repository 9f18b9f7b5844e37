"""Pages that change when they are asked for again: a client's retry gets other rows, or none."""

import secrets
from dataclasses import replace

from mockserver.recipients.exchange import EndpointRequest, EndpointResponse, Handler, Wrap, problem
from mockserver.recipients.faults.fault import Fault
from mockserver.recipients.memory import Memory, counted

__all__ = ["FAULTS"]

_NEVER_ISSUED = "!"


def _other_order_each_time(handler: Handler) -> Handler:
    asked: Memory[int] = Memory()

    def answer(request: EndpointRequest) -> EndpointResponse:
        response = handler(request)
        if not response.is_page or asked.change((request.run, request.token), counted) % 2:
            return response
        return replace(
            response, document={**response.document, "list": response.document["list"][::-1]}
        )

    return answer


def _position_kept_by_server(handler: Handler) -> Handler:
    positions: Memory[str] = Memory()

    def answer(request: EndpointRequest) -> EndpointResponse:
        if not request.token:
            request = replace(request, token=positions.get(request.run) or "")
        response = handler(request)
        if response.is_page and response.document["next"]:
            positions.change(request.run, lambda _: str(response.document["next"]))
        elif response.is_page:
            positions.forget(request.run)
        return response

    return answer


def _works_once(handler: Handler) -> Handler:
    """A token is spent when it was used: asked for again, it is refused."""
    asked: Memory[int] = Memory()

    def answer(request: EndpointRequest) -> EndpointResponse:
        response = handler(request)
        if not request.token or not response.is_page:
            return response
        if asked.change((request.run, request.token), counted) > 1:
            return problem(410, "this token was used already")
        return response

    return answer


def _goes_on_when_asked_again(handler: Handler) -> Handler:
    """A token that was used gives what follows the page that the server gave last."""
    asked: Memory[int] = Memory()
    positions: Memory[str] = Memory()

    def answer(request: EndpointRequest) -> EndpointResponse:
        if request.page > 1 and asked.change((request.run, request.token), counted) > 1:
            position = positions.get(request.run)
            if not position:
                return EndpointResponse(document={"list": [], "next": ""})
            request = replace(request, token=position)
        response = handler(request)
        if request.token and response.is_page:
            positions.change(request.run, lambda _: str(response.document["next"]))
        return response

    return answer


def _scroll_id(handler: Handler) -> Handler:
    """The first page opens a scroll; its id is the token of all pages that follow."""
    positions: Memory[str] = Memory()

    def answer(request: EndpointRequest) -> EndpointResponse:
        scroll = request.token or f"scroll-{secrets.token_hex(8)}"
        if request.token:
            request = replace(request, token=positions.get(scroll) or _NEVER_ISSUED)
        response = handler(request)
        if not response.is_page:
            return response
        onward = response.document["next"]
        positions.change(scroll, lambda _: onward or response.onward)
        return replace(response, document={**response.document, "next": scroll})

    return answer


def _replay_fault(name: str, summary: str, wrap: Wrap) -> Fault:
    rule = name.partition("-")[0]
    return Fault(name=name, rules=(rule,), summary=summary, wrap_endpoint=wrap, page=None)


FAULTS = (
    _replay_fault("NEXT007-once", "a token works only once", _works_once),
    _replay_fault(
        "NEXT007", "rows come in no fixed order: OFFSET without ORDER BY", _other_order_each_time
    ),
    _replay_fault(
        "NEXT008",
        "the server keeps the position: asking for page 1 again continues the crawl",
        _position_kept_by_server,
    ),
    _replay_fault(
        "NEXT008-any-page",
        "a page that is asked for again gives the page that follows",
        _goes_on_when_asked_again,
    ),
    _replay_fault("NEXT008-scroll", "one token gives new rows each time: a scroll id", _scroll_id),
)
