"""Percentiles, and whether pages get slower with depth: growth and nothing but growth."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.core.model import Exchange, Purpose
from checker.core.page_times import PAGES_TO_SEE_GROWTH, PageTimes, percentile
from checker.core.report import PageSeconds

pytestmark = pytest.mark.pure


def exchange(seconds: float, page: int = 1) -> Exchange:
    return Exchange(purpose=Purpose.PAGE, method="GET", url="u", page=page, seconds=seconds)


def times(seconds: list[float]) -> PageTimes:
    found = PageTimes()
    for number, value in enumerate(seconds, 1):
        found.add(exchange(value, number))
    return found


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        ([], 95, 0.0),
        ([7.0], 0, 7.0),
        ([7.0], 50, 7.0),
        ([7.0], 100, 7.0),
        ([4.0, 3.0, 2.0, 1.0], 50, 2.0),
        ([4.0, 3.0, 2.0, 1.0], 51, 3.0),
        ([4.0, 3.0, 2.0, 1.0], 100, 4.0),
        ([4.0, 3.0, 2.0, 1.0], 0, 1.0),
        (list(map(float, range(1, 101))), 95, 95.0),
        (list(map(float, range(1, 101))), 99, 99.0),
        (list(map(float, range(1, 21))), 95, 19.0),
        (list(map(float, range(1, 20))), 95, 19.0),
    ],
)
def test_a_percentile_is_of_the_nearest_rank(
    values: list[float], percent: float, expected: float
) -> None:
    assert percentile(values, percent) == expected


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0, 100))
def test_a_percentile_bounds_its_share(values: list[float], percent: float) -> None:
    found = percentile(values, percent)
    assert found in values
    assert sum(value <= found for value in values) >= percent / 100 * len(values) - 1e-9
    assert sum(value < found for value in values) < max(percent / 100 * len(values), 1e-9) + 1e-9


@given(st.lists(st.floats(0, 1e6), min_size=1))
def test_a_summary_is_in_order(values: list[float]) -> None:
    summary = times(values).summary()
    assert summary.p50 <= summary.p95 <= summary.p99 <= summary.max == max(values)


def test_of_no_pages_there_are_no_times() -> None:
    none = PageTimes()
    assert none.summary() == PageSeconds(p50=0.0, p95=0.0, p99=0.0, max=0.0)
    assert (len(none), none.first(3), none.slowest, none.growth()) == (0, [], None, None)


def test_the_first_and_the_slowest() -> None:
    found = times([0.2, 0.9, 0.1, 0.9])
    assert len(found) == 4
    assert found.first(2) == [0.2, 0.9]
    assert found.first(9) == [0.2, 0.9, 0.1, 0.9]
    assert found.percentile(50) == 0.2
    assert found.slowest is not None
    assert found.slowest.page == 2


def noisy(values: list[float], share: float) -> list[float]:
    chance = random.Random(1)
    return [value * (1 + share * chance.uniform(-1, 1)) for value in values]


@pytest.mark.parametrize(
    "seconds",
    [
        [0.01 + 0.005 * page for page in range(20)],
        [0.01 + 0.001 * page for page in range(400)],
        noisy([0.01 + 0.002 * page for page in range(100)], 0.3),
        [0.01 * 1.1**page for page in range(40)],
        [*([0.01] * 30), *[0.01 + 0.01 * page for page in range(60)]],
        [0.0] * 10 + [0.02 + 0.001 * page for page in range(20)],
        [5.0, *[0.01 + 0.005 * page for page in range(40)]],
    ],
)
def test_growth_is_seen(seconds: list[float]) -> None:
    growth = times(seconds).growth()
    assert growth is not None
    early, late = growth
    assert late >= 2 * early
    assert late - early >= 0.02


@pytest.mark.parametrize(
    "seconds",
    [
        [0.01 + 0.005 * page for page in range(19)],
        [0.5] * 100,
        noisy([0.05] * 200, 0.9),
        [0.001 + 0.0001 * page for page in range(100)],
        [0.5 + 0.001 * page for page in range(100)],
        [0.01 * (40 - page) for page in range(40)],
        [0.01] * 70 + [0.5] * 30 + [0.01] * 5,
        [0.01] * 65 + [0.5] * 35,
        [0.01, 0.5] * 50,
        [0.01] * 99 + [30.0],
        [5.0, *[0.01] * 50],
        [0.0] * 50,
    ],
)
def test_what_is_no_growth_is_not_seen_as_such(seconds: list[float]) -> None:
    assert times(seconds).growth() is None


def test_growth_needs_enough_pages() -> None:
    steep = [0.05 * (page + 1) for page in range(PAGES_TO_SEE_GROWTH)]
    assert times(steep).growth() is not None
    assert times(steep[:-1]).growth() is None


def test_growth_is_told_by_the_medians_of_the_thirds() -> None:
    seconds = [0.01 * (page + 1) for page in range(30)]
    assert times(seconds).growth() == pytest.approx((0.055, 0.255))


@given(st.lists(st.floats(0, 100), max_size=120))
def test_growth_is_never_claimed_of_the_same_pages_backwards(seconds: list[float]) -> None:
    forwards, backwards = times(seconds).growth(), times(seconds[::-1]).growth()
    assert forwards is None or backwards is None
    for growth in (forwards, backwards):
        assert growth is None or (growth[1] > growth[0] and math.isfinite(growth[1]))
