"""What an answer makes of a row, and which rows go together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sending_kit import ScriptedChannel, delivery

from broadcaster.channels.base import Answer, Verdict
from broadcaster.delivery.decisions import backoff_seconds, bundle, decide, not_sent
from broadcaster.model import Call, Delivery, DeliveryState, retry_key

pytestmark = pytest.mark.pure

NOW = 5000.0


def even(low: float, high: float) -> float:
    return (low + high) / 2


def call_of(*deliveries: Delivery) -> Call:
    key = retry_key("broadcast", deliveries[0].sent_with, 0)
    return Call(key=key, request=b"request", deliveries=deliveries)


@pytest.mark.parametrize(
    ("verdict", "doubtful", "repeatable", "state"),
    [
        (Verdict.ACCEPTED, False, True, DeliveryState.ACCEPTED),
        (Verdict.ACCEPTED, True, False, DeliveryState.ACCEPTED),
        (Verdict.REFUSED, False, True, DeliveryState.REFUSED),
        (Verdict.REFUSED, True, True, DeliveryState.REFUSED),
        (Verdict.LATER, False, True, DeliveryState.READY),
        (Verdict.LATER, True, True, DeliveryState.UNKNOWN),
        (Verdict.PAUSE, False, True, DeliveryState.READY),
        (Verdict.PAUSE, True, True, DeliveryState.UNKNOWN),
        (Verdict.UNKNOWN, False, True, DeliveryState.UNKNOWN),
        (Verdict.UNKNOWN, False, False, DeliveryState.HELD),
    ],
)
def test_each_answer_leads_to_one_state(
    verdict: Verdict, doubtful: bool, repeatable: bool, state: DeliveryState
) -> None:
    call = call_of(delivery(doubtful=doubtful))
    answer = Answer(verdict=verdict, reason="because")
    (settled,) = decide(call, answer, repeatable=repeatable, now=NOW, jitter=even)
    assert settled.state is state
    assert settled.reason == (None if verdict is Verdict.ACCEPTED else "because")


def test_what_is_tried_again_waits_longer_each_time() -> None:
    answer, waits, now = Answer(verdict=Verdict.UNKNOWN), [], 1000.0
    for _ in range(14):
        (settled,) = decide(call_of(delivery()), answer, repeatable=True, now=now, jitter=even)
        assert settled.not_before is not None
        waits.append(settled.not_before - now)
        now = settled.not_before
    assert waits[:4] == [1.0, 1.0, 1.0, 1.5]
    assert waits == sorted(waits)
    assert waits[-1] == 30.0


def test_rows_of_one_call_come_back_together() -> None:
    draws = iter([0.8, 1.2, 0.9])
    answer = Answer(verdict=Verdict.UNKNOWN)
    call = call_of(delivery(0), delivery(1, sent_with=0), delivery(2, sent_with=0))
    settled = decide(call, answer, repeatable=True, now=NOW, jitter=lambda _low, _high: next(draws))
    assert len({one.not_before for one in settled}) == 1


def test_what_the_channel_asks_for_goes_before_our_own_wait() -> None:
    answer = Answer(verdict=Verdict.LATER, after_seconds=42.0)
    (settled,) = decide(call_of(delivery()), answer, repeatable=True, now=NOW, jitter=even)
    assert settled.not_before == NOW + 42.0


def test_an_end_has_no_next_time() -> None:
    for verdict in (Verdict.ACCEPTED, Verdict.REFUSED):
        answer = Answer(verdict=verdict, after_seconds=10.0)
        (settled,) = decide(call_of(delivery()), answer, repeatable=True, now=NOW, jitter=even)
        assert settled.not_before is None


def test_a_call_that_was_not_made_leaves_the_row_as_it_was() -> None:
    sure, doubtful = not_sent(call_of(delivery(0), delivery(1, doubtful=True)))
    assert (sure.state, sure.unsent) == (DeliveryState.READY, True)
    assert (doubtful.state, doubtful.unsent) == (DeliveryState.UNKNOWN, True)


@given(st.floats(-1e6, 1e6), st.floats(0.75, 1.25))
def test_a_wait_is_bounded(elapsed: float, share: float) -> None:
    assert 0.75 <= backoff_seconds(elapsed, lambda _low, _high: share) <= 37.5


def test_without_groups_each_row_is_a_call_under_its_own_key() -> None:
    calls = bundle([delivery(3), delivery(4)], ScriptedChannel(), "b")
    assert [call.key for call in calls] == [retry_key("b", 3, 0), retry_key("b", 4, 0)]


ROWS = st.lists(
    st.tuples(st.sampled_from(["U1", "U2", "U3", "U4"]), st.sampled_from(["a", "b"])), max_size=30
)


@given(ROWS, st.integers(1, 5))
def test_groups_hold_every_row_once_one_text_each_and_nobody_twice(
    rows: list[tuple[str, str]], limit: int
) -> None:
    deliveries = [delivery(row, uid=uid, msg=msg) for row, (uid, msg) in enumerate(rows)]
    calls = bundle(deliveries, ScriptedChannel(group_limit=limit), "b")
    assert sorted(one.row for call in calls for one in call.deliveries) == list(range(len(rows)))
    for call in calls:
        assert len(call.deliveries) <= limit
        assert len({one.msg for one in call.deliveries}) == 1
        assert len({one.uid for one in call.deliveries}) == len(call.deliveries)
        assert {one.sent_with for one in call.deliveries} == {call.deliveries[0].row}


@given(ROWS, st.integers(2, 5))
def test_what_went_together_goes_together_again_as_the_same_request(
    rows: list[tuple[str, str]], limit: int
) -> None:
    channel = ScriptedChannel(group_limit=limit)
    first = bundle(
        [delivery(row, uid=uid, msg=msg) for row, (uid, msg) in enumerate(rows)], channel, "b"
    )
    again = [
        delivery(one.row, uid=one.uid, msg=one.msg, attempt=2, sent_with=one.sent_with)
        for call in first
        for one in call.deliveries
    ]
    again.sort(key=lambda one: one.row)
    second = bundle(again, channel, "b")
    assert {call.key: call.request for call in second} == {call.key: call.request for call in first}


def test_a_group_stays_one_when_the_channel_no_longer_makes_groups() -> None:
    grouping, single = ScriptedChannel(group_limit=5), ScriptedChannel()
    (first,) = bundle([delivery(row, msg="Hello") for row in range(3)], grouping, "b")
    again = [delivery(row, msg="Hello", attempt=2, sent_with=0) for row in range(3)]
    (second,) = bundle(again, single, "b")
    assert (second.key, second.request) == (first.key, first.request)


def test_a_new_generation_has_a_new_key() -> None:
    (old,) = bundle([delivery(1)], ScriptedChannel(), "b")
    (new,) = bundle([delivery(1, generation=1)], ScriptedChannel(), "b")
    assert old.key != new.key
