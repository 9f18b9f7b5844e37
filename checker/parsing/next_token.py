"""What a page's `next` tells the crawl to do (contract, section 2). Pure."""

import re
from functools import lru_cache
from typing import Any

from checker.core.endpoint import Endpoint
from checker.core.model import ABSENT, Next, NextKind

__all__ = ["looks_like_url", "read_next"]

_EMPTY = Next(kind=NextKind.EMPTY)
_INVALID = Next(kind=NextKind.INVALID)
_ABSOLUTE = re.compile(r"[a-z][a-z0-9+.-]*://|//[\w-]+(?:\.[\w-]+)+(?::\d+)?/", re.IGNORECASE)
_PATH_WITH_QUERY = re.compile(r"[\w./~%+-]*\?[\w.\[\]-]+=")
_PAGING_NAMES = (
    "after|before|continuation|continuationtoken|cursor|from|limit|next|nextpage|next_page"
    "|nexttoken|next_token|offset|page|pageno|pagenumber|page_number|page_size|pagesize"
    "|pagetoken|page_token|per_page|perpage|skip|start|token"
)


def read_next(document: Any, endpoint: Endpoint) -> Next:
    """How the crawl goes on after a page of this document."""
    value = document.get("next", ABSENT) if isinstance(document, dict) else ABSENT
    if value is ABSENT:
        return Next(kind=NextKind.MISSING)
    if isinstance(value, str):
        return _read_text(value, endpoint)
    if value is None or value is False or (isinstance(value, list | dict) and not value):
        return _EMPTY
    # JSON Schema, like JSON, tells 1.0 from 1 by nothing but its spelling
    if isinstance(value, int | float) and value is not True and value == int(value):
        number = int(value)
        return Next(kind=NextKind.TOKEN, token=str(number)) if number else _EMPTY
    return _INVALID


def _read_text(value: str, endpoint: Endpoint) -> Next:
    if not value:
        return _EMPTY
    if value.isspace():
        return _INVALID
    if looks_like_url(value, endpoint):
        return Next(kind=NextKind.URL)
    return Next(kind=NextKind.TOKEN, token=value)


def looks_like_url(value: str, endpoint: Endpoint) -> bool:
    """Whether this is a URL or a query string. Tokens may well hold `+ / = & ?` by themselves."""
    if _ABSOLUTE.match(value) or _PATH_WITH_QUERY.match(value):
        return True
    if len(endpoint.path) > 1 and value.startswith((endpoint.path + "/", endpoint.path + "?")):
        return True
    return _query_of(endpoint.token_param).match(value) is not None


@lru_cache(maxsize=16)
def _query_of(token_param: str) -> re.Pattern[str]:
    """A query string that pages, by the endpoint's own parameter or a usual one."""
    names = f"{_PAGING_NAMES}|{re.escape(token_param)}"
    return re.compile(rf"[&?]?(?:{names})=[^=]", re.IGNORECASE)
