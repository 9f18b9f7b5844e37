"""The laws of a pace that many workers share: nobody is given more than the channel takes."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from simulated_channel import SimulatedChannel

from broadcaster.delivery.rate_control import Feedback, LowRate, first_state
from broadcaster.queue.slots import (
    SlotRequest,
    SlotState,
    as_json,
    from_json,
    paces_in_use,
    reserve,
    slots_key,
)

pytestmark = pytest.mark.pure

NOW = 1_000_000.0
LIMIT = 2000.0
WELL, SLOWER = Feedback(answered=1), Feedback(slow_down=True)


def at_full_rate(limit: float = LIMIT) -> SlotState:
    """A channel whose pace has found its limit."""
    control = replace(first_state(limit, NOW), rate=limit, recent=limit)
    return SlotState(control=control, next_at=NOW)


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
        state, got = reserve(state, SlotRequest(limit=limit, wanted=wanted, feedback=WELL), now)
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
        state, got = reserve(state, SlotRequest(limit=LIMIT, wanted=100, feedback=WELL), now)
        granted += got.slots
        free_at[free_at.index(now)] = now + got.in_seconds + got.slots * got.step_seconds
    assert granted == pytest.approx(60 * LIMIT, rel=0.01)


def test_a_new_channel_starts_gently_and_finds_its_limit() -> None:
    state, got = reserve(None, SlotRequest(limit=LIMIT, wanted=10), NOW)
    assert got.rate == LIMIT / 10
    for second in range(1, 12):
        now = NOW + second
        state, got = reserve(state, SlotRequest(limit=LIMIT, wanted=1, feedback=WELL), now)
    assert got.rate == LIMIT


def test_a_complaint_of_one_slows_all_down_once() -> None:
    state, _ = reserve(at_full_rate(), SlotRequest(limit=LIMIT, wanted=1, feedback=SLOWER), NOW)
    assert state.control.rate == LIMIT / 2
    state, got = reserve(state, SlotRequest(limit=LIMIT, wanted=1, feedback=SLOWER), NOW + 0.1)
    assert got.rate == LIMIT / 2


def test_a_wait_that_the_channel_asked_for_holds_for_all() -> None:
    ask = SlotRequest(limit=LIMIT, wanted=1, feedback=Feedback(slow_down=True, after_seconds=30.0))
    state, _ = reserve(at_full_rate(), ask, NOW)
    state, got = reserve(state, SlotRequest(limit=LIMIT, wanted=100), NOW + 5.0)
    assert (got.slots, got.in_seconds) == (0, 25.0)
    _, got = reserve(state, SlotRequest(limit=LIMIT, wanted=100), NOW + 30.0)
    assert got.slots > 0


@pytest.mark.parametrize(
    ("change", "low"),
    [
        ({}, None),
        ({"not_before": NOW + 30.0}, LowRate.WAIT),
        ({"recover_to": 2 * LIMIT}, LowRate.NO_ANSWERS),
        ({"probed_rate": LIMIT, "probed_share": 0.2}, LowRate.LOST),
        ({"ceiling": 2 * LIMIT}, LowRate.LOST),
        ({"slowed_at": NOW - 1.0}, LowRate.FEWER),
        ({"slowed_at": NOW - 11.0}, None),
    ],
)
def test_a_low_pace_has_its_cause(change: dict[str, float], low: LowRate | None) -> None:
    state = at_full_rate()
    stored = as_json(replace(state, control=replace(state.control, **change)))
    [(name, pace)] = paces_in_use({slots_key("line"): stored}, NOW).items()
    assert (name, pace.low) == ("line", low)
    assert pace.wait_seconds == (30.0 if low is LowRate.WAIT else 0.0)


def test_a_pace_that_starts_is_not_low_for_a_cause() -> None:
    stored = as_json(SlotState(control=first_state(LIMIT, NOW), next_at=NOW))
    assert paces_in_use({slots_key("line"): stored}, NOW)["line"].low is None


def test_a_pace_that_nobody_uses_is_not_shown() -> None:
    stored = as_json(at_full_rate())
    assert paces_in_use({slots_key("line"): stored, "line": stored}, NOW + 60.0) == {}


def test_a_pause_in_which_nobody_sent_is_no_reason_to_crawl() -> None:
    state, _ = reserve(at_full_rate(), SlotRequest(limit=LIMIT, wanted=1), NOW + 60.0)
    _, got = reserve(state, SlotRequest(limit=LIMIT, wanted=1, feedback=SLOWER), NOW + 61.0)
    assert got.rate >= LIMIT / 8


def test_a_limit_that_is_raised_counts_from_now_on() -> None:
    """A slot a minute later was reserved at the old one."""
    state, got = reserve(None, SlotRequest(limit=0.01, wanted=1), NOW)
    state, got = reserve(state, SlotRequest(limit=0.01, wanted=1), NOW + 0.5)
    assert got.in_seconds > 90.0
    state, got = reserve(state, SlotRequest(limit=500.0, wanted=1), NOW + 1.0)
    assert (got.slots, got.rate) == (1, 50.0)
    assert got.in_seconds <= 0.0
    state, got = reserve(state, SlotRequest(limit=2.0, wanted=50), NOW + 2.0)
    assert (got.slots, got.rate) == (1, 2.0)


def test_a_clock_that_was_set_back_starts_the_pace_anew() -> None:
    state, _ = reserve(at_full_rate(), SlotRequest(limit=LIMIT, wanted=1, feedback=WELL), NOW)
    _, got = reserve(state, SlotRequest(limit=LIMIT, wanted=1), NOW - 7_200.0)
    assert (got.slots, got.rate) == (1, LIMIT / 10)
    assert got.in_seconds <= 0.0


def test_without_a_limit_nothing_is_held_back() -> None:
    state, got = reserve(None, SlotRequest(limit=None, wanted=500), NOW)
    assert got.slots == 500
    for worker in range(50):
        state, got = reserve(state, SlotRequest(limit=None, wanted=500), NOW + worker * 1e-4)
        assert got.in_seconds < 0.03


@given(st.integers(1, 500), st.booleans(), st.booleans())
def test_a_slow_channel_gives_one_slot_at_a_time(wanted: int, well: bool, complaint: bool) -> None:
    ask = SlotRequest(
        limit=0.5, wanted=wanted, feedback=Feedback(answered=well, slow_down=complaint)
    )
    _, got = reserve(None, ask, NOW)
    assert got.slots <= 1


def test_the_state_goes_through_the_store_and_back() -> None:
    state, _ = reserve(at_full_rate(), SlotRequest(limit=LIMIT, wanted=3, feedback=SLOWER), NOW)
    assert from_json(as_json(state)) == state
    assert from_json({}) is None
    assert from_json({"rate": 3.0, "next_at": NOW, "raised_at": NOW, "counted": 0}) is None


@pytest.mark.parametrize(("share", "least"), [(0.01, 0.9), (0.05, 0.9), (0.15, 0.8), (0.3, 0.8)])
def test_four_workers_keep_the_rate_of_a_channel_that_loses_answers(
    share: float, least: float
) -> None:
    """The figures of one process: both follow the same rule."""
    limit, channel = 400.0, SimulatedChannel(share=share)
    state, accepted_before = at_full_rate(limit), 0
    free_at = [NOW + 0.001 * n for n in range(4)]
    feedback = [Feedback()] * 4
    while (now := min(free_at)) < NOW + 90.0:
        if not accepted_before and now >= NOW + 30.0:
            accepted_before = channel.accepted
        worker = free_at.index(now)
        asked = SlotRequest(limit=limit, wanted=100, feedback=feedback[worker])
        state, got = reserve(state, asked, now)
        answered = sum(channel.takes(now) for _ in range(got.slots))
        feedback[worker] = Feedback(answered=answered, lost=got.slots - answered)
        free_at[worker] = now + max(got.in_seconds + got.slots * got.step_seconds, 0.001)
    assert (channel.accepted - accepted_before) / 60.0 >= least * limit * (1 - share)
