"""The rows of an ordinary page as columns, and what can be told of them in the same pass. Pure."""

from typing import Any, NamedTuple

__all__ = ["Columns", "columns_of"]


class Columns(NamedTuple):
    """The uids and msgs of a page whose rows all have both as strings.

    They are `bare` when no row has anything else, `filled` when none of them is blank, and
    `trimmed` when no uid has white space around it.
    """

    uids: list[str]
    msgs: list[str]
    bare: bool
    filled: bool
    trimmed: bool


def columns_of(rows: Any) -> Columns | None:
    """The uids and msgs of rows that all have both as strings, else None."""
    if not isinstance(rows, list):
        return None
    try:
        uids = [row["uid"] for row in rows]
        msgs = [row["msg"] for row in rows]
        trimmed, stripped = [*map(str.strip, uids)], [*map(str.strip, msgs)]
    except (TypeError, KeyError, IndexError):
        return None
    return Columns(
        uids,
        msgs,
        bare=sum(map(len, rows)) == 2 * len(rows),
        filled="" not in trimmed and "" not in stripped,
        trimmed=trimmed == uids,
    )
