"""From bytes to a value: each fault by its name, and nothing wrong with what is right."""

import json
import random
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from checker.core.endpoint import Endpoint
from checker.core.model import ABSENT, Exchange, NextKind, PageKind, ParseDefect, Purpose
from checker.parsing.columns import columns_of
from checker.parsing.json_body import DEPTH_LIMIT, NO_NUMBER, decode
from checker.parsing.page import read_page
from checker.parsing.streamed_body import DENSE_CONTAINERS, DENSE_VALUES, is_dense, read_dense

pytestmark = pytest.mark.pure

ENDPOINT = Endpoint.parse("http://localhost/recipients")
PAGE = '{"list": [{"uid": "u1", "msg": "Hi"}], "next": ""}'
VALUE = json.loads(PAGE)

# ---------------------------------------------------------------- a table of every fault


def nested(levels: int, inner: str = "1") -> str:
    return "[" * (levels - 1) + inner.join("[]") + "]" * (levels - 1)


def wrapped(text: str, times: int) -> str:
    for _ in range(times):
        text = json.dumps(text)
    return text


@pytest.mark.parametrize(
    ("body", "value", "defects"),
    [
        (PAGE, VALUE, []),
        (f" \r\n\t{PAGE}\n", VALUE, []),
        ("null", None, []),
        ("[]", [], []),
        ('"text"', "text", []),
        ('"{not JSON}"', "{not JSON}", []),
        (str(10**30), 10**30, []),
        ("-" + "9" * 308, -int("9" * 308), []),
        ("1e-400", 0.0, []),
        ('"\\ud83d\\ude00"', "😀", []),
        ("", ABSENT, [("JSON001", "it ends in the middle")]),
        (PAGE[:-1], ABSENT, [("JSON001", "it ends in the middle (line 1, column 50)")]),
        (PAGE + "x", ABSENT, [("JSON001", "output after the JSON (line 1, column 51)")]),
        (PAGE + PAGE, ABSENT, [("JSON001", "several JSON documents")]),
        ('{"a": 1,}', ABSENT, [("JSON001", "a trailing comma")]),
        ('{"a": "\n"}', ABSENT, [("JSON001", "a raw line break")]),
        ("01", ABSENT, [("JSON001", "")]),
        (PAGE.encode("utf-16"), VALUE, [("JSON002", "UTF-16")]),
        (PAGE.encode("utf-16-le"), VALUE, [("JSON002", "UTF-16-LE")]),
        (PAGE.encode("utf-16-be"), VALUE, [("JSON002", "UTF-16")]),
        (PAGE.encode("utf-32"), VALUE, [("JSON002", "UTF-32")]),
        ('["Café"]'.encode("latin-1"), ["Café"], [("JSON002", "byte 5 (0xE9)")]),
        ('["Café"]'.encode("latin-1"), ["Café"], [("JSON002", "looks like Latin-1")]),
        (
            "[“Café”]".replace("[“", '["“').replace("”]", '”"]').encode("cp1252"),
            ["“Café”"],
            [("JSON002", "Windows-1252")],
        ),
        (b'["\xed\xa0\xbd"]', ["í\xa0½"], [("JSON002", "byte 2 (0xED)")]),
        (PAGE.encode() + b"\xe0", ABSENT, [("JSON002", "byte 50 "), ("JSON001", "output after")]),
        (b"\xef\xbb\xbf" + PAGE.encode(), VALUE, [("JSON003", "EF BB BF")]),
        (b"\xef\xbb\xbf", ABSENT, [("JSON003", ""), ("JSON001", "")]),
        (wrapped(PAGE, 1), VALUE, [("JSON004", "inside a JSON string")]),
        (wrapped(PAGE, 3), VALUE, [("JSON004", "inside a JSON string")]),
        (wrapped(PAGE, 4), PAGE, [("JSON004", "inside a JSON string")]),
        ('{"uid": 1, "uid": 2}', {"uid": 2}, [("JSON005", "uid")]),
        ('{"a": {"b": 1, "c": 2, "b": 1}}', {"a": {"b": 1, "c": 2}}, [("JSON005", "b")]),
        ('{"a": 1, "b": 2, "b": 3}', {"a": 1, "b": 3}, [("JSON005", "b")]),
        ('{"uid": 1, "\\u0075id": 2}', {"uid": 2}, [("JSON005", "uid")]),
        ('[{"a": 1, "a": 1}, {"b": 1, "b": 1}]', [{"a": 1}, {"b": 1}], [("JSON005", "a")]),
        ("[NaN]", [NO_NUMBER], [("JSON006", "NaN")]),
        ("[Infinity]", [NO_NUMBER], [("JSON006", "Infinity")]),
        ("[-Infinity]", [NO_NUMBER], [("JSON006", "-Infinity")]),
        ("[1e400]", [NO_NUMBER], [("JSON006", "a number of 5 characters")]),
        ("[-1e400]", [NO_NUMBER], [("JSON006", "a number of 6 characters")]),
        ("[" + "9" * 309 + "]", [NO_NUMBER], [("JSON006", "a number of 309 characters")]),
        ("[1" + "0" * 308 + "]", [10**308], []),
        ("[-1" + "0" * 308 + "]", [-(10**308)], []),
        ("[1" + "0" * 309 + "]", [NO_NUMBER], [("JSON006", "a number of 310 characters")]),
        ("[" + "1" * 5000 + "]", [NO_NUMBER], [("JSON006", "a number of 5000 characters")]),
        ('["\\ud83d"]', ["?"], [("JSON007", "half of a surrogate pair")]),
        ('["\\ude00\\ud83d"]', ["??"], [("JSON007", "half of a surrogate pair")]),
        ('{"\\ud83d": 1}', {"?": 1}, [("JSON007", "half of a surrogate pair")]),
        (wrapped('["\\ud83d"]', 1), ["?"], [("JSON004", ""), ("JSON007", "")]),
        (nested(64), json.loads(nested(64)), []),
        (nested(65), ABSENT, [("JSON008", "65 levels; the limit is 64")]),
        (nested(2000), ABSENT, [("JSON008", "2000 levels;")]),
        (nested(40_000), ABSENT, [("JSON008", "40000 levels;")]),
        (nested(64, '"[[[["'), json.loads(nested(64, '"[[[["')), []),
        (nested(64, '"\\"[[[["'), json.loads(nested(64, '"\\"[[[["')), []),
        ("[" + "[]," * 100 + "1]", [*[[]] * 100, 1], []),
        ("[" + "[[[]]]," * 60 + "{}]", [*[[[[]]]] * 60, {}], []),
        (f"[[],{nested(64)}]", ABSENT, [("JSON008", "65 levels;")]),
        ("[" * 40 + "[]," + nested(25) + "]" * 40, ABSENT, [("JSON008", "65 levels;")]),
        ('["X[{X]}"]', ["X[{X]}"], []),
        ("[[],[],{}]" + "]" * 70, ABSENT, [("JSON001", "output after")]),
        (wrapped(nested(65), 1), nested(65), []),
        (wrapped(nested(64), 1), json.loads(nested(64)), [("JSON004", "")]),
        (b'["a\x81 \x93"]', ["a? \u201c"], [("JSON002", "Windows-1252")]),
        (
            b'\xef\xbb\xbf{"a": NaN, "a": "\\ud800"}',
            {"a": "?"},
            [("JSON003", ""), ("JSON006", ""), ("JSON005", ""), ("JSON007", "")],
        ),
    ],
)
def test_a_body_is_read_and_its_defects_are_named(
    body: str | bytes, value: object, defects: list[tuple[str, str]]
) -> None:
    decoded = decode(body.encode() if isinstance(body, str) else body)
    assert decoded.value is ABSENT if value is ABSENT else decoded.value == value
    assert [defect.rule for defect in decoded.defects] == [rule for rule, _ in defects]
    for defect, (_, note) in zip(decoded.defects, defects, strict=True):
        assert note in defect.note


def test_a_defect_holds_what_it_found() -> None:
    assert decode(b'["a\\ud83d"]').defects == (
        ParseDefect(rule="JSON007", note="half of a surrogate pair", value="a\ud83d"),
    )
    assert decode(b"nothing").defects[0].value == "nothing"


def test_no_number_is_known_by_its_identity() -> None:
    value = decode(b"[NaN, 0.5, 1e999]").value
    assert [item is NO_NUMBER for item in value] == [True, False, True]


@pytest.mark.parametrize(
    ("body", "note"),
    [
        (PAGE.encode("utf-16"), "byte 0 (0xFF) is not valid UTF-8; it looks like UTF-16"),
        (PAGE.encode("utf-16-be"), "byte 0 (0x00) is not valid UTF-8; it looks like UTF-16"),
        (PAGE.encode("utf-16-le"), "byte 0 (0x7B) is not valid UTF-8; it looks like UTF-16-LE"),
        (PAGE.encode("utf-32-be"), "byte 0 (0x00) is not valid UTF-8; it looks like UTF-32"),
        (b"\xef\xbb\xbf[]", "a UTF-8 byte order mark (EF BB BF), which Windows editors write"),
        (b'"[]"', "the JSON is inside a JSON string, as after calling json.dumps twice"),
        (b'{"name": 1, "name": 2}', "name"),
        (b"[NaN]", "NaN"),
    ],
)
def test_a_defect_in_words(body: bytes, note: str) -> None:
    assert [defect.note for defect in decode(body).defects] == [note]


@pytest.mark.parametrize(
    ("body", "plain"),
    [
        (PAGE, True),
        (json.dumps(VALUE, indent=4), True),
        (json.dumps(VALUE, separators=(",", ":")), True),
        ('{"list":[],"next":""}', True),
        ('{"list": [], "next": null}', True),
        ('{"list": [], "next": 5}', True),
        ('{"list": [{"uid": "u", "msg": "say \\"hi\\" \\u00e9 \\/"}], "next": ""}', True),
        ('{"list":[{"uid":"u","msg":"a\\\\b"}],"next":""}', True),
        ('{"list":[{"uid":"u","msg":"m","age":5,"vip":true,"x":null}],"next":"","total":1}', True),
        ('{"list": [{"uid": "u", "msg": "a\\\\b"}], "next": ""}', False),
        ('{"list": [{"uid": "u", "msg": "m", "age": 5}], "next": ""}', False),
        ('{"list":[{"uid":"u","msg":"m","age":5.5}],"next":""}', False),
        ('{"list":[{"uid":"u","msg":"m","tags":[]}],"next":""}', False),
        ('{"list":[],"next":"","meta":{}}', False),
        ('{"list":[],"next":[]}', False),
        ('{"list": [], "next": "", "next": ""}', False),
        ('{"list": [{"uid": "u", "msg": "m", "msg": "m"}], "next": ""}', False),
        ('{"list":[],"list":[],"next":""}', False),
        ('{"list": [{"uid": "u"}], "next": ""}', False),
    ],
)
def test_which_bodies_need_no_second_look(body: str, plain: bool) -> None:
    assert (decode(body.encode()).columns is not None) is plain


def test_a_cut_at_the_content_length_is_told() -> None:
    body = '{"list": [{"uid": "u", "msg": "é'.encode()
    told = "which seems to count characters, not bytes"
    assert told in decode(body, len(body)).defects[0].note
    cut = '{"list": [{"uid": "u", "msg": "éส'.encode()[:-1]
    assert [defect.rule for defect in decode(cut, len(cut)).defects] == ["JSON001"]
    assert told in decode(cut, len(cut)).defects[0].note
    assert told not in decode(body, len(body) + 1).defects[0].note
    assert told not in decode(body).defects[0].note
    assert told not in decode(b'{"list": [', 10).defects[0].note


def test_a_regular_pages_columns_are_kept() -> None:
    for body in (PAGE, PAGE.replace(" ", "")):
        columns = decode(body.encode()).columns
        assert columns is not None
        assert (columns.uids, columns.msgs) == (["u1"], ["Hi"])


@pytest.mark.parametrize(
    ("rows", "columns"),
    [
        ([], ([], [])),
        ([{"uid": "u", "msg": "m"}, {"msg": "n", "uid": "v"}], (["u", "v"], ["m", "n"])),
        (None, None),
        ({}, None),
        ("ab", None),
        ([{"uid": "u"}], None),
        ([{"msg": "m"}], None),
        ([{"uid": 1, "msg": "m"}], None),
        ([{"uid": "u", "msg": None}], None),
        (["text"], None),
        ([[]], None),
        ([None], None),
    ],
)
def test_columns_are_of_rows_that_all_have_both(rows: Any, columns: Any) -> None:
    found = columns_of(rows)
    assert (found if found is None else (found.uids, found.msgs)) == columns


# ---------------------------------------------------------------- any value, any style

KEYS = ["uid", "msg", "list", "next", "a", 'q"', "\\", "é", "", "\n"]
strings = st.one_of(st.text(max_size=12), st.sampled_from(["", '"', "\\", '\\"', "😀", "/", "{["]))
keys = st.sampled_from(KEYS) | st.text(max_size=3)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-(10**300), 10**300),
    st.floats(allow_nan=False, allow_infinity=False),
    strings,
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)
regular_rows = st.fixed_dictionaries({"uid": strings, "msg": strings})
rows = regular_rows | st.fixed_dictionaries(
    {"uid": strings, "msg": strings}, optional={"a": scalars, "é": values}
)
regular_pages = st.one_of(
    st.fixed_dictionaries({"list": st.lists(regular_rows, max_size=4), "next": strings}),
    st.fixed_dictionaries({"list": st.lists(regular_rows, max_size=4), "next": scalars}),
    st.fixed_dictionaries(
        {"list": st.lists(rows, max_size=4), "next": scalars}, optional={"a": values}
    ),
)


class Writer:
    """JSON in any spelling: blanks, escapes and the order of members are drawn."""

    def __init__(self, chance: random.Random, twice: object = None, again: object = None) -> None:
        self.chance = chance
        self.blank_share = chance.choice([0, 0, 0.2, 1])
        self.escape_share = chance.choice([0, 0, 0.1, 1])
        self.ascii = chance.random() < 0.3
        self.twice, self.again = twice, again

    def blank(self) -> str:
        if self.chance.random() >= self.blank_share:
            return ""
        return "".join(self.chance.choices(" \t\r\n", k=self.chance.randint(1, 3)))

    def text(self, value: str) -> str:
        return '"' + "".join(map(self.char, value)) + '"'

    def char(self, char: str) -> str:
        escaped = self.chance.random() < self.escape_share
        if char in '"\\/' and (escaped or char != "/"):
            return "\\" + char if self.chance.random() < 0.8 else f"\\u{ord(char):04x}"
        if char < " " and not escaped:
            return json.dumps(char)[1:-1]
        if escaped or (self.ascii and not char.isascii()):
            units = char.encode("utf-16-be")
            hexes = [units[at : at + 2].hex() for at in range(0, len(units), 2)]
            return "".join("\\u" + (h.upper() if self.chance.random() < 0.5 else h) for h in hexes)
        return char

    def write(self, value: object) -> str:
        return self.blank() + self.bare(value) + self.blank()

    def bare(self, value: object) -> str:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return "[" + (",".join(map(self.write, value)) or self.blank()) + "]"
        if isinstance(value, dict):
            pairs = list(value.items())
            self.chance.shuffle(pairs)
            if value is self.twice:
                name = self.chance.choice(pairs)[0]
                pairs.insert(self.chance.randint(0, len(pairs)), (name, self.again))
            members = [
                f"{self.blank()}{self.text(name)}{self.blank()}:{self.write(item)}"
                for name, item in pairs
            ]
            return "{" + (",".join(members) or self.blank()) + "}"
        return json.dumps(value)


def canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True)


def rules_of(body: bytes) -> set[str]:
    return {defect.rule for defect in decode(body).defects}


def objects_in(value: object) -> list[dict[str, Any]]:
    """Every object that has a member to name twice."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    found = [found for item in inner for found in objects_in(item)]
    return [value, *found] if isinstance(value, dict) and value else found


@given(values | regular_pages, st.randoms(use_true_random=False))
def test_any_value_in_any_spelling_is_read_as_it_is(value: Any, chance: random.Random) -> None:
    assume(not (isinstance(value, str) and value.strip()[:1] in ("{", "[", '"')))
    decoded = decode(Writer(chance).write(value).encode())
    assert decoded.defects == ()
    assert canonical(decoded.value) == canonical(value)


@given(
    values | regular_pages,
    st.sampled_from([None, 0, 2, "\t"]),
    st.sampled_from([(",", ":"), (", ", ": "), (" ,", " : ")]),
    st.booleans(),
    st.booleans(),
)
def test_any_value_as_python_writes_it_is_read_as_it_is(
    value: Any,
    indent: int | str | None,
    separators: tuple[str, str],
    ensure_ascii: bool,
    sort_keys: bool,
) -> None:
    assume(not (isinstance(value, str) and value.strip()[:1] in ("{", "[", '"')))
    text = json.dumps(
        value,
        indent=indent,
        separators=separators,
        ensure_ascii=ensure_ascii,
        sort_keys=sort_keys,
    )
    decoded = decode(text.encode())
    assert decoded.defects == ()
    assert canonical(decoded.value) == canonical(value)


@given(regular_pages | values, values, st.randoms(use_true_random=False))
def test_a_member_named_twice_is_never_overlooked(
    value: Any, again: object, chance: random.Random
) -> None:
    objects = objects_in(value)
    assume(objects)
    text = Writer(chance, twice=chance.choice(objects), again=again).write(value)
    assert "JSON005" in rules_of(text.encode())


@given(regular_pages, st.randoms(use_true_random=False))
def test_a_regular_pages_columns_are_its_uids_and_msgs(
    page: dict[str, Any], chance: random.Random
) -> None:
    decoded = decode(Writer(chance).write(page).encode())
    if decoded.columns is not None:
        assert list(decoded.columns.uids) == [row["uid"] for row in page["list"]]
        assert list(decoded.columns.msgs) == [row["msg"] for row in page["list"]]


@given(values, st.integers(1, 3))
def test_json_inside_a_string_is_read_and_told(value: Any, times: int) -> None:
    assume(isinstance(value, dict | list))
    decoded = decode(wrapped(json.dumps(value), times).encode())
    assert [defect.rule for defect in decoded.defects] == ["JSON004"]
    assert canonical(decoded.value) == canonical(value)


@given(st.integers(1, 200), st.sampled_from(["[", '{"a":', '{"list":[']))
def test_nesting_is_read_to_its_limit(levels: int, opening: str) -> None:
    opened = opening * levels
    closed = "".join({"[": "]", "{": "}"}[char] for char in reversed(opened) if char in "[{")
    text = opened + "1" + closed
    deep = sum(char in "[{" for char in opened)
    decoded = decode(text.encode())
    if deep > DEPTH_LIMIT:
        assert [defect.rule for defect in decoded.defects] == ["JSON008"]
        assert decoded.value is ABSENT
    else:
        assert decoded.defects == ()
        assert decoded.value == json.loads(text)


@given(st.integers())
@example(10**308)
@example(2**1024 - 2**970 - 1)
@example(2**1024 - 2**970)
@example(-(2**1024))
def test_integers_are_exact_within_a_doubles_range(number: int) -> None:
    try:
        float(number)
    except OverflowError:
        assert rules_of(str(number).encode()) == {"JSON006"}
    else:
        decoded = decode(str(number).encode())
        assert decoded.defects == ()
        assert decoded.value == number
        assert type(decoded.value) is int


# ---------------------------------------------------------------- any bytes whatever

FRAGMENTS = [
    b"{",
    b"}",
    b"[",
    b"]",
    b'"',
    b",",
    b":",
    b"\\",
    b"\\u",
    b"\\ud800",
    b"NaN",
    b"1e999",
    b'"list"',
    b'"next"',
    b'"uid"',
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xe9",
    b"\x00",
    b" ",
    b"\n",
    b"null",
    b"<html>",
    "Ünï😀".encode(),
    b"0",
    b"-",
    b"'",
    b"//",
    PAGE.encode(),
]
bodies = st.one_of(
    st.binary(max_size=60),
    st.lists(st.sampled_from(FRAGMENTS), max_size=12).map(b"".join),
    st.builds(
        lambda value, at, junk, gone: (
            json.dumps(value).encode()[:at] + junk + json.dumps(value).encode()[at + gone :]
        ),
        regular_pages,
        st.integers(0, 60),
        st.sampled_from(FRAGMENTS),
        st.integers(0, 3),
    ),
)


@given(bodies, st.none() | st.integers(0, 60))
@example(b"\x00\x00\xfe\xff", None)
@example(b"\x00{", None)
def test_any_bytes_end_in_a_value_or_in_defects(body: bytes, sent_bytes: int | None) -> None:
    decoded = decode(body, sent_bytes)
    if decoded.value is ABSENT:
        assert decoded.defects
        assert decoded.defects[-1].rule in ("JSON001", "JSON002", "JSON008")
    else:
        json.dumps(decoded.value, ensure_ascii=False, allow_nan=False).encode("utf-8")
    assert len({defect.rule for defect in decoded.defects}) == len(decoded.defects)


@pytest.mark.parametrize(
    ("status", "body", "unusual"),
    [
        (204, b"", False),
        (204, b"rubbish", False),
        (200, b"", False),
        (200, b" \n", False),
        (200, b"{}", True),
        (200, b" [] ", True),
        (200, b"null", True),
    ],
)
def test_an_empty_answer_is_the_end(status: int, body: bytes, unusual: bool) -> None:
    exchange = Exchange(purpose=Purpose.PAGE, method="GET", url="u", status=status, body=body)
    page = read_page(exchange, 7, ENDPOINT)
    assert (page.number, page.kind, page.unusual_empty) == (7, PageKind.EMPTY, unusual)
    assert page.exchange is exchange
    assert (page.next.kind, page.next.token) == (NextKind.EMPTY, None)
    assert (page.document is ABSENT) is not unusual


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        ({"Content-Length": "33"}, True),
        ({"content-length": "33"}, True),
        ({"Content-Length": "34"}, False),
        ({"Content-Length": "33", "Content-Encoding": "gzip"}, False),
        ({"Content-Length": "\u00b3\u00b3"}, False),
        ({"Content-Length": "soon"}, False),
        ({"Content-Length": ""}, False),
        ({}, False),
    ],
)
def test_a_cut_at_the_content_length_is_told_of_a_page(headers: dict[str, str], told: bool) -> None:
    body = '{"list": [{"uid": "u", "msg": "é'.encode()
    exchange = Exchange(
        purpose=Purpose.PAGE,
        method="GET",
        url="u",
        status=200,
        body=body,
        headers=tuple(headers.items()),
    )
    [defect] = read_page(exchange, 1, ENDPOINT).defects
    assert ("Content-Length" in defect.note) is told


@given(bodies)
def test_any_bytes_end_in_a_page(body: bytes) -> None:
    length = (("Content-Length", str(len(body))),)
    exchange = Exchange(
        purpose=Purpose.PAGE, method="GET", url="http://x/", status=200, headers=length, body=body
    )
    page = read_page(exchange, 1, ENDPOINT)
    if page.kind is PageKind.UNREADABLE:
        assert page.defects
    assert len(page.uids) == len(page.msgs) == len(page.row_hashes) == len(page.rows)


@given(regular_pages, st.data())
def test_utf8_with_a_byte_missing_is_never_taken_for_right(page: Any, data: st.DataObject) -> None:
    body = json.dumps(page, ensure_ascii=False).encode()
    inner = [at for at, byte in enumerate(body) if 0x80 <= byte < 0xC0]
    assume(inner)
    at = data.draw(st.sampled_from(inner))
    assert "JSON002" in rules_of(body[:at] + body[at + 1 :])
    assert rules_of(body[:at]) & {"JSON001", "JSON002"}


# ---------------------------------------------------------------- very many small values

sixty_four_bits = st.integers(-(2**63) + 1, 2**63 - 1)  # more, the streaming parser refuses
dense_scalars = st.one_of(st.none(), st.booleans(), sixty_four_bits, st.floats(-1e9, 1e9), strings)
dense_values = st.recursive(
    dense_scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=8,
)
dense_pages = st.one_of(
    st.fixed_dictionaries({}, optional={"list": st.lists(dense_values), "next": dense_values}),
    st.fixed_dictionaries({"a": dense_values, "list": dense_values, "next": dense_values}),
    dense_values,
)


def shallow(value: object) -> object:
    return type(value)() if isinstance(value, dict | list) else value


def abridged(document: object) -> object:
    """What of a dense body is kept, in plain words: the page, its first rows, uid and msg."""
    if not isinstance(document, dict):
        return shallow(document)
    kept = {name: shallow(document[name]) for name in document if name in ("list", "next")}
    if isinstance(document.get("list"), list):
        kept["list"] = [
            {name: shallow(row[name]) for name in row if name in ("uid", "msg")}
            if isinstance(row, dict)
            else shallow(row)
            for row in document["list"][:1000]
        ]
    return kept


def depth_of(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth_of, value.values()), default=0)
    return 1 + max(map(depth_of, value), default=0) if isinstance(value, list) else 0


@given(dense_pages, st.booleans())
@example({"next": 1.5, "list": [{"uid": 1e3, "msg": 10**18}, 2.5, None]}, False)
@example({"next": {"list": [1, 2]}, "list": [[{"uid": 1}], {"uid": {"msg": 1}}, {}]}, False)
@example({"list": [{"a": {"uid": 1}, "uid": 1}, {"uid": 2}], "a": {"list": [1]}}, False)
@example([{"list": [{"uid": 1}]}], False)
@example({"list": {"list": [1, 2], "a": [1]}}, False)
@example({"a": [1, 2], "list": "text"}, False)
@example({"list": [[1], *[{"uid": "u"}] * 1100, [[[1]]], "x", {"msg": [[]]}], "next": "t"}, False)
@example({"list": [*[1] * 1000, {"uid": [[1]]}, 5, []], "next": {"a": 1}, "a": 1}, False)
def test_a_streamed_body_is_the_page_abridged(document: Any, ensure_ascii: bool) -> None:
    dense = read_dense(json.dumps(document, ensure_ascii=ensure_ascii).encode(), 64)
    assert dense is not None
    listed = document.get("list") if isinstance(document, dict) else None
    assert dense.row_count == (len(listed) if isinstance(listed, list) else 0)
    assert canonical(dense.value) == canonical(abridged(document))
    assert dense.depth == depth_of(document)


@given(bodies)
def test_no_bytes_break_the_streaming(body: bytes) -> None:
    read_dense(body, 64)


@pytest.mark.parametrize(
    ("row", "kept"),
    [
        ({}, {}),
        ([], []),
        ({"uid": "u", "msg": "m", "more": {"uid": 1}}, {"uid": "u", "msg": "m"}),
        ({"uid": {"a": 1}, "msg": ["m"]}, {"uid": {}, "msg": []}),
    ],
)
def test_a_dense_body_is_counted_whole_and_kept_in_part(row: object, kept: object) -> None:
    body = json.dumps({"list": [row] * (DENSE_CONTAINERS + 1), "next": "t"}).encode()
    assert is_dense(body)
    decoded = decode(body)
    assert decoded.row_count == DENSE_CONTAINERS + 1
    assert decoded.value == {"list": [kept] * 1000, "next": "t"}
    assert decoded.defects == ()
    exchange = Exchange(purpose=Purpose.PAGE, method="GET", url="u", status=200, body=body)
    page = read_page(exchange, 1, ENDPOINT)
    assert page.row_count == DENSE_CONTAINERS + 1
    assert "PAGE004" in page.violations
    assert page.next.token == "t"


@pytest.mark.parametrize(
    ("body", "dense"),
    [
        (b"[" + b"{}," * DENSE_CONTAINERS + b"1]", True),
        (b" " * 9 + b"{}" * DENSE_CONTAINERS, False),
        (b"[" * DENSE_CONTAINERS + b"]" * DENSE_CONTAINERS, False),
        (b"[" * (DENSE_CONTAINERS + 1) + b"]" * (DENSE_CONTAINERS + 1), True),
        (b"1" + b",1" * DENSE_VALUES, False),
        (b"1" + b",1" * (DENSE_VALUES + 1), True),
        (b"{" * (2 * DENSE_CONTAINERS - 1), False),
        (b"{" * (2 * DENSE_CONTAINERS), True),
        (b'"' + b"a" * 10**6 + b'"', False),
    ],
)
def test_what_is_dense(body: bytes, dense: bool) -> None:
    assert is_dense(body) is dense


@pytest.mark.parametrize("rows_before", [0, 1, 999, 1000, 1001, 1500])
@pytest.mark.parametrize(("levels", "read"), [(61, True), (62, True), (63, False), (70, False)])
def test_a_streamed_body_is_read_to_the_limit_of_depth(
    rows_before: int, levels: int, read: bool
) -> None:
    row = json.loads(nested(levels))
    body = json.dumps({"list": [*[{"uid": "u"}] * rows_before, row, 1], "next": "t"}).encode()
    dense = read_dense(body, 64)
    assert dense is not None
    if read:
        assert (dense.row_count, dense.depth) == (rows_before + 2, levels + 2)
        assert dense.value["next"] == "t"
    else:
        assert (dense.value, dense.row_count, dense.depth) == (None, rows_before + 1, 65)


def test_a_dense_body_at_the_limit_of_depth_is_read() -> None:
    rows_of_page = [json.loads(nested(62))] * 2000
    decoded = decode(json.dumps({"list": rows_of_page, "next": ""}).encode())
    assert decoded.row_count == 2000
    assert decoded.defects == ()


def test_a_dense_body_that_is_too_deep_is_not_read_on() -> None:
    body = b"[" * (3 * DENSE_CONTAINERS)
    decoded = decode(body)
    assert decoded.value is ABSENT
    assert decoded.defects == (ParseDefect(rule="JSON008", note="65 levels; the limit is 64"),)


def test_a_dense_body_that_is_no_json_is_told() -> None:
    body = b'{"list":[' + b"{}," * (DENSE_CONTAINERS + 1) + b"oops"
    decoded = decode(body)
    assert decoded.value is ABSENT
    assert decoded.defects == (ParseDefect(rule="JSON001", note="the body is not JSON"),)


@pytest.mark.parametrize(
    ("encoding", "rules", "msg"),
    [
        ("latin-1", ["JSON002"], "café"),
        ("utf-16", ["JSON002"], "café"),
        ("utf-8-sig", ["JSON003"], "café"),
        ("utf-8", [], "café"),
    ],
)
def test_a_dense_body_in_another_encoding_is_read(
    encoding: str, rules: list[str], msg: str
) -> None:
    rows_of_page = [{"uid": "u", "msg": msg}] * (DENSE_CONTAINERS + 1)
    body = json.dumps({"list": rows_of_page, "next": "t"}, ensure_ascii=False).encode(encoding)
    decoded = decode(body)
    assert [defect.rule for defect in decoded.defects] == rules
    assert decoded.row_count == DENSE_CONTAINERS + 1
    assert decoded.value["list"][0] == {"uid": "u", "msg": msg}


def test_a_dense_body_that_is_cut_inside_a_character_is_cut() -> None:
    row = '{"uid":"u","msg":"é"},'
    body = b'{"list":[' + (row * (DENSE_CONTAINERS + 1)).encode() + b'{"uid":"\xc3'
    assert [defect.rule for defect in decode(body).defects] == ["JSON001"]
