"""The pace: never faster than the limit, gentle at the start, giving way when asked."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.delivery.pace import Paced


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


def paced(limit: float | None) -> tuple[Paced, Time]:
    time = Time()
    return Paced(limit, clock=time, sleep=time.sleep), time


def run_for(pace: Paced, time: Time, seconds: float, *, at_most: int = 50) -> list[float]:
    """Call for so long, all going well; the moments of the calls."""

    async def run() -> list[float]:
        moments: list[float] = []
        end = time.now + seconds
        while True:
            granted = await pace.take(at_most)
            if time.now >= end:
                return moments
            moments += [time.now] * granted
            pace.went_well()

    return asyncio.run(run())


def test_it_starts_gently_and_comes_to_the_limit() -> None:
    pace, time = paced(2000.0)
    first = len(run_for(pace, time, 1.0))
    run_for(pace, time, 12.0)
    later = len(run_for(pace, time, 1.0))
    assert first < 600
    assert 1980 <= later <= 2020


@pytest.mark.parametrize("limit", [0.5, 7.0, 200.0, 2000.0])
def test_it_never_exceeds_the_limit(limit: float) -> None:
    pace, time = paced(limit)
    moments = run_for(pace, time, 30.0)
    for start in (0.0, 10.0, 20.0):
        window = [m for m in moments if start <= m - 100.0 < start + 10.0]
        assert len(window) <= limit * 10.0 * 1.005 + 2


def test_without_a_limit_it_does_not_hold_anybody_up() -> None:
    pace, time = paced(None)
    assert len(run_for(pace, time, 1.0)) > 10_000


def test_a_complaint_takes_from_what_was_really_sent() -> None:
    pace, time = paced(None)
    sent = len(run_for(pace, time, 3.0, at_most=1)) / 3.0
    pace.slow_down(None)
    assert pace.rate <= sent * 0.75


def test_complaints_that_come_together_are_one() -> None:
    pace, time = paced(1000.0)
    run_for(pace, time, 15.0)
    for _ in range(50):
        pace.slow_down(None)
    assert pace.rate >= 650.0


def test_a_channel_that_fails_now_and_then_keeps_a_fair_share() -> None:
    pace, time = paced(1000.0)
    for _ in range(120):
        run_for(pace, time, 0.5)
        pace.slow_down(None)
    assert len(run_for(pace, time, 1.0)) >= 100


def test_a_channel_that_is_down_is_soon_left_alone() -> None:
    pace, time = paced(1000.0)
    run_for(pace, time, 15.0)
    for _ in range(8):
        time.now += 0.6
        pace.slow_down(None)
    assert pace.rate < 1.0


def test_it_comes_back_after_a_complaint() -> None:
    pace, time = paced(1000.0)
    run_for(pace, time, 15.0)
    pace.slow_down(None)
    run_for(pace, time, 8.0)
    assert pace.rate == 1000.0


def test_it_waits_as_long_as_the_channel_asks() -> None:
    pace, time = paced(100.0)
    run_for(pace, time, 1.0)
    pace.slow_down(30.0)
    asked_at = time.now
    asyncio.run(pace.take(1))
    assert time.now >= asked_at + 30.0


def test_it_never_stands_still_for_good() -> None:
    pace, time = paced(10.0)
    for _ in range(100):
        time.now += 1.0
        pace.slow_down(None)
    begun_at = time.now
    asyncio.run(pace.take(1))
    assert time.now - begun_at <= 10.0


@given(st.integers(1, 4), st.integers(1, 4))
def test_what_is_given_back_can_be_taken(asked: int, back: int) -> None:
    pace, time = paced(200.0)
    run_for(pace, time, 0.1)
    time.now += 1.0
    granted = asyncio.run(pace.take(asked))
    returned = min(granted, back)
    pace.give_back(returned)
    before = time.now
    assert asyncio.run(pace.take(1)) == 1
    assert time.now == before
