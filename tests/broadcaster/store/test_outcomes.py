"""Who did not get it, and why."""

import math
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_kit import (
    begin_load,
    claimed_calls,
    deliveries_of,
    loaded,
    rows_of,
    send_all,
    sending,
    settled_as,
)

from broadcaster.model import Broadcast, DeliveryState
from broadcaster.store import Store
from broadcaster.store.outcomes import OTHER_REASONS, Accepted, Cause

READY, SENDING, ACCEPTED, REFUSED, UNKNOWN, HELD = DeliveryState
NO_USER = "no such user"


def with_failures(store: Store, rows: int, refused: set[int], held: set[int]) -> Broadcast:
    broadcast = sending(store, rows_of(rows))
    while chunk := store.ledger.lease(
        broadcast.number, "a", now=10.0, lease_seconds=60.0, repeatable=True
    ):
        calls = claimed_calls(store, broadcast, chunk, now=10.0, at_most=500)
        ended = []
        for one in deliveries_of(calls):
            if one.row in refused:
                ended += settled_as([one], REFUSED, reason=NO_USER)
            elif one.row in held:
                ended += settled_as([one], HELD, reason="interrupted")
            else:
                ended += settled_as([one], ACCEPTED)
        store.ledger.settle(ended, 11.0)
        store.ledger.release(chunk)
    return broadcast


def test_causes_add_up_to_all_rows(store: Store) -> None:
    broadcast = with_failures(store, 1200, refused={1, 2, 1100}, held={3})
    assert store.outcomes.causes(broadcast.number) == [
        Cause(state=ACCEPTED, reason=None, rows=1196),
        Cause(state=REFUSED, reason=NO_USER, rows=3),
        Cause(state=HELD, reason="interrupted", rows=1),
    ]


def test_causes_beyond_the_limit_are_one(store: Store) -> None:
    broadcast = sending(store, rows_of(20))
    chunk = store.ledger.lease(broadcast.number, "a", now=10.0, lease_seconds=60.0, repeatable=True)
    assert chunk is not None
    calls = claimed_calls(store, broadcast, chunk, now=10.0, at_most=10)
    for number, one in enumerate(deliveries_of(calls)):
        store.ledger.settle(settled_as([one], REFUSED, reason=f"reason {number // 2}"), 11.0)
    causes = store.outcomes.causes(broadcast.number, at_most=3)
    assert sum(cause.rows for cause in causes) == 20
    assert Cause(state=REFUSED, reason=OTHER_REASONS, rows=6) in causes
    assert Cause(state=READY, reason=None, rows=10) in causes


def test_why_rows_wait_is_told(store: Store) -> None:
    broadcast = sending(store, rows_of(600))
    chunk = store.ledger.lease(broadcast.number, "a", now=10.0, lease_seconds=60.0, repeatable=True)
    assert chunk is not None
    calls = claimed_calls(store, broadcast, chunk, now=10.0, at_most=500)
    late = settled_as(deliveries_of(calls), READY, reason="rate limited", not_before=99.0)
    store.ledger.settle(late, 11.0)
    store.ledger.release(chunk)
    assert store.outcomes.causes(broadcast.number) == [
        Cause(state=READY, reason="rate limited", rows=500),
        Cause(state=READY, reason=None, rows=100),
    ]


def test_rows_are_found_by_state_reason_and_beginning_of_the_uid(store: Store) -> None:
    broadcast = with_failures(store, 1200, refused={1, 2, 1100}, held={3})
    look = store.outcomes.outcomes
    number = broadcast.number
    assert [one.row for one in look(number, states=[REFUSED])] == [1, 2, 1100]
    assert [one.row for one in look(number, states=[REFUSED, HELD])] == [1, 2, 3, 1100]
    assert [one.row for one in look(number, reason="interrupted")] == [3]
    assert [one.row for one in look(number, uid_prefix=f"U{1100:032x}"[:-1])] == list(
        range(1088, 1104)
    )
    assert look(number, uid_prefix="U1", states=[HELD]) == []
    assert look(number, uid_prefix="\ud800") == []
    assert look(number, states=[UNKNOWN]) == []
    (found,) = look(number, states=[REFUSED], after=2)
    assert (found.uid, found.msg, found.attempt, found.reason, found.answered_at) == (
        f"U{1100:032x}",
        "message 1100",
        1,
        NO_USER,
        11.0,
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(
    refused=st.sets(st.integers(0, 1199), max_size=30),
    held=st.sets(st.integers(500, 999), max_size=500),
    page_rows=st.integers(1, 700),
    states=st.sets(st.sampled_from(DeliveryState)) | st.none(),
)
def test_pages_of_rows_are_all_rows_once(
    store: Store,
    refused: set[int],
    held: set[int],
    page_rows: int,
    states: set[DeliveryState] | None,
) -> None:
    broadcast = with_failures(store, 1200, refused, held)
    found = [
        one.row for one in store.outcomes.each(broadcast.number, states=states, page_rows=page_rows)
    ]
    state_of = dict.fromkeys(held, HELD) | dict.fromkeys(refused, REFUSED)
    assert found == [
        row for row in range(1200) if states is None or state_of.get(row, ACCEPTED) in states
    ]


def test_rows_can_be_looked_at_while_they_are_loaded(store: Store) -> None:
    broadcast = begin_load(store)
    assert store.outcomes.outcomes(broadcast.number) == []
    assert store.outcomes.causes(broadcast.number) == []
    assert store.outcomes.accepted_over_time(broadcast.number) == []
    ready = loaded(store, rows_of(3))
    assert len(store.outcomes.outcomes(ready.number, states=[READY])) == 3
    assert store.outcomes.outcomes(ready.number, states=[ACCEPTED]) == []


def test_what_was_forgotten_has_no_rows_and_keeps_its_sums(store: Store) -> None:
    broadcast = with_failures(store, 10, refused={1}, held=set())
    store.broadcasts.settle(broadcast.number, 19.0)
    store.erasure.forget(broadcast.number, 20.0)
    assert store.outcomes.outcomes(broadcast.number) == []
    assert store.outcomes.causes(broadcast.number) == [
        Cause(state=ACCEPTED, reason=None, rows=9),
        Cause(state=REFUSED, reason=OTHER_REASONS, rows=1),
    ]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(
    moments=st.lists(
        st.floats(1e9, 1e9 + 10) | st.floats(1e9, 1.1e9) | st.integers(10**9, 10**9 + 50),
        max_size=12,
    ),
    points=st.integers(2, 40),
)
def test_accepted_rows_over_time(store: Store, moments: list[float], points: int) -> None:
    broadcast = sending(store, rows_of(len(moments)))
    chunk = store.ledger.lease(broadcast.number, "a", now=10.0, lease_seconds=60.0, repeatable=True)
    if chunk is not None:
        calls = claimed_calls(store, broadcast, chunk, now=10.0, at_most=500)
        for one, moment in zip(deliveries_of(calls), moments, strict=True):
            store.ledger.settle(settled_as([one], ACCEPTED), float(moment))
    found = store.outcomes.accepted_over_time(broadcast.number, points=points)
    assert len(found) <= points
    if not moments:
        assert found == []
        return
    seconds = found[0].seconds
    assert {one.seconds for one in found} == {seconds}
    assert found[0].at % seconds == 0
    expected = Counter(math.floor(moment / seconds) * seconds for moment in moments)
    assert {one.at: one.rows for one in found if one.rows} == expected
    assert [one.at for one in found] == [found[0].at + seconds * n for n in range(len(found))]


def test_a_span_is_a_second_at_least(store: Store) -> None:
    broadcast = sending(store, rows_of(7))
    send_all(store, broadcast)
    assert store.outcomes.accepted_over_time(broadcast.number) == [
        Accepted(at=11.0, seconds=1.0, rows=7)
    ]


@pytest.mark.parametrize("text", ["a\0b", "'", "%", "_"])
def test_a_filter_is_taken_as_it_is(store: Store, text: str) -> None:
    broadcast = loaded(store, [(f"{text}1", "m"), ("other", "m")])
    assert [one.row for one in store.outcomes.outcomes(broadcast.number, uid_prefix=text)] == [0]
    assert store.outcomes.outcomes(broadcast.number, reason=text) == []
