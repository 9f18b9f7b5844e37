"""Rows from CSV and JSON lines files, read whole and judged line by line.

The mock is a correct API, so a row that no correct API would serve is refused here.
"""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

from mockserver.errors import BadInput
from mockserver.recipients.data import ListedRows, Row

__all__ = ["csv_rows", "jsonl_rows"]

_COLUMNS = ("uid", "msg")


def csv_rows(path: Path) -> ListedRows:
    """Read a UTF-8 CSV file with the columns `uid` and `msg`; others are ignored."""
    reader = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
    try:
        header = next(reader, [])
        missing = [column for column in _COLUMNS if column not in header]
        if missing:
            raise BadInput(f"{path}, line 1: the header has no column {' and no '.join(missing)}")
        return ListedRows(list(_csv_records(path, reader, header)))
    except csv.Error as error:
        raise BadInput(f"{path}, line {reader.line_num}: not CSV ({error})") from None


def _csv_records(path: Path, reader: Iterator[list[str]], header: list[str]) -> Iterator[Row]:
    line = 2
    for record in reader:
        if record and len(record) != len(header):
            raise BadInput(
                f"{path}, line {line}: expected {len(header)} cells, found {len(record)}"
            )
        if record:
            cells = dict(zip(header, record, strict=True))
            yield _row(path, line, cells["uid"], cells["msg"])
        line = reader.line_num + 1  # type: ignore[attr-defined]  # the reader of the csv module


def jsonl_rows(path: Path) -> ListedRows:
    """Read a UTF-8 file with one JSON object of `uid` and `msg` a line; blank lines are skipped."""
    rows = []
    for number, line in enumerate(_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise BadInput(f"{path}, line {number}: not JSON ({error})") from None
        if not isinstance(record, dict):
            raise BadInput(f"{path}, line {number}: not a JSON object")
        rows.append(_row(path, number, record.get("uid"), record.get("msg")))
    return ListedRows(rows)


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path}: cannot be read ({error.strerror})") from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BadInput(f"{path}, line {line}: not UTF-8") from None


def _row(path: Path, line: int, uid: object, msg: object) -> Row:
    for name, value in (("uid", uid), ("msg", msg)):
        if not isinstance(value, str) or not value.strip():
            raise BadInput(f"{path}, line {line}: {name} must be a text that is not blank")
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise BadInput(f"{path}, line {line}: {name} holds half of a surrogate pair")
    return {"uid": str(uid), "msg": str(msg)}
