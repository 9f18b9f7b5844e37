"""The client of a load that goes on: pages that are stored come from the store, others from the
network.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any

from broadcaster.store.loads import StoredPage
from checker.api import Client, Exchange, Headers, Purpose

__all__ = ["ResumingClient", "kept_headers"]

_KEPT = frozenset(
    {
        "access-control-allow-origin",
        "cache-control",
        "content-encoding",
        "content-type",
        "expires",
    }
)


def kept_headers(exchange: Exchange) -> dict[str, str]:
    """The headers that rules judge by. Others may hold secrets, and are not stored."""
    return {name: value for name, value in exchange.headers if name.lower() in _KEPT}


class ResumingClient(Client):
    """Answers for all stored pages except the last, which is fetched again to be compared."""

    def __init__(
        self,
        *args: Any,
        stored: Sequence[StoredPage],
        rows: Callable[[StoredPage], list[tuple[str, str]]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._stored = stored
        self._rows = rows
        self._page = 0

    def send_ahead(self, token: str) -> None:
        """Only what the network will be asked for; see Client."""
        if self._page + 1 >= len(self._stored):
            super().send_ahead(token)

    def get_page(
        self,
        token: str | None,
        *,
        page: int | None = None,
        purpose: Purpose = Purpose.PAGE,
        headers: Headers | None = None,
        extra_headers: Headers = (),
    ) -> Exchange:
        """A page by its token; see Client."""
        if purpose is Purpose.PAGE and page is not None:
            self._page = page
        if purpose is Purpose.PAGE and page is not None and page < len(self._stored):
            return self._told(self._from_store(self._stored[page - 1]))
        return super().get_page(
            token, page=page, purpose=purpose, headers=headers, extra_headers=extra_headers
        )

    def _from_store(self, page: StoredPage) -> Exchange:
        rows = [{"uid": uid, "msg": msg} for uid, msg in self._rows(page)]
        document = {"list": rows, "next": page.next_token or ""}
        url = self._config.endpoint.page_url(page.token)
        return Exchange(
            purpose=Purpose.PAGE,
            method="GET",
            url=url,
            final_url=url,
            token=page.token,
            page=page.page,
            status=200,
            reason="OK",
            headers=tuple(page.headers.items()),
            body=json.dumps(document, ensure_ascii=False).encode(),
            seconds=page.seconds,
        )
