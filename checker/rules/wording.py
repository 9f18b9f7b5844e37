"""The pieces of which the rules' sentences are made. Pure."""

import re

from checker.core.model import Location
from checker.text.display import plural

__all__ = [
    "NOBODY",
    "after_tries",
    "agree",
    "answered",
    "must_be_string",
    "near_miss",
    "page_number",
    "page_of",
    "pages_with",
    "places_with",
    "pointer_to",
    "rows_with",
    "type_name",
]


def type_name(value: object) -> str:
    """A JSON value's type in words."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    names: dict[type, str] = {
        int: "a number",
        float: "a number",
        str: "a string",
        list: "an array",
        dict: "an object",
    }
    return names.get(type(value), "absent")


NOBODY = "there is nobody to send the message to"
_ROW = re.compile(r"(/list/(\d+))(/.*)?")


def rows_with(count: int, first: Location) -> str:
    """`Row 4 of page 2 (/list/3)`, `7 rows (first: row 4 of page 2, /list/3)`."""
    return places_with("row", count, first)


def places_with(noun: str, count: int, first: Location) -> str:
    """The same for what is counted by another name: `7 texts (first: row 4 of page 2, …)`."""
    row, pointer = _row_of(first)
    if count == 1:
        shown = f"{row[:1].upper()}{row[1:]}"
        return f"{shown} ({pointer})" if pointer else shown
    named = [word for word in (row, pointer) if word]
    return f"{plural(count, noun)} (first: {', '.join(named)})"


def _row_of(place: Location) -> tuple[str, str]:
    """A row counted from 1, as people count, and its JSON Pointer, which counts from 0."""
    page = page_number(place)
    of_page = "" if page is None else f"page {page}"
    found = _ROW.fullmatch(place.pointer or "")
    if found is None:
        return of_page or "one row", place.pointer or ""
    row = f"row {int(found[2]) + 1}"
    return f"{row} of {of_page}" if of_page else row, found[1]


def must_be_string(count: int, first: Location, member: str) -> str:
    """A row's member of another type: which row, what it is, what it must be."""
    rows = rows_with(count, first)
    if count == 1:
        return f"{rows}: {member} is {first.note} (it must be a string)."
    return f"{rows}: {member} is not a string; in the first row it is {first.note}."


def pages_with(count: int, first: Location) -> str:
    """`Page 2`, `7 pages (first: page 2)`."""
    if count == 1:
        return page_of(first)
    page = page_number(first)
    return plural(count, "page") + ("" if page is None else f" (first: page {page})")


def answered(first: Location) -> str:
    """`The server answered 503 Service Unavailable for page 4 (tried 3 times)`."""
    page = page_number(first)
    of_page = "" if page is None else f" for page {page}"
    return f"The server answered {first.note}{of_page}{after_tries(first)}"


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
    """` (tried 3 times)` where the request was repeated."""
    attempts = first.exchange.attempts if first.exchange is not None else 1
    return f" (tried {attempts:,} times)" if attempts > 1 else ""


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
