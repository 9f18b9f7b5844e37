"""From an exchange to a page: decoded, validated against the schema, its rows laid out. Pure."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import jsonschema_rs

from checker.core.endpoint import Endpoint
from checker.core.model import ABSENT, Exchange, Next, NextKind, Page, PageKind, Violation
from checker.parsing.columns import Columns, columns_of
from checker.parsing.json_body import NO_NUMBER, Decoded, decode
from checker.parsing.next_token import read_next
from schemas import ROW_LIMIT, read

__all__ = ["page_violations", "read_page"]

_ROWS_A_PART = 400
_RIGHT_ROW = {"uid": "-", "msg": "-"}


def read_page(exchange: Exchange, number: int, endpoint: Endpoint) -> Page:
    """What the exchange holds; never raises for what a server sent."""
    if not exchange.succeeded:
        return Page(number=number, exchange=exchange, kind=PageKind.UNREADABLE)
    if exchange.status == 204 or not exchange.body or exchange.body.isspace():
        return _empty_page(exchange, number)
    decoded = decode(exchange.body, _content_length(exchange))
    if decoded.value is ABSENT:
        return Page(
            number=number,
            exchange=exchange,
            kind=PageKind.UNREADABLE,
            defects=decoded.defects,
        )
    if _is_unusual_empty(decoded.value):
        page = _empty_page(exchange, number)
        page.document, page.defects, page.unusual_empty = decoded.value, decoded.defects, True
        return page
    return _page_of_rows(exchange, number, decoded, endpoint)


def _content_length(exchange: Exchange) -> int | None:
    value = exchange.header("Content-Length") or ""
    encoded = exchange.header("Content-Encoding")
    return int(value) if value.isascii() and value.isdigit() and not encoded else None


def _empty_page(exchange: Exchange, number: int) -> Page:
    empty = Next(kind=NextKind.EMPTY)
    return Page(number=number, exchange=exchange, kind=PageKind.EMPTY, next=empty)


def _is_unusual_empty(value: Any) -> bool:
    return value is None or (isinstance(value, list | dict) and not value)


def _page_of_rows(exchange: Exchange, number: int, decoded: Decoded, endpoint: Endpoint) -> Page:
    document = decoded.value
    rows = document.get("list") if isinstance(document, dict) else None
    columns = decoded.columns or columns_of(rows)
    page = Page(
        number=number,
        exchange=exchange,
        kind=PageKind.ROWS,
        document=document,
        defects=decoded.defects,
        next=read_next(document, endpoint),
        violations=page_violations(document, columns),
    )
    if isinstance(rows, list):
        page.rows = rows
        page.row_count = len(rows) if decoded.row_count is None else decoded.row_count
        _lay_out(page, columns)
    return page


def _lay_out(page: Page, columns: Columns | None) -> None:
    """Fills in what is asked of every row, once for all rules."""
    if columns is not None:
        page.regular, page.bare, page.trimmed = True, columns.bare, columns.trimmed
        page.uids, page.msgs = columns.uids, columns.msgs
        page.uid_hashes = [*map(hash, columns.uids)]
        page.row_hashes = [*map(hash, zip(columns.uids, columns.msgs, strict=True))]
    else:
        page.uids = [_string_member(row, "uid") for row in page.rows]
        page.msgs = [_string_member(row, "msg") for row in page.rows]
        page.row_hashes = [
            _identity(row) if uid is None or msg is None else hash((uid, msg))
            for row, uid, msg in zip(page.rows, page.uids, page.msgs, strict=True)
        ]
    page.row_set = frozenset(page.row_hashes)
    page.uid_text = "\n".join(filter(None, page.uids))
    page.msg_text = "\n".join(filter(None, page.msgs))


def _identity(row: Any) -> int:
    """The hash of a row whose uid or msg is not a string: of these two, of whatever type."""
    if isinstance(row, dict) and row.get("uid") is not None and "msg" in row:
        return hash((repr(row["uid"]), repr(row["msg"])))
    return hash(repr(row))


def _string_member(row: Any, name: str) -> str | None:
    value = row.get(name) if isinstance(row, dict) else None
    return value if isinstance(value, str) else None


@cache
def _validator() -> Any:
    return jsonschema_rs.validator_for(read("page"))


def page_violations(document: Any, columns: Columns | None = None) -> dict[str, list[Violation]]:
    """The page schema's failed assertions by the rule that each one names.

    `columns` are those of the document's rows, where they have been laid out: so many strings that
    are not blank are all that the schema asks of rows (its white space is Python's).
    """
    validator = _validator()
    rows_are_valid = columns is not None and columns.filled and len(columns.uids) <= ROW_LIMIT
    if validator.is_valid({**document, "list": []} if rows_are_valid else document):
        return {}
    found: dict[str, list[Violation]] = {}
    for violation in _violations(validator, document):
        found.setdefault(violation.rule, []).append(violation)
    return found


def _violations(validator: Any, document: Any) -> Iterator[Violation]:
    for part, first_row in _parts(document):
        for error in validator.iter_errors(part):
            path = error.instance_path
            if first_row is not None:
                path[1] += first_row
            node: Any = read("page")
            for step in error.schema_path[:-1]:
                node = node[step]
                rule = node.get("x-rule") if isinstance(node, dict) else None
                if rule is not None:
                    value = _at(document, path)
                    if value is not NO_NUMBER:  # its cause is reported as JSON006
                        yield Violation(rule=rule, pointer=_pointer(path), value=value)


def _parts(document: Any) -> Iterator[tuple[Any, int | None]]:
    """The document, and of a list that is far too long its rows by the hundred: the validator holds
    kilobytes for each fault until it has told them all.
    """
    rows = document.get("list") if isinstance(document, dict) else None
    if not isinstance(rows, list) or len(rows) <= 2 * _ROWS_A_PART:
        yield document, None
        return
    yield {**document, "list": [_RIGHT_ROW] * len(rows)}, None
    for start in range(0, len(rows), _ROWS_A_PART):
        yield {"list": rows[start : start + _ROWS_A_PART], "next": ""}, start


def _pointer(path: list[str | int]) -> str:
    """A JSON Pointer (RFC 6901)."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def _at(document: Any, path: list[str | int]) -> Any:
    for step in path:
        document = document[step]
    return document
