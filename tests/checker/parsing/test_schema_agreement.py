"""Three judges of a page agree: our validator, `jsonschema`, and the contract in plain words."""

from typing import Any

import jsonschema
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from checker.parsing.columns import columns_of
from checker.parsing.json_body import NO_NUMBER
from checker.parsing.page import page_violations
from schemas import ROW_LIMIT, read

pytestmark = pytest.mark.pure

BLANKS = "".join(char for char in map(chr, range(0x110000)) if char.isspace())
ZERO_WIDTH = "\u200b\ufeff\u2060\u180e"  # seen by no one, and yet no white space

Found = set[tuple[str, str]]

texts = st.one_of(
    st.text(max_size=8),
    st.text(BLANKS, max_size=3),
    st.text(BLANKS + ZERO_WIDTH + "a", max_size=3),
    st.sampled_from(["", " ", "\u3000", "\x85", "\x1c", "U" + 32 * "0", "😀", "null"]),
)
numbers = st.one_of(
    st.integers(),
    st.integers(-(10**40), 10**40),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0, -1, 1, 0.0, -0.0, 1.0, -3.0, 1.5, 0.5, 1e15, 1e16, 1e300, 2**63, 2**64]),
)
scalars = st.one_of(st.none(), st.booleans(), numbers, texts)
junk = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["uid", "msg", "list", "next", "a/b", "~", ""]), inner)
    ),
    max_leaves=6,
)
right_rows = st.fixed_dictionaries({"uid": st.text("Uab01", min_size=1), "msg": st.just("Hello")})
rows = st.one_of(
    right_rows,
    st.fixed_dictionaries({}, optional={"uid": texts, "msg": texts, "name": junk}),
    st.fixed_dictionaries({}, optional={"uid": scalars, "msg": scalars}),
    junk,
)
lists = st.one_of(
    st.lists(right_rows, max_size=4),
    st.lists(rows, max_size=5),
    st.builds(
        lambda row, count: [row] * count,
        rows,
        st.integers(ROW_LIMIT - 1, ROW_LIMIT + 2),
    ),
)
pages = st.one_of(
    st.fixed_dictionaries({"list": lists, "next": texts}),
    st.fixed_dictionaries({"list": lists, "next": scalars}),
    st.fixed_dictionaries({}, optional={"list": lists | junk, "next": junk, "total": junk}),
    junk,
)


def is_blank(text: str) -> bool:
    return all(char in BLANKS for char in text)


def is_integer(value: object) -> bool:
    if isinstance(value, bool):
        return False
    return isinstance(value, int) or (isinstance(value, float) and value == value // 1)


def broken_member(row: dict[str, Any], name: str, rules: tuple[str, str, str], at: str) -> Found:
    missing, not_string, blank = rules
    if name not in row:
        return {(missing, at)}
    if not isinstance(row[name], str):
        return {(not_string, f"{at}/{name}")}
    return {(blank, f"{at}/{name}")} if is_blank(row[name]) else set()


def broken_row(row: object, at: str) -> Found:
    if not isinstance(row, dict):
        return {("ROW001", at)}
    uid = broken_member(row, "uid", ("ROW002", "ROW003", "ROW004"), at)
    return uid | broken_member(row, "msg", ("ROW005", "ROW006", "ROW007"), at)


def broken_next(value: object) -> Found:
    if is_integer(value) or value is False or value in ([], {}):
        return {("NEXT002", "/next")}
    invalid = (
        value is True
        or isinstance(value, float | list | dict)
        or (isinstance(value, str) and value != "" and is_blank(value))
    )
    return {("NEXT001", "/next")} if invalid else set()


def broken_page(document: object) -> Found:
    """The contract's section 6, as far as a single page goes, in plain words."""
    if not isinstance(document, dict):
        return {("PAGE001", "")}
    found = broken_next(document["next"]) if "next" in document else {("PAGE005", "")}
    if "list" not in document:
        return found | {("PAGE002", "")}
    rows_of_page = document["list"]
    if not isinstance(rows_of_page, list):
        return found | {("PAGE003", "/list")}
    if len(rows_of_page) >= 500:
        found |= {("PAGE004", "/list")}
    for index, row in enumerate(rows_of_page):
        found |= broken_row(row, f"/list/{index}")
    return found


def by_our_validator(document: object) -> Found:
    columns = columns_of(document.get("list")) if isinstance(document, dict) else None
    violations_by_rule = page_violations(document, columns)
    assert violations_by_rule == page_violations(document), "laid out or not"
    found = [
        (violation.rule, violation.pointer)
        for violations in violations_by_rule.values()
        for violation in violations
    ]
    assert len(found) == len(set(found)), "each place once"
    return set(found)


def by_jsonschema(document: object) -> Found:
    validator = jsonschema.Draft202012Validator(read("page"))
    return {
        (error.schema["x-rule"], "".join(f"/{step}" for step in error.absolute_path))
        for error in validator.iter_errors(document)
    }


@given(pages)
@example({"list": [], "next": 1.0})
@example({"list": [], "next": 0.0})
@example({"list": [], "next": 0})
@example({"list": [], "next": 1})
@example({"list": [], "next": 10**400})
@example({"list": [{"uid": 10**400, "msg": True}], "next": [0]})
@example({"list": [{"uid": "a\n", "msg": "\n"}], "next": "\n"})
def test_the_three_judges_agree(document: Any) -> None:
    expected = broken_page(document)
    assert by_our_validator(document) == expected
    assert by_jsonschema(document) == expected


@pytest.mark.parametrize("blank", list(BLANKS))
def test_every_kind_of_white_space_is_blank(blank: str) -> None:
    document = {"list": [{"uid": blank, "msg": blank + blank}], "next": blank}
    expected = {("ROW004", "/list/0/uid"), ("ROW007", "/list/0/msg"), ("NEXT001", "/next")}
    assert by_our_validator(document) == by_jsonschema(document) == expected


@pytest.mark.parametrize("char", list(ZERO_WIDTH))
def test_what_is_merely_unseen_is_not_blank(char: str) -> None:
    document = {"list": [{"uid": char, "msg": char}], "next": char}
    assert by_our_validator(document) == by_jsonschema(document) == set()


@pytest.mark.parametrize(
    ("rows_sent", "found"),
    [(0, set()), (498, set()), (499, set()), (500, {("PAGE004", "/list")})],
)
def test_fewer_than_500_rows(rows_sent: int, found: Found) -> None:
    document = {"list": [{"uid": "u", "msg": "m"}] * rows_sent, "next": ""}
    assert by_our_validator(document) == by_jsonschema(document) == found


@pytest.mark.parametrize("rows_sent", [800, 801, 1200, 1203])
def test_a_list_that_is_far_too_long_is_judged_to_its_end(rows_sent: int) -> None:
    rows_of_page: list[Any] = [{"uid": "u", "msg": "m"}] * rows_sent
    for index in (0, 399, 400, 401, 799, rows_sent - 1):
        rows_of_page[index] = {"uid": index, "msg": " "}
    rows_of_page[500] = None
    for document in ({"list": rows_of_page, "next": True}, {"list": rows_of_page}):
        expected = broken_page(document)
        assert by_our_validator(document) == expected
        assert by_jsonschema(document) == expected
    assert [violation.value for violation in page_violations(document)["ROW003"]] == sorted(
        {0, 399, 400, 401, 799, rows_sent - 1}
    )


def test_a_violation_holds_the_value_that_broke_the_rule() -> None:
    page = {"list": [{"uid": 5, "msg": "m"}, "row"], "next": True}
    found = page_violations(page)
    assert found["ROW003"][0].value == 5
    assert found["ROW001"][0].value == "row"
    assert found["NEXT001"][0].value is True


def test_what_stands_for_no_number_is_left_to_json006() -> None:
    row = {"uid": NO_NUMBER, "msg": NO_NUMBER}
    assert page_violations({"list": [row, NO_NUMBER], "next": NO_NUMBER}) == {}
    assert page_violations({"list": NO_NUMBER, "next": ""}) == {}


def test_a_true_half_is_a_number_all_the_same() -> None:
    half = float("0.25") * 2
    assert set(page_violations({"list": [{"uid": half, "msg": half}], "next": half})) == {
        "ROW003",
        "ROW006",
        "NEXT001",
    }
