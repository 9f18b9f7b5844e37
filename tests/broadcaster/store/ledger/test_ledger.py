"""The ledger, case by case; test_ledger_machine.py looks for the cases that nobody thought of."""

import dataclasses
import threading

import pytest
import sqlalchemy as sa
from store_kit import (
    claimed,
    deliveries_of,
    loaded,
    one_call_each,
    rows_of,
    send_all,
    sending,
    settled_as,
)

from broadcaster.errors import NotNow, StoreError
from broadcaster.model import (
    FENCE_SECONDS,
    Broadcast,
    BroadcastState,
    Call,
    Chunk,
    Delivery,
    DeliveryState,
    StopCause,
)
from broadcaster.store import Store

READY, SENDING, ACCEPTED, REFUSED, UNKNOWN, HELD = DeliveryState


def lease(
    store: Store,
    broadcast: Broadcast,
    owner: str = "a",
    *,
    now: float = 10.0,
    repeatable: bool = True,
    limit: int | None = None,
    first_row: int | None = None,
) -> Chunk | None:
    return store.ledger.lease(
        broadcast.number,
        owner,
        now=now,
        lease_seconds=60.0,
        repeatable=repeatable,
        limit=limit,
        first_row=first_row,
    )


def leased(store: Store, broadcast: Broadcast, owner: str = "a", **how: object) -> Chunk:
    chunk = lease(store, broadcast, owner, **how)  # type: ignore[arg-type]
    assert chunk is not None
    return chunk


def claim(
    store: Store, broadcast: Broadcast, chunk: Chunk, now: float = 10.0, at_most: int = 500
) -> list[Delivery]:
    return claimed(store, broadcast, chunk, now=now, at_most=at_most)


def lease_and_claim(
    store: Store, broadcast: Broadcast, first_row: int, owner: str = "a", now: float = 10.0
) -> tuple[Chunk, list[Delivery]] | None:
    """One chunk alone, as a worker of a queue does it."""
    chunk = lease(store, broadcast, owner, now=now, first_row=first_row)
    return None if chunk is None else (chunk, claim(store, broadcast, chunk, now))


def counts(store: Store, broadcast: Broadcast) -> dict[DeliveryState, int]:
    return {state: n for state, n in store.broadcasts.counts(broadcast.number).items() if n}


def test_a_claim_is_committed_before_it_is_given(store: Store) -> None:
    broadcast = sending(store, rows_of(3))
    chunk = leased(store, broadcast)
    taken = claim(store, broadcast, chunk, at_most=2)
    assert [(one.row, one.attempt, one.sent_with, one.doubtful) for one in taken] == [
        (0, 1, 0, False),
        (1, 1, 1, False),
    ]
    assert counts(store, broadcast) == {READY: 1, SENDING: 2}
    assert [one.row for one in claim(store, broadcast, chunk)] == [2]
    assert claim(store, broadcast, chunk) == []


def test_a_crash_while_the_calls_are_prepared_claims_nothing(store: Store) -> None:
    broadcast = sending(store, rows_of(3))
    chunk = leased(store, broadcast)
    assert len(store.ledger.peek(chunk, now=10.0)) == 3
    assert counts(store, broadcast) == {READY: 3}


def test_what_changed_after_it_was_found_is_not_claimed(store: Store) -> None:
    """A late answer, a row that grew too old to repeat, a second claim of the same calls."""
    broadcast = sending(store, rows_of(4))
    taken = claim(store, broadcast, leased(store, broadcast), at_most=2)
    chunk = leased(store, broadcast, "b", now=70.0)
    calls = one_call_each(broadcast)(store.ledger.peek(chunk, now=70.0))
    assert len(calls) == 4
    store.ledger.settle(settled_as(taken[:1], ACCEPTED), 71.0)
    late = 10.0 + FENCE_SECONDS
    made = store.ledger.claim(chunk, calls, now=late)
    assert [one.row for one in deliveries_of(made)] == [2, 3]
    assert {one.first_attempt_at for one in deliveries_of(made)} == {late}
    assert store.ledger.claim(chunk, calls, now=late) == []
    assert counts(store, broadcast) == {ACCEPTED: 1, UNKNOWN: 1, SENDING: 2}


@pytest.mark.parametrize("state", [ACCEPTED, REFUSED, HELD, UNKNOWN, READY])
def test_an_answer_is_recorded(store: Store, state: DeliveryState) -> None:
    broadcast = sending(store, rows_of(2))
    taken = claim(store, broadcast, leased(store, broadcast))
    store.ledger.settle(settled_as(taken, state, reason="because"), 11.0)
    assert counts(store, broadcast) == {state: 2}
    found = store.outcomes.outcomes(broadcast.number)
    assert {(one.state, one.reason, one.answered_at) for one in found} == {(state, "because", 11.0)}


def test_what_a_channel_says_is_kept_whatever_it_is(store: Store) -> None:
    broadcast = sending(store, rows_of(1))
    (one,) = claim(store, broadcast, leased(store, broadcast))
    hostile = "NUL \0, half \ud800, endless " + "x" * 10_000
    (refused,) = settled_as([one], REFUSED, reason=hostile)
    store.ledger.settle([dataclasses.replace(refused, reference="\0\udfff")], 11.0)
    (found,) = store.outcomes.outcomes(broadcast.number)
    assert found.reason is not None
    assert found.reason.startswith("NUL \N{REPLACEMENT CHARACTER}, half ")
    assert len(found.reason) < 1100
    assert found.reference is not None


def test_one_answer_twice_counts_once(store: Store) -> None:
    broadcast = sending(store, rows_of(2))
    taken = claim(store, broadcast, leased(store, broadcast))
    refused = settled_as(taken, REFUSED)
    store.ledger.settle(refused + refused, 11.0)
    store.ledger.settle(refused, 12.0)
    assert counts(store, broadcast) == {REFUSED: 2}
    store.ledger.settle(settled_as(taken, UNKNOWN) + settled_as(taken, ACCEPTED), 13.0)
    assert counts(store, broadcast) == {ACCEPTED: 2}


def test_an_accepted_row_stays_so(store: Store) -> None:
    broadcast = sending(store, rows_of(1))
    taken = claim(store, broadcast, leased(store, broadcast))
    store.ledger.settle(settled_as(taken, ACCEPTED), 11.0)
    for state in DeliveryState:
        store.ledger.settle(settled_as(taken, state), 12.0)
        assert counts(store, broadcast) == {ACCEPTED: 1}
    with pytest.raises(ValueError, match="refused or held"):
        store.ledger.reopen(broadcast.number, [ACCEPTED], now=13.0)


def test_an_attempt_that_was_surely_not_taken_keeps_the_doubt_of_an_earlier_one(
    store: Store,
) -> None:
    """A 429 after a timeout: the row is still not to be sent again after the fence."""
    broadcast = sending(store, rows_of(1))
    chunk = leased(store, broadcast)
    store.ledger.settle(settled_as(claim(store, broadcast, chunk), UNKNOWN), 11.0)
    (again,) = claim(store, broadcast, chunk)
    assert (again.doubtful, again.attempt) == (True, 2)
    store.ledger.settle(settled_as([again], READY), 12.0)
    assert counts(store, broadcast) == {UNKNOWN: 1}
    late = 10.0 + FENCE_SECONDS
    assert claim(store, broadcast, chunk, now=late) == []
    leased(store, broadcast, "b", now=late)
    assert counts(store, broadcast) == {HELD: 1}


def test_the_fence_counts_from_the_first_attempt(store: Store) -> None:
    broadcast = sending(store, rows_of(1))
    chunk = leased(store, broadcast)
    store.ledger.settle(settled_as(claim(store, broadcast, chunk), UNKNOWN), 11.0)
    late = 10.0 + FENCE_SECONDS - 1
    (again,) = claim(store, broadcast, chunk, now=late)
    assert again.first_attempt_at == 10.0
    store.ledger.settle(settled_as([again], UNKNOWN), late)
    assert claim(store, broadcast, chunk, now=late + 1) == []
    leased(store, broadcast, "b", now=late + 1)
    (held,) = store.outcomes.outcomes(broadcast.number, states=[HELD])
    assert held.reason == "no certain answer for 23 hours: it may or may not have arrived"


def test_a_row_that_was_surely_not_taken_is_not_fenced(store: Store) -> None:
    broadcast = sending(store, rows_of(1))
    chunk = leased(store, broadcast)
    store.ledger.settle(settled_as(claim(store, broadcast, chunk), READY), 11.0)
    assert len(claim(store, broadcast, chunk, now=10.0 + 2 * FENCE_SECONDS)) == 1


def test_an_attempt_without_a_call_is_taken_back(store: Store) -> None:
    """Its request may then be worded anew, for instance in another group."""
    broadcast = sending(store, rows_of(1))
    chunk = leased(store, broadcast)
    taken = claim(store, broadcast, chunk)
    store.ledger.settle(settled_as(taken, READY, unsent=True), 11.0)

    def reworded(deliveries: object) -> list[Call]:
        (call,) = one_call_each(broadcast)(deliveries)  # type: ignore[arg-type]
        return [dataclasses.replace(call, request=b"anew")]

    (call,) = store.ledger.claim(chunk, reworded(store.ledger.peek(chunk, now=50.0)), now=50.0)
    assert (call.deliveries[0].attempt, call.deliveries[0].first_attempt_at) == (1, 50.0)


def test_a_request_that_is_worded_otherwise_is_held(store: Store) -> None:
    broadcast = sending(store, rows_of(1))
    chunk = leased(store, broadcast)
    store.ledger.settle(settled_as(claim(store, broadcast, chunk), UNKNOWN), 11.0)

    def reworded(deliveries: object) -> list[Call]:
        (call,) = one_call_each(broadcast)(deliveries)  # type: ignore[arg-type]
        return [dataclasses.replace(call, request=b"anew")]

    assert store.ledger.claim(chunk, reworded(store.ledger.peek(chunk, now=12.0)), now=12.0) == []
    (held,) = store.outcomes.outcomes(broadcast.number, states=[HELD])
    assert held.reason is not None
    assert "words the request in another way" in held.reason


@pytest.mark.parametrize(("repeatable", "becomes"), [(True, UNKNOWN), (False, HELD)])
def test_rows_of_a_dead_sender_are_in_doubt(
    store: Store, repeatable: bool, becomes: DeliveryState
) -> None:
    broadcast = sending(store, rows_of(3))
    claim(store, broadcast, leased(store, broadcast, "a", repeatable=repeatable), at_most=2)
    assert lease(store, broadcast, "b", now=69.0) is None
    leased(store, broadcast, "b", now=70.0, repeatable=repeatable)
    assert counts(store, broadcast) == {READY: 1, becomes: 2}


def claim_ahead(store: Store, broadcast: Broadcast, chunk: Chunk, at_most: int = 500) -> list[Call]:
    """Calls that are claimed and not called yet."""
    found = store.ledger.peek(chunk, now=10.0, at_most=at_most)
    calls = one_call_each(broadcast)(found)
    return store.ledger.claim(chunk, calls, now=10.0, called=False)


def test_what_a_dead_sender_claimed_and_did_not_call_is_ready_again(store: Store) -> None:
    broadcast = sending(store, rows_of(10))
    chunk = leased(store, broadcast, "a")
    calls = claim_ahead(store, broadcast, chunk)
    assert store.ledger.record_called(chunk, calls[:4])
    taken = leased(store, broadcast, "b", now=70.0)
    assert counts(store, broadcast) == {READY: 6, UNKNOWN: 4}
    again = claim(store, broadcast, taken, now=71.0)
    assert [one.attempt for one in again] == [2] * 4 + [1] * 6
    assert not store.ledger.record_called(chunk, calls[4:5]), "it must not be called any more"


@pytest.mark.parametrize("ended_by", ["cancel", "free"])
def test_a_cancelled_broadcast_holds_only_what_may_have_been_called(
    store: Store, ended_by: str
) -> None:
    broadcast = sending(store, rows_of(10))
    chunk = leased(store, broadcast, "a")
    store.ledger.record_called(chunk, claim_ahead(store, broadcast, chunk)[:4])
    store.broadcasts.cancel(broadcast.number, 20.0)
    if ended_by == "free":  # the process is known to be dead, before its lease ends
        store.ledger.free(broadcast.number, "a")
    assert store.ledger.hold_cancelled(30.0 if ended_by == "free" else 70.0) == 4
    assert counts(store, broadcast) == {READY: 6, HELD: 4}


def test_without_a_record_all_that_was_claimed_is_in_doubt(store: Store) -> None:
    """As an older version leaves it, which owns the chunk by its name alone."""
    broadcast = sending(store, rows_of(5))
    chunk = leased(store, broadcast, "a")
    claim_ahead(store, broadcast, chunk)
    with store.writing() as connection:
        connection.execute(sa.text("UPDATE chunks SET owner = 'an older version'"))
    leased(store, broadcast, "b", now=70.0)
    assert counts(store, broadcast) == {UNKNOWN: 5}


def test_a_record_of_calls_never_goes_back(store: Store) -> None:
    broadcast = sending(store, rows_of(4))
    chunk = leased(store, broadcast, "a")
    calls = claim_ahead(store, broadcast, chunk)
    store.ledger.record_called(chunk, calls[:3])
    store.ledger.record_called(chunk, calls[:1])
    leased(store, broadcast, "b", now=70.0)
    assert counts(store, broadcast) == {READY: 1, UNKNOWN: 3}


def test_what_another_might_repeat_is_held_where_nothing_may_be(store: Store) -> None:
    """`--at-least-once` yesterday, and not today."""
    broadcast = sending(store, rows_of(2))
    chunk = leased(store, broadcast, repeatable=True)
    store.ledger.settle(settled_as(claim(store, broadcast, chunk), UNKNOWN), 11.0)
    store.ledger.release(chunk)
    chunk = leased(store, broadcast, now=12.0, repeatable=False)
    assert claim(store, broadcast, chunk) == []
    assert counts(store, broadcast) == {HELD: 2}


def test_an_unknown_row_is_not_repeated_under_a_lease_that_forbids_it(store: Store) -> None:
    broadcast = sending(store, rows_of(2))
    chunk = leased(store, broadcast, repeatable=False)
    store.ledger.settle(settled_as(claim(store, broadcast, chunk), UNKNOWN), 11.0)
    assert claim(store, broadcast, chunk, now=12.0) == []


def test_a_late_answer_counts_only_when_it_is_accepted(store: Store) -> None:
    broadcast = sending(store, rows_of(3))
    one, two, _three = claim(store, broadcast, leased(store, broadcast, "a"))
    leased(store, broadcast, "b", now=70.0, repeatable=False)
    store.ledger.settle(settled_as([one], ACCEPTED) + settled_as([two], REFUSED), 71.0)
    assert counts(store, broadcast) == {ACCEPTED: 1, HELD: 2}


def test_a_late_answer_of_an_earlier_generation_is_not_taken_for_the_newest(
    store: Store,
) -> None:
    """A person chose to send it again in between. What may have arrived keeps its key."""
    broadcast = sending(store, rows_of(1))
    old = claim(store, broadcast, leased(store, broadcast, "a"))
    chunk = leased(store, broadcast, "b", now=70.0, repeatable=False)
    assert store.ledger.reopen(broadcast.number, [HELD], now=71.0) == 1
    (new,) = claim(store, broadcast, chunk, now=72.0)
    assert (new.attempt, new.generation) == (2, 0)
    store.ledger.settle(settled_as(old, READY), 73.0)
    store.ledger.settle(settled_as(old, REFUSED), 73.0)
    assert counts(store, broadcast) == {SENDING: 1}
    store.ledger.settle(settled_as([new], REFUSED), 74.0)
    assert counts(store, broadcast) == {REFUSED: 1}


def test_an_owner_that_was_freed_can_claim_no_more(store: Store) -> None:
    broadcast = sending(store, rows_of(3))
    chunk = leased(store, broadcast, "a")
    assert store.ledger.owners(broadcast.number, 11.0) == {"a": 70.0}
    store.ledger.free(broadcast.number, "a")
    assert store.ledger.owners(broadcast.number, 11.0) == {}
    assert claim(store, broadcast, chunk) == []
    assert store.ledger.renew(broadcast.number, "a", [chunk.first_row], 1000.0) == set()
    leased(store, broadcast, "b")


def test_a_lease_is_kept_for_longer_by_its_owner_alone(store: Store) -> None:
    broadcast = sending(store, rows_of(600))
    first, second = leased(store, broadcast, "a"), leased(store, broadcast, "b")
    rows = [first.first_row, second.first_row]
    assert store.ledger.renew(broadcast.number, "a", rows, 200.0) == {first.first_row}
    assert store.ledger.renew(broadcast.number, "a", [], 200.0) == set()
    assert store.ledger.next_due_at(broadcast.number) == 70.0
    assert leased(store, broadcast, "c", now=70.0).first_row == second.first_row


def test_a_chunk_that_waits_is_not_leased_before(store: Store) -> None:
    broadcast = sending(store, rows_of(2))
    chunk = leased(store, broadcast)
    one, two = claim(store, broadcast, chunk)
    store.ledger.settle(settled_as([one], READY, not_before=30.0), 11.0)
    store.ledger.settle(settled_as([two], UNKNOWN, not_before=20.0), 11.0)
    store.ledger.release(chunk)
    assert store.ledger.next_due_at(broadcast.number) == 20.0
    assert lease(store, broadcast, now=19.0) is None
    chunk = leased(store, broadcast, now=20.0)
    assert [d.row for d in claim(store, broadcast, chunk, now=20.0)] == [1]
    store.ledger.release(chunk)


@pytest.mark.parametrize("how", ["pause", "cancel"])
def test_nothing_is_claimed_of_what_is_not_being_sent(store: Store, how: str) -> None:
    broadcast = sending(store, rows_of(3))
    chunk = leased(store, broadcast)
    (one,) = claim(store, broadcast, chunk, at_most=1)
    if how == "pause":
        store.broadcasts.pause(broadcast.number, StopCause.PERSON, 11.0)
    else:
        store.broadcasts.cancel(broadcast.number, 11.0)
    assert claim(store, broadcast, chunk) == []
    store.ledger.settle(settled_as([one], ACCEPTED), 12.0)  # what was under way is not lost
    assert counts(store, broadcast) == {READY: 2, ACCEPTED: 1}


def test_a_broadcast_is_done_when_every_row_has_ended(store: Store) -> None:
    broadcast = sending(store, rows_of(1200))
    assert store.broadcasts.settle(broadcast.number, 10.0) is BroadcastState.SENDING
    assert send_all(store, broadcast) == 1200
    assert store.broadcasts.settle(broadcast.number, 20.0) is BroadcastState.DONE
    found = store.broadcasts.get(broadcast.id)
    assert (found.state, found.ended_at) == (BroadcastState.DONE, 20.0)
    assert store.ledger.next_due_at(broadcast.number) is None
    assert lease(store, broadcast, now=1e9) is None
    for forbidden in (
        lambda: store.broadcasts.cancel(broadcast.number, 21.0),
        lambda: store.broadcasts.pause(broadcast.number, StopCause.PERSON, 21.0),
        lambda: store.broadcasts.start_sending(broadcast.number, via="console", now=21.0),
    ):
        with pytest.raises(NotNow):
            forbidden()


def test_what_was_refused_is_sent_again_under_another_key(store: Store) -> None:
    broadcast = sending(store, rows_of(3))
    chunk = leased(store, broadcast)
    one, two, three = claim(store, broadcast, chunk)
    store.ledger.settle(settled_as([one], ACCEPTED) + settled_as([two, three], REFUSED), 11.0)
    store.ledger.release(chunk)
    assert store.broadcasts.settle(broadcast.number, 12.0) is BroadcastState.DONE
    assert store.ledger.reopen(broadcast.number, [REFUSED, HELD], now=13.0) == 2
    found = store.broadcasts.get(broadcast.id)
    assert (found.state, found.ended_at) == (BroadcastState.PAUSED, None)
    store.broadcasts.start_sending(broadcast.number, via="console", now=14.0)
    again = claim(store, broadcast, leased(store, broadcast))
    assert [(d.row, d.attempt, d.generation, d.doubtful) for d in again] == [
        (1, 1, 1, False),
        (2, 1, 1, False),
    ]


def test_nothing_of_a_cancelled_broadcast_is_sent_again(store: Store) -> None:
    broadcast = sending(store, rows_of(1))
    chunk = leased(store, broadcast)
    store.ledger.settle(settled_as(claim(store, broadcast, chunk), REFUSED), 11.0)
    store.broadcasts.cancel(broadcast.number, 12.0)
    with pytest.raises(NotNow, match="cancelled"):
        store.ledger.reopen(broadcast.number, [REFUSED], now=13.0)


@pytest.mark.parametrize("repeatable", [True, False])
def test_what_is_in_doubt_of_a_cancelled_broadcast_is_held_once_nobody_has_it(
    store: Store, repeatable: bool
) -> None:
    broadcast = sending(store, rows_of(501))
    first = leased(store, broadcast, "far:1:x", repeatable=repeatable)
    one, two, three, four = claim(store, broadcast, first, at_most=4)
    store.ledger.settle(
        [*settled_as([one], ACCEPTED), *settled_as([two], UNKNOWN, reason="LINE answered 500.")],
        11.0,
    )
    assert store.ledger.hold_cancelled(70.0, broadcast.number) == 0, "it is being sent"
    store.broadcasts.cancel(broadcast.number, 12.0)
    assert store.ledger.hold_cancelled(69.0) == 0, "its holder may live"
    assert store.ledger.hold_cancelled(70.0, broadcast.number + 1) == 0
    assert store.ledger.hold_cancelled(70.0, since=13.0) == 0
    assert store.ledger.hold_cancelled(70.0, since=12.0) == 3
    assert counts(store, broadcast) == {ACCEPTED: 1, HELD: 3, READY: 497}
    reasons = [one.reason for one in store.outcomes.each(broadcast.number, states=[HELD])]
    assert reasons[0] == "LINE answered 500."
    assert reasons[1] == reasons[2]
    assert "may or may not have arrived" in str(reasons[1])
    store.ledger.settle(settled_as([three], ACCEPTED) + settled_as([four], REFUSED), 71.0)
    assert counts(store, broadcast) == {ACCEPTED: 2, HELD: 2, READY: 497}
    assert store.ledger.owners(broadcast.number, 0.0) == {}


def test_a_canary_is_sent_alone(store: Store) -> None:
    broadcast = loaded(store, rows_of(700))
    assert store.ledger.split(broadcast.number, 10, 3.0)
    assert store.ledger.split(broadcast.number, 10, 3.0)  # again is no change
    store.broadcasts.start_sending(broadcast.number, via="console", now=3.0, limit=10)
    chunk = leased(store, broadcast, limit=10)
    assert (chunk.first_row, chunk.rows) == (0, 10)
    taken = claim(store, broadcast, chunk)
    assert [one.row for one in taken] == list(range(10))
    assert lease(store, broadcast, "b", limit=10) is None
    assert store.ledger.next_due_at(broadcast.number, limit=10) == 70.0
    store.ledger.settle(settled_as(taken, ACCEPTED), 11.0)
    store.ledger.release(chunk)
    assert store.broadcasts.settle(broadcast.number, 12.0) is BroadcastState.PAUSED
    assert store.broadcasts.get(broadcast.id).cause is StopCause.CANARY
    store.broadcasts.start_sending(broadcast.number, via="console", now=13.0)
    assert send_all(store, broadcast) == 690
    assert store.broadcasts.settle(broadcast.number, 14.0) is BroadcastState.DONE


def test_a_chunk_in_somebodys_hands_is_not_split(store: Store) -> None:
    broadcast = sending(store, rows_of(20))
    chunk = leased(store, broadcast)
    assert not store.ledger.split(broadcast.number, 10, 11.0)
    claim(store, broadcast, chunk, at_most=1)
    assert not store.ledger.split(broadcast.number, 10, 1e6)  # one is still in doubt


def test_who_held_the_whole_of_a_split_chunk_claims_no_part_of_it(store: Store) -> None:
    broadcast = sending(store, rows_of(20))
    whole = leased(store, broadcast)
    assert store.ledger.split(broadcast.number, 10, 70.0)
    assert claim(store, broadcast, whole) == []
    store.ledger.release(whole)
    again = leased(store, broadcast, now=71.0)
    assert again.rows == 10
    assert [one.row for one in claim(store, broadcast, whole)] == list(range(10))


def test_a_late_answer_finds_its_row_in_the_other_part_of_a_split_chunk(store: Store) -> None:
    broadcast = sending(store, rows_of(20))
    taken = claim(store, broadcast, leased(store, broadcast, "a"))
    chunk = leased(store, broadcast, "b", now=70.0, repeatable=False)
    store.ledger.release(chunk)
    assert store.ledger.split(broadcast.number, 5, 71.0)
    assert store.ledger.split(broadcast.number, 12, 71.0)
    store.ledger.settle(settled_as(taken, ACCEPTED), 72.0)
    assert counts(store, broadcast) == {ACCEPTED: 20}
    assert chunk_sizes(store, broadcast) == [5, 7, 8]


def chunk_sizes(store: Store, broadcast: Broadcast) -> list[int]:
    with store.reading() as connection:
        query = sa.text("SELECT rows FROM chunks WHERE broadcast = :number ORDER BY first_row")
        found = connection.execute(query, {"number": broadcast.number})
        return [row.rows for row in found]


def test_one_chunk_alone_can_be_taken_and_only_once(store: Store) -> None:
    broadcast = sending(store, rows_of(1100))
    taken = lease_and_claim(store, broadcast, 500)
    assert taken is not None
    assert [one.row for one in taken[1]] == list(range(500, 1000))
    assert counts(store, broadcast) == {READY: 600, SENDING: 500}
    assert store.ledger.owners(broadcast.number, 10.0) == {"a": 70.0}
    assert lease_and_claim(store, broadcast, 500, "b", now=69.9) is None
    assert lease_and_claim(store, broadcast, 501, "b") is None
    again = lease_and_claim(store, broadcast, 500, "b", now=70.0)
    assert again is not None
    assert {(one.attempt, one.doubtful) for one in again[1]} == {(2, True)}
    assert claim(store, broadcast, taken[0], now=70.0) == []


def test_nothing_is_leased_of_what_is_not_being_sent(store: Store) -> None:
    broadcast = sending(store, rows_of(3))
    store.broadcasts.pause(broadcast.number, StopCause.PERSON, 10.0)
    assert lease(store, broadcast) is None
    assert lease_and_claim(store, broadcast, 0) is None
    assert store.ledger.owners(broadcast.number, 10.0) == {}
    assert counts(store, broadcast) == {READY: 3}


def test_a_chunk_is_released_with_its_last_answers_by_its_owner_alone(store: Store) -> None:
    broadcast = sending(store, rows_of(3))
    first = lease_and_claim(store, broadcast, 0)
    assert first is not None
    second = lease_and_claim(store, broadcast, 0, "b", now=70.0)
    assert second is not None
    store.ledger.settle(settled_as(first[1], ACCEPTED)[:1], 71.0, [first[0]])
    assert store.ledger.owners(broadcast.number, 71.0) == {"b": 130.0}
    two, three = second[1][1:]
    settled = settled_as([two], READY, not_before=90.0) + settled_as([three], UNKNOWN)
    store.ledger.settle(settled, 72.0, [second[0]])
    assert store.ledger.owners(broadcast.number, 72.0) == {}
    assert store.ledger.next_due_at(broadcast.number) == 0.0
    (chunk, calls) = lease_and_claim(store, broadcast, 0, "c", now=73.0) or (None, [])
    assert chunk is not None
    assert [one.row for one in calls] == [2]
    store.ledger.settle(settled_as(calls, ACCEPTED), 74.0, [chunk])
    assert store.ledger.next_due_at(broadcast.number) == 90.0
    assert counts(store, broadcast) == {ACCEPTED: 2, UNKNOWN: 1}


def test_another_channel_cannot_go_on_with_what_one_began(store: Store) -> None:
    broadcast = sending(store, rows_of(1))
    store.broadcasts.pause(broadcast.number, StopCause.PERSON, 4.0)
    with pytest.raises(NotNow, match="begun with console"):
        store.broadcasts.start_sending(broadcast.number, via="line", now=5.0)


def test_the_database_itself_refuses_counts_that_do_not_add_up(store: Store) -> None:
    broadcast = sending(store, rows_of(3))
    with pytest.raises(StoreError, match="report it"), store.writing() as connection:
        connection.execute(sa.text("UPDATE chunks SET accepted = accepted + 1"))
    assert counts(store, broadcast) == {READY: 3}


def test_of_those_who_start_to_send_at_once_one_does(store: Store) -> None:
    """And its rate stays the broadcast's, until it says that it is through, or stops saying so."""
    broadcast, outcomes, refusals = loaded(store, rows_of(3)), list[str](), list[str]()

    def start(sender: str, now: float, rate: float = 5.0) -> None:
        try:
            store.broadcasts.start_sending(
                broadcast.number,
                via="console",
                now=now,
                rate=rate,
                sender=sender,
                sender_until=now + 15.0,
            )
        except NotNow as refused:
            refusals.append(str(refused))
        else:
            outcomes.append(sender)

    threads = [threading.Thread(target=start, args=(f"s{n}", 10.0, n + 1.0)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (first,) = outcomes
    assert ["is being sent by another process" in one for one in refusals] == [True] * 3
    assert store.broadcasts.get(broadcast.id).rate == float(first[1:]) + 1.0
    store.broadcasts.renew_sender(broadcast.number, first, 30.0)
    start("late", 29.0)
    start("later", 30.0)
    assert outcomes == [first, "later"]
    store.broadcasts.clear_sender(broadcast.number, first)
    assert store.broadcasts.senders(broadcast.number, 31.0) == {"later": 45.0}
    store.broadcasts.clear_sender(broadcast.number, "later")
    start("last", 31.0)
    assert outcomes[-1] == "last"
