"""What stands twice, told exactly as a plain comparison of all rows would."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import checker.rules.row_memory as module
from checker.core.model import Exchange, Page, PageKind, Purpose
from checker.rules.row_memory import Repeat, RowMemory

pytestmark = pytest.mark.pure

Row = tuple[str | None, str | None]


def page_of(number: int, rows: list[Row]) -> Page:
    exchange = Exchange(purpose=Purpose.PAGE, method="GET", url="u", page=number)
    page = Page(number=number, exchange=exchange, kind=PageKind.ROWS)
    page.rows = [{} for _ in rows]
    page.row_count = len(rows)
    page.uids = [uid for uid, _ in rows]
    page.msgs = [msg for _, msg in rows]
    page.row_hashes = [hash(row) for row in rows]
    return page


def remembered(pages: list[list[Row] | None]) -> RowMemory:
    memory = RowMemory()
    for number, rows in enumerate(pages, 1):
        if rows is None:
            memory.skip_page()
        else:
            memory.add(page_of(number, rows))
    return memory


def plainly(pages: list[list[Row] | None]) -> tuple[list[Repeat], list[Repeat]]:
    """Overlaps and other messages, by comparing each row with all before it."""
    before: list[tuple[int, int, str, str]] = []
    overlaps, others = [], []
    for number, rows in enumerate(pages, 1):
        for index, (uid, msg) in enumerate(rows or []):
            if uid is None or msg is None:
                continue
            same = [row for row in before if row[2:] == (uid, msg)]
            person = [row for row in before if row[2] == uid]
            if same:
                page, row, *_ = same[0]
                if page != number:
                    overlaps.append(Repeat(number, index, page, row, same_message=True))
            elif person:
                page, row, *_ = person[0]
                others.append(Repeat(number, index, page, row, same_message=False))
            before.append((number, index, uid, msg))
    return overlaps, others


texts = st.none() | st.sampled_from("abc")
pages_of_rows = st.lists(st.none() | st.lists(st.tuples(texts, texts), max_size=6), max_size=6)


@given(pages_of_rows)
def test_repeats_are_found_as_by_plain_comparison(pages: list[list[Row] | None]) -> None:
    tally = remembered(pages).tally()
    overlaps, others = plainly(pages)
    assert (tally.overlaps, tally.other_messages) == (len(overlaps), len(others))
    assert tally.first_overlaps == overlaps[:5]
    assert tally.first_other_messages == others[:5]


@given(pages_of_rows)
def test_repeats_are_the_same_over_many_buckets(pages: list[list[Row] | None]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_ROWS_A_BUCKET", 3)
        patch.setattr(module, "_FEW_ROWS", 0)
        tally = remembered(pages).tally()
    overlaps, others = plainly(pages)
    assert (tally.overlaps, tally.other_messages) == (len(overlaps), len(others))
    assert tally.first_overlaps == sorted(overlaps)[:5]
    assert tally.first_other_messages == sorted(others)[:5]


def test_the_tally_is_made_anew_when_rows_are_added() -> None:
    memory = remembered([[("a", "1")]])
    first = memory.tally()
    assert memory.tally() is first
    memory.add(page_of(2, [("a", "1")]))
    assert memory.tally().overlaps == 1


def test_pages_without_rows_are_counted() -> None:
    memory = remembered([None, [("a", "1")], None, [], [("b", "1"), ("a", "1")]])
    assert memory.tally().first_overlaps == [Repeat(5, 1, 2, 0, same_message=True)]


def test_beyond_the_ceiling_nothing_is_remembered(monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "ROWS_REMEMBERED", 2)
    memory = remembered([[("a", "1"), ("b", "1")]])
    assert not memory.overflowed
    memory.add(page_of(2, [("a", "1")]))
    assert memory.overflowed
    assert memory.tally().overlaps == 0


def test_rows_without_both_are_like_no_other() -> None:
    memory = remembered([[(None, "1"), ("a", None), (None, None)]] * 3)
    tally = memory.tally()
    assert (tally.overlaps, tally.other_messages) == (0, 0)
