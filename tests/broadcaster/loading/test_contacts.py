"""Contacts files as people have them: read, or refused with the line and the cause."""

import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import pytest

from broadcaster.errors import WrongCommand
from broadcaster.loading.contacts_rows import ContactRow, contact_rows
from broadcaster.loading.contacts_text import EncodingUnsure
from broadcaster.loading.csv_source import config_for_file
from broadcaster.loading.loader import Loader, LoadResult
from broadcaster.model import BroadcastState
from broadcaster.store import Store, open_store

THAI = "สวัสดีคุณ"
PLAIN = [("U1", f"{THAI} 1"), ("U2", f"{THAI} 2")]


def lines(separator: str = ",", head: str = "uid,msg") -> str:
    rows = "".join(f"{uid}{separator}{msg}\r\n" for uid, msg in PLAIN)
    return head.replace(",", separator) + "\r\n" + rows


def read(path: Path, encoding: str = "") -> list[tuple[str, str]]:
    return [(row.uid, row.msg) for row in contact_rows(path, encoding)]


@pytest.fixture
def file(tmp_path: Path) -> Callable[[bytes], Path]:
    def write(content: bytes, name: str = "ลูกค้า.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


@pytest.mark.parametrize(
    "content",
    [
        lines().encode(),
        lines().encode("utf-8-sig"),
        lines(";").encode(),
        lines("\t").encode("utf-16"),
        lines("\t").encode("utf-16-le"),
        lines("|").encode(),
        lines(head="UID,MSG").encode(),
        lines(head=' "Uid" , msg ').encode(),
        ("sep=,\r\n" + lines()).encode(),
        ("sep=;\r\n" + lines(";")).encode("utf-8-sig"),
        (lines() + ",\r\n,\r\n\r\n").encode(),
        ("\r\n" + lines()).encode(),
        lines().replace("\r\n", "\n").encode(),
        lines().replace("\r\n", ",\r\n").encode(),
        "name,MSG,x,uid\nA,สวัสดีคุณ 1,,U1\nB,สวัสดีคุณ 2,9,U2\n".encode(),
        "uid,msg,,,\nU1,สวัสดีคุณ 1,,,\nU2,สวัสดีคุณ 2\n".encode(),
    ],
)
def test_usual_files_are_read(file: Callable[[bytes], Path], content: bytes) -> None:
    assert read(file(content)) == PLAIN


def test_rows_know_the_line_that_they_begin_on(file: Callable[[bytes], Path]) -> None:
    path = file(b'sep=,\nuid,msg\n\nU1,"Hello\nsecond line"\nU2,""\n')
    assert list(contact_rows(path)) == [
        ContactRow(4, "U1", "Hello\nsecond line"),
        ContactRow(6, "U2", ""),
    ]


@pytest.mark.parametrize(
    ("encoding", "label", "text"),
    [
        ("cp874", "Thai, Windows-874", THAI),
        ("cp932", "Japanese, Shift JIS", "こんにちは、ご注文の商品が届きました"),
        ("big5", "Chinese, Big5", "您好,您訂購的商品已經送達門市請前往取貨"),
        ("cp1251", "Cyrillic, Windows-1251", "Здравствуйте, ваш заказ готов"),
    ],
)
def test_another_encoding_is_a_guess_that_a_person_confirms(
    file: Callable[[bytes], Path], encoding: str, label: str, text: str
) -> None:
    rows = "".join(f"U{number};{text} {number}\n" for number in range(20))
    path = file(f"uid;msg\n{rows}".encode(encoding))
    with pytest.raises(EncodingUnsure) as error:
        read(path)
    assert label in str(error.value)
    assert text[:4] in error.value.sample
    assert read(path, error.value.encoding)[3] == ("U3", f"{text} 3")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"name,text\nA,B\n", "no column 'uid' in its first line"),
        (b"U1,Hello\nU2,Hello\n", "no column 'uid' in its first line"),
        (b"uid,text\nA,B\n", "no column 'msg'"),
        (b"uid,msg,uid\nA,B,C\n", "more than one column 'uid'"),
        (b"uid,msg\nU1,Hello\nU2,Hello, friend\n", "3 values on line 3, and .* 2 columns"),
        (b'uid,msg\nU1,Hello\nU2,"Hello\nand\n', "double quote on line 3 that is not closed"),
        (b'uid,msg\nU1,"Hello" you\n', "line 2"),
        (b"uid,msg\n6.68E+10,Hello\n", "uid on line 2 that the spreadsheet shortened"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 90, "old Excel file"),
        (b"PK\x03\x04 no workbook", "cannot be read as an Excel workbook"),
    ],
)
def test_a_wrong_file_is_one_sentence_with_its_cause(
    file: Callable[[bytes], Path], content: bytes, sentence: str
) -> None:
    with pytest.raises(WrongCommand, match=sentence) as error:
        read(file(content))
    assert str(error.value).startswith("The file ลูกค้า.csv ")


def test_a_quote_that_never_ends_in_a_large_file_is_found_at_its_line(
    file: Callable[[bytes], Path],
) -> None:
    rows = "".join(f"U{number},Hello\n" for number in range(100_000))
    path = file(f'uid,msg\nU0,"Hello\n{rows}'.encode())
    with pytest.raises(WrongCommand, match="double quote on line 2 "):
        read(path)


def test_a_file_that_mixes_encodings_is_refused(file: Callable[[bytes], Path]) -> None:
    path = file(lines().encode() + f"U3,{THAI}\n".encode("cp874"))
    with pytest.raises(WrongCommand):
        read(path)
    with pytest.raises(WrongCommand, match="mixes encodings"):
        read(path, "utf-8")


def test_a_missing_file_and_an_unknown_encoding_are_one_sentence(
    file: Callable[[bytes], Path], tmp_path: Path
) -> None:
    with pytest.raises(WrongCommand, match="cannot be read"):
        read(tmp_path / "none.csv")
    with pytest.raises(WrongCommand, match="--encoding"):
        read(file(lines().encode()), "klingon")


def workbook(path: Path, rows: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def test_a_workbook_is_read_with_its_numbers_as_they_are_shown(tmp_path: Path) -> None:
    rows: list[list[object]] = [["Name", "UID", "MSG"], ["A", 66812345678, THAI], [None] * 3]
    path = workbook(tmp_path / "people.xlsx", [*rows, ["B", "U2", 5], ["C", 6.0, "x"]])
    assert list(contact_rows(path)) == [
        ContactRow(2, "66812345678", THAI),
        ContactRow(4, "U2", "5"),
        ContactRow(5, "6", "x"),
    ]


def test_a_number_that_a_spreadsheet_cannot_keep_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "people.xlsx", [["uid", "msg"], [1234567890123456789, "x"]])
    with pytest.raises(WrongCommand, match="more digits than a spreadsheet keeps"):
        read(path)


def test_a_workbook_that_would_fill_the_memory_is_refused_before_it_is_read(
    tmp_path: Path,
) -> None:
    path = workbook(tmp_path / "people.xlsx", [["uid", "msg"], ["U1", "x"]])
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/media/bomb.bin", "w", force_zip64=True) as bomb,
    ):
        for _ in range(520):
            bomb.write(bytes(1 << 20))
    with pytest.raises(WrongCommand, match="more than 512 MB"):
        read(path)


def test_without_a_reader_the_sentence_says_how_to_export(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = workbook(tmp_path / "people.xlsx", [["uid", "msg"], ["U1", "x"]])
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(WrongCommand, match="save it in Excel as CSV UTF-8"):
        read(path)


# What is said of a loaded file


@pytest.fixture
def store(sqlite_address: str) -> Iterator[Store]:
    with open_store(sqlite_address) as opened:
        yield opened


def load(store: Store, path: Path, channel: str | None = None) -> LoadResult:
    loader, config = Loader(store), config_for_file(path, channel=channel)
    return loader.load(loader.find_or_create(config, source="file"), config)


@pytest.mark.parametrize("twice_at", [20, 620])
def test_a_line_twice_is_one_warning_by_its_lines_near_or_far(
    store: Store, file: Callable[[bytes], Path], twice_at: int
) -> None:
    rows = [f"U{number},Closed on Monday" for number in range(700)]
    rows.insert(twice_at, rows[10])
    result = load(store, file("\n".join(["uid,msg", *rows]).encode()))
    assert result.broadcast.state is BroadcastState.READY
    [finding] = result.report.findings
    assert (finding.rule, finding.severity, finding.count) == ("ROW012", "warning", 1)
    assert f"line {twice_at + 2} repeats line 12" in finding.message


@pytest.mark.parametrize(
    ("rows", "rule", "places"),
    [
        (["U1,Hello", "U2,", "U3,Hi"], "ROW007", "1 row (line 3, column msg)"),
        (["U1,Hello", ",Hello"], "ROW004", "1 row (line 3, column uid)"),
        ([f"U{n},Hi" for n in range(600)] + ["U9,{{name}}"], "ROW016", "(line 602, column msg)"),
    ],
)
def test_findings_speak_of_lines_and_columns(
    store: Store, file: Callable[[bytes], Path], rows: list[str], rule: str, places: str
) -> None:
    result = load(store, file("\n".join(["uid,msg", *rows]).encode()))
    found = {finding.rule: finding for finding in result.report.findings}
    assert places in found[rule].message
    said = " ".join(f"{one.message} {one.fix}" for one in result.report.findings)
    for word in ("page", "token", "ORDER BY", "JOIN", "curl", "localhost", "DISTINCT", "API"):
        assert word not in said
    assert {example.curl for one in result.report.findings for example in one.examples} <= {None}


def test_a_million_lines_are_read_in_order(file: Callable[[bytes], Path]) -> None:
    path = file(b"uid,msg\n" + b"".join(b"U%d,Hi\n" % number for number in range(1_000_000)))
    rows = list(contact_rows(path))
    assert (len(rows), rows[-1]) == (1_000_000, ContactRow(1_000_001, "U999999", "Hi"))
