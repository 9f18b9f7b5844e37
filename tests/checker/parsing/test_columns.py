"""The columns of a page's rows, and what is told of them in the same pass."""

from typing import Any

import pytest

from checker.parsing.columns import columns_of

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("rows", "bare", "filled", "trimmed"),
    [
        ([], True, True, True),
        ([{"uid": "u", "msg": "m"}], True, True, True),
        ([{"uid": "u", "msg": " m "}], True, True, True),
        ([{"uid": "u", "msg": "m", "name": "n"}], False, True, True),
        ([{"uid": "u", "msg": "m"}, {"uid": "u", "msg": "m", "name": "n"}], False, True, True),
        ([{"uid": " u", "msg": "m"}], True, True, False),
        ([{"uid": "", "msg": "m"}], True, False, True),
        ([{"uid": " ", "msg": "m"}], True, False, False),
        ([{"uid": "u", "msg": ""}], True, False, True),
        ([{"uid": "u", "msg": "m"}, {"uid": "v", "msg": "\u3000"}], True, False, True),
    ],
)
def test_rows_of_strings_are_columns(
    rows: list[dict[str, str]], bare: bool, filled: bool, trimmed: bool
) -> None:
    columns = columns_of(rows)
    assert columns is not None
    assert columns.uids == [row["uid"] for row in rows]
    assert columns.msgs == [row["msg"] for row in rows]
    assert (columns.bare, columns.filled, columns.trimmed) == (bare, filled, trimmed)


@pytest.mark.parametrize(
    "rows",
    [
        None,
        {},
        "uid",
        [1],
        [None],
        ["uid"],
        [[]],
        [{}],
        [{"uid": "u"}],
        [{"msg": "m"}],
        [{"uid": 1, "msg": "m"}],
        [{"uid": "u", "msg": None}],
        [{"uid": "u", "msg": "m"}, {"uid": "u"}],
    ],
)
def test_other_rows_are_not(rows: Any) -> None:
    assert columns_of(rows) is None
