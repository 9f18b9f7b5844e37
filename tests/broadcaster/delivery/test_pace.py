"""The pace: never faster than the limit, gentle at the start, giving way when asked."""

import asyncio
import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from simulated_channel import SimulatedChannel

from broadcaster.delivery.pace import ProcessPace

pytestmark = pytest.mark.pure


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 100.0
        self.until = math.inf

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        assert self.now < self.until, "the turn does not come"
        await asyncio.sleep(0)


def paced(limit: float | None) -> tuple[ProcessPace, Time]:
    time = Time()
    return ProcessPace(limit, clock=time, sleep=time.sleep), time


def run_for(pace: ProcessPace, time: Time, seconds: float, *, at_most: int = 50) -> list[float]:
    """Call for so long, all going well; the moments of the calls."""

    async def run() -> list[float]:
        moments: list[float] = []
        end = time.now + seconds
        while True:
            granted = await pace.acquire(at_most)
            if time.now >= end:
                return moments
            moments += [time.now] * granted
            pace.record_answer()

    return asyncio.run(run())


def test_another_limit_holds_from_now_on() -> None:
    pace, time = paced(0.01)
    run_for(pace, time, 1.0)
    pace.set_limit(500.0)
    run_for(pace, time, 12.0)
    assert len(run_for(pace, time, 1.0)) == pytest.approx(500, abs=10)
    pace.set_limit(20.0)
    assert len(run_for(pace, time, 10.0)) <= 202
    pace.set_limit(None)
    assert pace.rate > 1e5


def test_a_wait_for_a_slow_limit_ends_when_the_limit_is_raised() -> None:
    """The next call of one an hour is not waited for."""
    pace, time = paced(1 / 3600)

    async def run() -> float:
        await pace.acquire(1)
        turn = asyncio.ensure_future(pace.acquire(1))
        await asyncio.sleep(0)
        pace.set_limit(100.0)
        await turn
        return time.now

    assert asyncio.run(run()) < 102.0


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


def test_without_a_limit_half_of_what_was_really_sent_is_kept() -> None:
    pace, time = paced(None)
    sent = len(run_for(pace, time, 3.0, at_most=1)) / 3.0
    pace.slow_down(None)
    assert pace.rate <= sent * 0.75


@given(
    limit=st.floats(0.2, 40.0),
    lates=st.lists(st.floats(0.0, 3.0), min_size=1, max_size=80),
    complaints=st.sets(st.integers(0, 79), max_size=3),
)
def test_the_next_turn_always_comes(limit: float, lates: list[float], complaints: set[int]) -> None:
    """However late the process wakes; at the slowest rate there is a call in five seconds."""
    pace, time = paced(limit)

    async def run() -> None:
        for turn, late in enumerate(lates):
            time.until = time.now + 6.0
            assert await pace.acquire(1) == 1
            time.now += late
            pace.slow_down(None) if turn in complaints else pace.record_answer()

    asyncio.run(run())


def test_what_asks_for_fewer_calls_halves_the_rate_once_a_moment() -> None:
    pace, time = paced(1000.0)
    run_for(pace, time, 15.0)
    for _ in range(50):
        pace.slow_down(None)
    assert pace.rate == 500.0


def send_to(pace: ProcessPace, time: Time, channel: SimulatedChannel, seconds: float) -> float:
    """Call for so long; gives the accepted calls a second."""
    before = channel.accepted

    async def run() -> None:
        end = time.now + seconds
        while time.now < end:
            for _ in range(await pace.acquire(50)):
                if channel.takes(time.now):
                    pace.record_answer()
                else:
                    pace.record_lost()

    asyncio.run(run())
    return (channel.accepted - before) / seconds


@pytest.mark.parametrize("share", [0.01, 0.05, 0.13, 0.15, 0.3])
@pytest.mark.parametrize("limit", [12.0, 400.0, 2000.0])
def test_lost_answers_alone_do_not_lower_the_rate(limit: float, share: float) -> None:
    kept = []
    for seed in range(4):
        pace, time = paced(limit)
        channel = SimulatedChannel(share=share, dice=random.Random(seed))
        send_to(pace, time, channel, 20.0)
        kept.append(send_to(pace, time, channel, 40.0) / (limit * (1 - share)))
    assert min(kept) >= 0.6
    assert sum(kept) / len(kept) >= 0.9


@pytest.mark.parametrize(("capacity", "answered"), [(50.0, 0.5), (200.0, 0.7), (350.0, 0.7)])
def test_losses_that_grow_with_the_load_lower_the_rate(capacity: float, answered: float) -> None:
    """A server that drops what is above its capacity, below an asked rate of 400 a second."""
    pace, time = paced(400.0)
    channel = SimulatedChannel(capacity=capacity)
    send_to(pace, time, channel, 30.0)
    channel.calls = channel.accepted = 0
    accepted = send_to(pace, time, channel, 60.0)
    assert accepted >= 0.6 * capacity
    assert channel.accepted / channel.calls >= answered


def test_a_channel_that_is_down_is_left_alone_and_comes_back_within_seconds() -> None:
    pace, time = paced(400.0)
    send_to(pace, time, SimulatedChannel(), 15.0)
    down = SimulatedChannel(share=1.0)
    send_to(pace, time, down, 20.0)
    assert pace.rate == 1.0
    assert down.calls < 800
    send_to(pace, time, SimulatedChannel(), 8.0)
    assert pace.rate == 400.0


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
    asyncio.run(pace.acquire(1))
    assert time.now >= asked_at + 30.0


def test_it_never_stands_still_for_good() -> None:
    pace, time = paced(10.0)
    for _ in range(100):
        time.now += 1.0
        pace.slow_down(None)
    begun_at = time.now
    asyncio.run(pace.acquire(1))
    assert time.now - begun_at <= 10.0


@given(st.integers(1, 4), st.integers(1, 4))
def test_what_is_given_back_can_be_taken(asked: int, back: int) -> None:
    pace, time = paced(200.0)
    run_for(pace, time, 0.1)
    time.now += 1.0
    granted = asyncio.run(pace.acquire(asked))
    returned = min(granted, back)
    pace.give_back(returned)
    before = time.now
    assert asyncio.run(pace.acquire(1)) == 1
    assert time.now == before


def most_in_a_second(moments: list[float]) -> int:
    """In any window of a second, whenever it begins."""
    most = begin = 0
    for end, moment in enumerate(moments):
        while moments[begin] <= moment - 1.0:
            begin += 1
        most = max(most, end + 1 - begin)
    return most


def test_what_a_stall_cost_is_made_up_for() -> None:
    pace, time = paced(2000.0)
    run_for(pace, time, 15.0)
    begun, moments = time.now, list[float]()
    for _ in range(10):
        time.now += 0.2  # as when the disk keeps everything waiting
        moments += run_for(pace, time, 1.8, at_most=256)
    rate = len(moments) / (time.now - begun)
    assert 1990 <= rate <= 2000 + 100 / (time.now - begun)
    assert most_in_a_second(moments) <= 2100


def test_a_long_pause_is_not_made_up_for() -> None:
    pace, time = paced(2000.0)
    run_for(pace, time, 15.0)
    time.now += 60.0
    moments = run_for(pace, time, 3.0, at_most=256)
    assert most_in_a_second(moments) <= 2100
    assert len(moments) <= 3 * 2000 + 100 + 500


@given(
    st.sampled_from([0.5, 3.0, 40.0, 400.0]),
    st.lists(
        st.tuples(st.floats(0.0, 3.0), st.integers(1, 60), st.integers(0, 60), st.booleans()),
        min_size=1,
        max_size=60,
    ),
)
def test_in_no_second_there_are_more_than_the_limit_and_its_burst(
    limit: float, steps: list[tuple[float, int, int, bool]]
) -> None:
    pace, time = paced(limit)

    async def run() -> list[float]:
        moments: list[float] = []
        for pause, asked, back, well in steps:
            time.now += pause / 10 if well else pause
            granted = await pace.acquire(asked)
            returned = min(back, granted) if not well else 0
            pace.give_back(returned)
            moments += [time.now] * (granted - returned)
            pace.record_answer()
        return moments

    run_for(pace, time, 12.0)  # its gentle start
    time.now += 2.0
    assert most_in_a_second(asyncio.run(run())) <= limit + max(1.0, limit * 0.05)
