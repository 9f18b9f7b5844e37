"""The crawl in points: never more than a report can draw, and nothing lost in their sums."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.core.report import TimelinePoint
from checker.engine.timeline import POINTS_KEPT, Timeline

pytestmark = pytest.mark.pure


def timeline(count: int) -> tuple[TimelinePoint, ...]:
    line = Timeline()
    for page in range(1, count + 1):
        line.add(page=page, rows=page % 7, seconds=page / 1000)
    return line.points()


def test_few_pages_are_a_point_each() -> None:
    assert timeline(2) == (
        TimelinePoint(first_page=1, pages=1, rows=1, max_seconds=0.001),
        TimelinePoint(first_page=2, pages=1, rows=2, max_seconds=0.002),
    )
    assert timeline(0) == ()
    assert len(timeline(POINTS_KEPT)) == POINTS_KEPT


@given(st.integers(1, 5_000))
def test_many_pages_are_summed(count: int) -> None:
    points = timeline(count)
    assert len(points) <= POINTS_KEPT
    assert sum(point.pages for point in points) == count
    assert sum(point.rows for point in points) == sum(page % 7 for page in range(1, count + 1))
    assert max(point.max_seconds for point in points) == count / 1000
    following = 1
    for point in points:
        assert point.first_page == following
        following += point.pages
