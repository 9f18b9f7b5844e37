"""The rows of a contacts file, each with its line: CSV with any usual separator, or .xlsx."""

import csv
import importlib
import importlib.util
import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from broadcaster.errors import WrongCommand
from broadcaster.loading.contacts_text import decoded_lines, encoding_of
from checker import visible

__all__ = ["ContactRow", "contact_rows"]

_SEPARATORS = (",", ";", "\t", "|")
_COLUMNS = ("uid", "msg")
_ZIP, _OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_XLSX_BYTES = 512 << 20
"""Decompressed. A sheet of Excel's million rows has about 100 MB."""
_EXACT_DIGITS = 15
"""A spreadsheet keeps so many digits of a number, and loses the others."""
_SHORTENED = re.compile(r"[0-9](?:[.,][0-9]+)?E\+[0-9]+\Z", re.IGNORECASE)


class ContactRow(NamedTuple):
    """One row, with the line of the file (or of the sheet) that it begins on, from 1."""

    line: int
    uid: str
    msg: str


class _Record(NamedTuple):
    line: int
    cells: Sequence[str]


def contact_rows(path: Path, encoding: str = "") -> Iterator[ContactRow]:
    """The file's rows; blank ones are left out. Raises WrongCommand with the line that is wrong."""
    try:
        with path.open("rb") as file:
            start = file.read(4)
        if start == _OLD_EXCEL:
            raise _wrong(path, "is an old Excel file: save it as .xlsx, or as CSV in UTF-8")
        records = _of_sheet(path) if start == _ZIP else _of_csv(path, encoding)
        yield from _rows_of(path, records)
    except OSError as error:
        raise _wrong(path, f"cannot be read ({error.strerror})") from None
    except UnicodeError:
        raise _wrong(path, "mixes encodings: export it as CSV in UTF-8") from None


def _wrong(path: Path, what: str) -> WrongCommand:
    return WrongCommand(f"The file {visible(path.name)} {what}.")


def _rows_of(path: Path, records: Iterator[_Record]) -> Iterator[ContactRow]:
    head = next(records, None)
    if head is None:
        raise _wrong(path, "is empty: its first line must name the columns uid and msg")
    names = [cell.strip().strip('"').casefold() for cell in head.cells]
    for wanted in _COLUMNS:
        if names.count(wanted) != 1:
            count = "no column" if wanted not in names else "more than one column"
            raise _wrong(
                path,
                f"has {count} {wanted!r} in its first line: the first line must name the columns "
                "uid and msg, in any order",
            )
    uid, msg = (names.index(wanted) for wanted in _COLUMNS)
    for record in records:
        cells = [*record.cells, *[""] * (len(names) - len(record.cells))]
        if any(cell.strip() for cell in cells[len(names) :]):
            raise _wrong(
                path,
                f"has {len(cells)} values on line {record.line:,}, and its first line names "
                f"{len(names)} columns: put double quotes around a text that holds the separator",
            )
        if not any(cell.strip() for cell in cells):
            continue
        if _SHORTENED.search(cells[uid].strip()):
            raise _wrong(
                path,
                f"has a uid on line {record.line:,} that the spreadsheet shortened (such as "
                "6.68E+10): format the column as text, and export it again",
            )
        yield ContactRow(record.line, cells[uid], cells[msg])


def _of_csv(path: Path, encoding: str) -> Iterator[_Record]:
    lines = decoded_lines(path, encoding_of(path, encoding))
    first, skipped = next(lines, ""), 0
    separator = ""
    while first and (not first.strip(" ,;\t\r\n\ufeff") or first.lower().startswith("sep=")):
        if first.lower().startswith("sep="):
            separator = first[4:5]
        first, skipped = next(lines, ""), skipped + 1
    if not first:
        return
    separator = separator or _separator_of(first)

    def rest() -> Iterator[str]:
        yield first.removeprefix("\ufeff")
        yield from lines

    reader = csv.reader(rest(), delimiter=separator, strict=True)
    begins = 1 + skipped
    try:
        for cells in reader:
            yield _Record(begins, cells)
            begins = reader.line_num + 1 + skipped
    except csv.Error:
        raise _wrong(
            path,
            f"has a double quote on line {begins:,} that is not closed, or text behind a closing "
            'one: write a quote within a text as ""',
        ) from None


def _separator_of(head: str) -> str:
    """The separator under which the first line names the two columns; a comma where none does."""
    for separator in _SEPARATORS:
        names = [name.strip().strip('"').casefold() for name in head.strip().split(separator)]
        if set(_COLUMNS) <= set(names):
            return separator
    return ","


def _of_sheet(path: Path) -> Iterator[_Record]:
    """The first sheet of a workbook. Values of formulas are those that the spreadsheet stored."""
    if importlib.util.find_spec("openpyxl") is None:
        raise _wrong(
            path,
            "is an Excel workbook: install a reader (pip install 'broadcast-conformance[xlsx]'), "
            "or save it in Excel as CSV UTF-8",
        )
    openpyxl: Any = importlib.import_module("openpyxl")
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(item.file_size for item in archive.infolist())
        if size > _XLSX_BYTES:
            raise _wrong(path, f"holds more than {_XLSX_BYTES >> 20} MB: save it as CSV UTF-8")
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        sheet = book.worksheets[0]
        for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
            yield _Record(number, [_text(path, number, cell) for cell in cells])
        book.close()
    except (zipfile.BadZipFile, KeyError, IndexError, ValueError, TypeError, SyntaxError):
        # SyntaxError: what XML parsers raise
        raise _wrong(path, "cannot be read as an Excel workbook: save it as CSV UTF-8") from None


def _text(path: Path, line: int, cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, int | float) and len(str(cell).strip("-").rstrip("0")) > _EXACT_DIGITS:
        raise _wrong(
            path,
            f"has a number on line {line:,} with more digits than a spreadsheet keeps: format the "
            "column as text, and enter it again",
        )
    return str(cell)
