"""The laws of a pace that many workers share: nobody is given more than the channel takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.queue.reserving import Ask, PaceState, reserve

NOW = 1_000_000.0
LIMIT = 2000.0


def at_full_rate(limit: float = LIMIT) -> PaceState:
    """A channel whose pace has found its limit."""
    return PaceState(rate=limit, next_at=NOW, raised_at=NOW, counted_from=NOW, recent=limit)


@given(
    st.lists(st.tuples(st.floats(0.0, 0.2), st.integers(1, 500)), min_size=1, max_size=60),
    st.sampled_from([1.0, 37.0, 2000.0]),
)
def test_slots_never_overlap_and_keep_the_limit(
    asks: list[tuple[float, int]], limit: float
) -> None:
    state, now, granted = at_full_rate(limit), NOW, 0
    taken_until = NOW - 0.05
    for pause, wanted in asks:
        now += pause
        state, got = reserve(state, Ask(limit=limit, wanted=wanted, went_well=True), now)
        if got.slots:
            assert now + got.in_seconds >= taken_until - 1e-6
            taken_until = now + got.in_seconds + got.slots * got.step_seconds
        granted += got.slots
        # no farther ahead than a second and a batch, and what was missed is made up for 0.05 s
        assert granted <= (now - NOW + 1.0 + 0.05 + 0.05) * limit + 2


def test_workers_that_want_all_get_all() -> None:
    """Four ask whenever their slots are over: together the whole limit, within a percent."""
    state, granted = at_full_rate(), 0
    free_at = [NOW + 0.001 * n for n in range(4)]
    while (now := min(free_at)) < NOW + 60.0:
        state, got = reserve(state, Ask(limit=LIMIT, wanted=100, used=100, went_well=True), now)
        granted += got.slots
        free_at[free_at.index(now)] = now + got.in_seconds + got.slots * got.step_seconds
    assert granted == pytest.approx(60 * LIMIT, rel=0.01)


def test_a_new_channel_starts_gently_and_finds_its_limit() -> None:
    state, got = reserve(None, Ask(limit=LIMIT, wanted=10), NOW)
    assert got.rate == LIMIT / 10
    for second in range(1, 12):
        now = NOW + second
        state, got = reserve(state, Ask(limit=LIMIT, wanted=1, went_well=True), now)
    assert got.rate == LIMIT


def test_a_complaint_of_one_slows_all_down_once() -> None:
    state, _ = reserve(at_full_rate(), Ask(limit=LIMIT, wanted=1, complaint=True), NOW)
    assert state.rate == LIMIT / 2
    state, got = reserve(state, Ask(limit=LIMIT, wanted=1, complaint=True), NOW + 0.1)
    assert got.rate == LIMIT / 2


def test_a_wait_that_the_channel_asked_for_holds_for_all() -> None:
    ask = Ask(limit=LIMIT, wanted=1, complaint=True, after_seconds=30.0)
    state, _ = reserve(at_full_rate(), ask, NOW)
    state, got = reserve(state, Ask(limit=LIMIT, wanted=100), NOW + 5.0)
    assert (got.slots, got.in_seconds) == (0, 25.0)
    _, got = reserve(state, Ask(limit=LIMIT, wanted=100), NOW + 30.0)
    assert got.slots > 0


def test_a_pause_in_which_nobody_sent_is_no_reason_to_crawl() -> None:
    state, _ = reserve(at_full_rate(), Ask(limit=LIMIT, wanted=1), NOW + 60.0)
    _, got = reserve(state, Ask(limit=LIMIT, wanted=1, complaint=True), NOW + 61.0)
    assert got.rate >= LIMIT / 8


def test_without_a_limit_nothing_is_held_back() -> None:
    state, got = reserve(None, Ask(limit=None, wanted=500), NOW)
    assert got.slots == 500
    for worker in range(50):
        state, got = reserve(state, Ask(limit=None, wanted=500), NOW + worker * 1e-4)
        assert got.in_seconds < 0.03


@given(st.integers(1, 500), st.booleans(), st.booleans())
def test_a_slow_channel_gives_one_slot_at_a_time(wanted: int, well: bool, complaint: bool) -> None:
    ask = Ask(limit=0.5, wanted=wanted, went_well=well, complaint=complaint)
    _, got = reserve(None, ask, NOW)
    assert got.slots <= 1
