"""Rows: generated, from files, from tables."""

import re
from pathlib import Path

import pytest
import sqlalchemy as sa

from mockserver.errors import BadInput, MockError, UnknownPosition
from mockserver.recipients.data import GeneratedRows, Row, RowSource
from mockserver.recipients.database import TableRows
from mockserver.recipients.row_files import csv_rows, jsonl_rows


def all_rows(source: RowSource, size: int = 3) -> list[Row]:
    """Read the source to its end."""
    part = source.read(None, size)
    rows = list(part.rows)
    while part.more:
        part = source.read(part.onward, size)
        rows += part.rows
    after_the_end = source.read(part.onward, size)
    assert (list(after_the_end.rows), after_the_end.more) == ([], False)
    source.close()
    return rows


def test_generated_rows_are_the_same_each_time() -> None:
    rows = all_rows(GeneratedRows(1000), size=300)
    assert rows == all_rows(GeneratedRows(1000), size=77)
    assert len({row["uid"] for row in rows}) == 1000
    assert all(re.fullmatch("U[0-9a-f]{32}", row["uid"]) for row in rows)


def test_generated_rows_hold_healthy_look_alikes_in_several_scripts() -> None:
    text = "".join(row["msg"] for row in all_rows(GeneratedRows(300), size=100))
    expected = ("5 < 6", "R&D", "{", "Café", "null and void", "🎉", "น", "מ", "م", "花", "Привет")
    assert [each for each in expected if each not in text] == []


def test_ten_million_rows_cost_nothing() -> None:
    part = GeneratedRows(10_000_000).read(9_999_999, 100)
    assert (len(part.rows), part.more) == (1, False)


def test_generated_rows_refuse_the_position_of_a_text_key() -> None:
    with pytest.raises(UnknownPosition):
        GeneratedRows(3).read("Uabc", 2)


@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_csv(tmp_path: Path, bom: str) -> None:
    path = tmp_path / "rows.csv"
    text = f'{bom}name,msg,uid\r\nZoë,"Hi, ""Zoë""\nhow are you?",U1\r\n\r\nSam,Hello ☕,U2\r\n'
    path.write_bytes(text.encode())
    assert all_rows(csv_rows(path)) == [
        {"uid": "U1", "msg": 'Hi, "Zoë"\nhow are you?'},
        {"uid": "U2", "msg": "Hello ☕"},
    ]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "line 1: the header has no column uid and no msg"),
        (b"uid,text\nU1,hi\n", "line 1: the header has no column msg"),
        (b"uid,msg\nU1,hi\nU2\n", "line 3: expected 2 cells, found 1"),
        (b'uid,msg\nU1,"a\nb"\n,hi\n', "line 4: uid must be a text that is not blank"),
        (b"uid,msg\nU1,  \n", "line 2: msg must be a text that is not blank"),
        (b'uid,msg\nU1,"a"b\n', "line 2: not CSV"),
        (b"uid,msg\nU1,hi\nU2,Caf\xe9\n", "line 3: not UTF-8"),
    ],
)
def test_a_bad_csv_file(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=re.escape(sentence)) as caught:
        csv_rows(path)
    assert str(path) in str(caught.value)


def test_jsonl(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"uid":"U1","msg":"สวัสดี\u2028!","n":1}\n\n{"msg":"x","uid":"U2"}', "utf-8")
    assert all_rows(jsonl_rows(path)) == [
        {"uid": "U1", "msg": "สวัสดี\u2028!"},
        {"uid": "U2", "msg": "x"},
    ]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ('{"uid":"U1","msg":"a"}\n{"uid":', "line 2: not JSON"),
        ("[" * 100_000, "line 1: not JSON"),
        ("[1]", "line 1: not a JSON object"),
        ('{"uid":1,"msg":"a"}', "line 1: uid must be a text"),
        ('{"uid":"U1"}', "line 1: msg must be a text"),
        ('{"uid":"U1","msg":"\\ud83c"}', "line 1: msg holds half of a surrogate pair"),
    ],
)
def test_a_bad_jsonl_file(tmp_path: Path, content: str, sentence: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(content, "utf-8")
    with pytest.raises(BadInput, match=sentence):
        jsonl_rows(path)


@pytest.mark.parametrize("read", [csv_rows, jsonl_rows])
def test_a_missing_file(tmp_path: Path, read: type) -> None:
    with pytest.raises(BadInput, match="No such file"):
        read(tmp_path / "none")


def database(path: Path, *statements: str) -> str:
    """Make an SQLite file and return its URL."""
    url = f"sqlite:///{path}"
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))
    engine.dispose()
    return url


def contacts(path: Path) -> str:
    """Make a table of seven rows whose primary key has gaps."""
    rows = ",".join(f"({number * 10}, 'U{9 - number}', 'msg {number}')" for number in range(1, 8))
    return database(
        path,
        "CREATE TABLE contacts (id INTEGER PRIMARY KEY, line_id TEXT NOT NULL, body TEXT)",
        f"INSERT INTO contacts VALUES {rows}",
    )


@pytest.mark.parametrize(
    ("key", "uids"),
    [
        (None, ["U8", "U7", "U6", "U5", "U4", "U3", "U2"]),
        ("line_id", ["U2", "U3", "U4", "U5", "U6", "U7", "U8"]),
    ],
)
@pytest.mark.parametrize("size", [1, 3, 7, 100])
def test_a_table_in_the_order_of_its_key(
    tmp_path: Path, key: str | None, uids: list[str], size: int
) -> None:
    source = TableRows(
        contacts(tmp_path / "c.db"),
        "contacts",
        uid_column="line_id",
        msg_column="body",
        key_column=key,
    )
    assert [row["uid"] for row in all_rows(source, size)] == uids


def test_rows_that_come_in_front_shift_nothing(tmp_path: Path) -> None:
    url = contacts(tmp_path / "c.db")
    source = TableRows(url, "contacts", uid_column="line_id", msg_column="body")
    first = source.read(None, 3)
    database(tmp_path / "c.db", "INSERT INTO contacts VALUES (1, 'Unew', 'new')")
    second = source.read(first.onward, 3)
    source.close()
    assert [row["msg"] for row in second.rows] == ["msg 4", "msg 5", "msg 6"]


def test_an_empty_table(tmp_path: Path) -> None:
    url = database(tmp_path / "c.db", "CREATE TABLE c (uid TEXT PRIMARY KEY, msg TEXT)")
    assert all_rows(TableRows(url, "c")) == []


def test_a_token_of_another_key_is_unknown(tmp_path: Path) -> None:
    source = TableRows(
        contacts(tmp_path / "c.db"), "contacts", uid_column="line_id", msg_column="body"
    )
    with pytest.raises(UnknownPosition):
        source.read("U3", 2)
    source.close()


@pytest.mark.parametrize(
    ("table", "options", "sentence"),
    [
        ("none", {}, "no table none"),
        ("contacts", {}, "no column uid"),
        ("contacts", {"uid_column": "line_id"}, "no column msg"),
        ("contacts", {"uid_column": "line_id", "msg_column": "body", "key_column": "x"}, "x"),
        ("twice", {"key_column": "msg"}, "holds a value twice"),
        ("twice", {"key_column": "uid"}, "holds NULL"),
        ("twice", {"key_column": "weight"}, "neither integers nor text"),
    ],
)
def test_a_table_that_cannot_be_paged(
    tmp_path: Path, table: str, options: dict[str, str], sentence: str
) -> None:
    url = contacts(tmp_path / "c.db")
    database(
        tmp_path / "c.db",
        "CREATE TABLE twice (uid TEXT, msg TEXT, weight REAL)",
        "INSERT INTO twice VALUES ('a', 'same', 1), (NULL, 'same', 2)",
    )
    with pytest.raises(BadInput, match=sentence):
        TableRows(url, table, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("contacts.db", "not a database URL"),
        ("sqlite:///{folder}/none.db", "no such file"),
        ("sqlite:///{folder}/text.db", "cannot be read"),
        ("postgresql://localhost:1/none?connect_timeout=2", "cannot be read"),
        ("martian://host/db", "not a database URL|driver"),
        ("mysql+none://host/db", "not a database URL|driver"),
    ],
)
def test_a_database_that_is_not_there(tmp_path: Path, url: str, sentence: str) -> None:
    (tmp_path / "text.db").write_text("this is no database, whatever its name says" * 40)
    with pytest.raises(MockError, match=sentence):
        TableRows(url.format(folder=tmp_path), "contacts")
    assert not (tmp_path / "none.db").exists()
