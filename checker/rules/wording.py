"""The pieces of which the rules' sentences are made. Pure."""

import re

from checker.core.model import Location
from checker.text.display import plural

__all__ = [
    "after_tries",
    "agree",
    "near_miss",
    "page_number",
    "page_of",
    "pages_with",
    "pointer_to",
    "rows_with",
    "type_name",
    "where",
]


def type_name(value: object) -> str:
    """A JSON value's type in words."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    names: dict[type, str] = {
        int: "a number", float: "a number", str: "a string", list: "an array", dict: "an object",
    }  # fmt: skip
    return names.get(type(value), "absent")


def rows_with(count: int, first: Location) -> str:
    """`1 row (page 2, /list/3)`, `7 rows (the first: page 2, /list/3)`."""
    return f"{plural(count, 'row')} ({where(count, first)})"


def where(count: int, first: Location) -> str:
    """The first place of so many, in brackets' words."""
    page = page_number(first)
    named = [f"page {page}"] if page is not None else []
    if first.pointer:
        named.append(first.pointer)
    return ("" if count == 1 else "the first: ") + ", ".join(named)


def pages_with(count: int, first: Location) -> str:
    """`Page 2`, `7 pages (the first: page 2)`."""
    if count == 1:
        return page_of(first)
    return f"{plural(count, 'page')} ({where(count, Location(exchange=first.exchange))})"


def agree(count: int, one: str, many: str) -> str:
    """The verb's form for so many."""
    return one if count == 1 else many


def page_number(place: Location) -> int | None:
    """The page on which a place is."""
    if place.page is not None or place.exchange is None:
        return place.page
    return place.exchange.page


def page_of(first: Location) -> str:
    """`Page 2`, at the beginning of a sentence."""
    page = page_number(first)
    return f"Page {page}" if page is not None else "The endpoint"


def after_tries(first: Location) -> str:
    attempts = first.exchange.attempts if first.exchange is not None else 1
    return f", also after {plural(attempts - 1, 'retry', 'retries')}" if attempts > 1 else ""


def pointer_to(name: str) -> str:
    """A JSON Pointer's step to a member (RFC 6901)."""
    return "/" + name.replace("~", "~0").replace("/", "~1")


def near_miss(name: str, meant: dict[str, set[str]]) -> str | None:
    """Which member a similar name was probably meant to be."""
    plain = re.sub(r"[^a-z]", "", name.lower())
    for member, similar in meant.items():
        if plain == member or plain in similar:
            return member
    return None
