"""What goes into the endpoint and what comes out, between Flask and the faults.

A handler turns an `EndpointRequest` into an `EndpointResponse`; a fault wraps a handler. Both
values are frozen: `dataclasses.replace` makes a changed copy.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mockserver.recipients.pagination import Cursor, Tokens
from mockserver.serving.client_connection import Script

__all__ = ["EndpointRequest", "EndpointResponse", "Handler", "Wrap", "problem"]


@dataclass(frozen=True, kw_only=True)
class EndpointRequest:
    """One request as the endpoint sees it."""

    method: str
    url: str
    """The endpoint's own URL, without a query."""
    query: Mapping[str, str]
    token: str
    """As the query has it, percent-decoded once; empty on the first page."""
    token_param: str
    header: Callable[[str], str]
    """A request header by its name in any case; empty when there is none."""
    cookies: Mapping[str, str]
    run: str
    """Tells one crawl from another: the address and the `User-Agent`, which ends in a run id."""
    tokens: Tokens
    pause: Callable[[float], object]
    """Waits some seconds, and no longer than the server lives."""
    slashed: bool = False
    """The path ended in a slash."""
    admitted: bool = False
    """Serve it whatever its headers."""

    @property
    def cursor(self) -> Cursor | None:
        """Where the token leads; None on the first page and for a token never issued."""
        return self.tokens.read(self.token) if self.token else None

    @property
    def page(self) -> int:
        """Number of the page asked for, counted from 1; 0 when the token was never issued."""
        if not self.token:
            return 1
        cursor = self.cursor
        return cursor.page if cursor else 0


@dataclass(frozen=True, kw_only=True)
class EndpointResponse:
    """One response before it is compressed and sent."""

    status: int = 200
    document: Any = None
    body: bytes | None = None
    """Sent in place of the document."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Beside or in place of the usual ones; an empty value drops the header."""
    compressible: bool = True
    onward: str = ""
    """The token of what follows this page, even of the last one."""
    script: Script | None = None
    """Has the bytes sent in a way that no web framework would."""

    @property
    def is_page(self) -> bool:
        """Whether this is still a page as it should be, which a fault can spoil."""
        return self.status == 200 and self.body is None and isinstance(self.document, dict)

    def payload(self) -> bytes:
        """Return the body, not compressed."""
        if self.body is not None:
            return self.body
        return json.dumps(self.document, ensure_ascii=False, separators=(",", ":")).encode()

    def with_headers(self, **headers: str) -> "EndpointResponse":
        """Return the same response with more headers; an underscore stands for a hyphen."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return replace(self, headers={**self.headers, **named})


Handler = Callable[[EndpointRequest], EndpointResponse]
Wrap = Callable[[Handler], Handler]


def problem(status: int, sentence: str, **headers: str) -> EndpointResponse:
    """Return an error as JSON."""
    return EndpointResponse(status=status, document={"error": sentence}).with_headers(**headers)
