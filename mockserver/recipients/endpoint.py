"""The correct endpoint, as the contract asks; every fault is a wrapper around it."""

import hmac
from collections.abc import Mapping

from mockserver.errors import UnknownPosition
from mockserver.recipients.data import RowSource
from mockserver.recipients.exchange import EndpointRequest, EndpointResponse, Handler, problem
from mockserver.recipients.pagination import Cursor

__all__ = ["correct_endpoint"]


def correct_endpoint(
    rows: RowSource, *, page_size: int, required_headers: Mapping[str, str]
) -> Handler:
    """Return the handler that serves the rows, page by page."""

    def answer(request: EndpointRequest) -> EndpointResponse:
        refusal = _refusal(request, required_headers)
        if refusal:
            return refusal
        if request.page == 0:
            return problem(400, f"{request.token_param} is not a token that this API issued")
        cursor = request.cursor
        try:
            part = rows.read(cursor.position if cursor else None, page_size)
        except UnknownPosition:
            return problem(400, f"{request.token_param} is not a token that this API issued")
        onward = request.tokens.issue(Cursor(request.page + 1, part.onward))
        document = {"list": list(part.rows), "next": onward if part.more else ""}
        return EndpointResponse(document=document, onward=onward)

    return answer


def _refusal(
    request: EndpointRequest, required_headers: Mapping[str, str]
) -> EndpointResponse | None:
    if request.slashed:
        return problem(404, "there is nothing here; the endpoint's path ends without a slash")
    if request.method not in {"GET", "HEAD"}:
        return problem(405, f"{request.method} is not allowed here; use GET", Allow="GET, HEAD")
    for name, value in required_headers.items():
        # Always compared, and in constant time: the time must not tell a header's value.
        given = request.header(name).encode()
        if not hmac.compare_digest(given, value.encode()) and not request.admitted:
            scheme = value.partition(" ")[0] if name.lower() == "authorization" else "Header"
            challenge = f'{scheme} realm="recipients"'
            return problem(
                401, f"the header {name} is missing or wrong", WWW_Authenticate=challenge
            )
    return None
