"""The correct endpoint, as the contract asks; every fault is a wrapper around it."""

import hmac
from collections.abc import Mapping

from mockserver.data import RowSource
from mockserver.errors import UnknownPosition
from mockserver.exchange import Ask, Handler, Reply, problem
from mockserver.pagination import Cursor

__all__ = ["correct_endpoint"]


def correct_endpoint(
    rows: RowSource, *, page_size: int, required_headers: Mapping[str, str]
) -> Handler:
    """Return the handler that serves the rows, page by page."""

    def answer(ask: Ask) -> Reply:
        refusal = _refusal(ask, required_headers)
        if refusal:
            return refusal
        if ask.page == 0:
            return problem(400, f"{ask.token_param} is not a token that this API issued")
        cursor = ask.cursor
        try:
            part = rows.read(cursor.position if cursor else None, page_size)
        except UnknownPosition:
            return problem(400, f"{ask.token_param} is not a token that this API issued")
        onward = ask.tokens.issue(Cursor(ask.page + 1, part.onward))
        document = {"list": list(part.rows), "next": onward if part.more else ""}
        return Reply(document=document, onward=onward)

    return answer


def _refusal(ask: Ask, required_headers: Mapping[str, str]) -> Reply | None:
    if ask.slashed:
        return problem(404, "there is nothing here; the endpoint's path ends without a slash")
    if ask.method not in {"GET", "HEAD"}:
        return problem(405, f"{ask.method} is not allowed here; use GET", Allow="GET, HEAD")
    for name, value in required_headers.items():
        # Always compared, and in constant time: the time must not tell a header's value.
        given = ask.header(name).encode()
        if not hmac.compare_digest(given, value.encode()) and not ask.admitted:
            scheme = value.partition(" ")[0] if name.lower() == "authorization" else "Header"
            challenge = f'{scheme} realm="recipients"'
            return problem(
                401, f"the header {name} is missing or wrong", WWW_Authenticate=challenge
            )
    return None
