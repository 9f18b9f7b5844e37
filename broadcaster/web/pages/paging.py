"""Cuts what is listed newest first into pages, whose addresses stay true while more comes.

A page is known by the row before or after it, not by its number.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from flask import request

__all__ = ["MOST", "ON_A_PAGE", "Slice", "number_of", "slice_of"]

ON_A_PAGE = 50
MOST = 2**53
"""Beyond, no database could count."""

Row = TypeVar("Row")
Place = TypeVar("Place")


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice(Generic[Row]):
    """A page: `newer` and `older` are the queries of the pages beside it, where there are such."""

    rows: list[Row]
    newer: dict[str, str] | None
    older: dict[str, str] | None


def number_of(name: str) -> int | None:
    """The number that the address gives as a place, one that every database can count to."""
    number = request.args.get(name, type=int)
    return None if number is None else min(max(number, 0), MOST)


def slice_of(
    newest: Callable[..., list[Row]],
    name_of: Callable[[Row], str],
    *,
    before: Place | None,
    after: Place | None,
) -> Slice[Row]:
    """The page before a place, else the one after it, else the first. `newest` gives rows by
    `before` and `after`, `name_of` the place of a row as an address has it.
    """
    if before is None and after is not None:
        found = newest(ON_A_PAGE + 1, after=after)
        if len(found) > ON_A_PAGE:
            rows = found[1:]
            return Slice(
                rows=rows, newer={"after": name_of(rows[0])}, older={"before": name_of(rows[-1])}
            )
        # what is newer fits on the first page, which is shown whole
    found = newest(ON_A_PAGE + 1, before=before)
    rows, more = found[:ON_A_PAGE], len(found) > ON_A_PAGE
    return Slice(
        rows=rows,
        newer={"after": name_of(rows[0])} if before is not None and rows else None,
        older={"before": name_of(rows[-1])} if more else None,
    )
