"""A sender at work, over a real store and a channel of this process."""

import asyncio
import os
import socket
import time
from collections import Counter
from collections.abc import Callable

import pytest
from sending_kit import ACCEPTED, ScriptedChannel, begun, people
from store_kit import claimed_calls, deliveries_of, settled_as

from broadcaster.channels.base import Answer, Verdict
from broadcaster.delivery import BroadcastSender, SendEvent, SendWaiting, is_dead, new_owner
from broadcaster.delivery.clock_watch import ClockWatch
from broadcaster.errors import NotNow
from broadcaster.model import (
    FENCE_SECONDS,
    Broadcast,
    BroadcastState,
    Call,
    DeliveryState,
    StopCause,
)
from broadcaster.store import Store

UNKNOWN = Answer(verdict=Verdict.UNKNOWN, reason="no answer")
AT_ONCE = 0.0


def send(
    store: Store,
    broadcast: Broadcast,
    channel: ScriptedChannel,
    *,
    listener: Callable[[SendEvent], None] = lambda _told: None,
    meanwhile: Callable[[BroadcastSender], None] | None = None,
) -> BroadcastState:
    """Send until the sender ends by itself, within ten seconds."""

    async def run() -> BroadcastState:
        sender = BroadcastSender(store, broadcast, channel, owner=new_owner(), listener=listener)
        if meanwhile is not None:
            meanwhile(sender)
        return await asyncio.wait_for(sender.run(), 30)

    return asyncio.run(run())


def counts(store: Store, broadcast: Broadcast) -> dict[DeliveryState, int]:
    found = store.broadcasts.counts(broadcast.number)
    assert sum(found.values()) == broadcast.rows
    return {state: count for state, count in found.items() if count}


def now_and_then(answer: Answer, *, every: int) -> Callable[[Call], Answer]:
    """That answer to every so many calls, as long as they are first attempts."""
    calls = iter(range(1, 1_000_000))

    def script(call: Call) -> Answer:
        first = call.deliveries[0].attempt == 1
        return answer if first and next(calls) % every == 0 else ACCEPTED

    return script


def test_everybody_gets_their_message_once(store: Store) -> None:
    broadcast, channel = begun(store, people(1203)), ScriptedChannel()
    assert send(store, broadcast, channel) is BroadcastState.DONE
    assert channel.effects == Counter(people(1203))
    assert set(channel.effects.values()) == {1}
    assert counts(store, broadcast) == {DeliveryState.ACCEPTED: 1203}
    assert store.broadcasts.get(broadcast.id).ended_at is not None


def test_nothing_to_send_is_done(store: Store) -> None:
    broadcast, channel = begun(store, []), ScriptedChannel()
    assert send(store, broadcast, channel) is BroadcastState.DONE
    assert channel.calls == []


def test_an_unknown_outcome_is_repeated_with_the_same_key(store: Store) -> None:
    lost = Answer(verdict=Verdict.UNKNOWN, reason="the answer was lost", after_seconds=AT_ONCE)
    channel = ScriptedChannel(
        script=now_and_then(lost, every=7), takes_what_it_does_not_confirm=True
    )
    broadcast = begun(store, people(300))
    assert send(store, broadcast, channel) is BroadcastState.DONE
    assert set(channel.effects.values()) == {1}
    assert len(channel.calls) > 300


def test_without_idempotency_an_unknown_outcome_is_held(store: Store) -> None:
    channel = ScriptedChannel(idempotent=False, script=now_and_then(UNKNOWN, every=10))
    broadcast = begun(store, people(100))
    assert send(store, broadcast, channel) is BroadcastState.DONE
    assert counts(store, broadcast) == {DeliveryState.ACCEPTED: 90, DeliveryState.HELD: 10}
    assert len(channel.calls) == 100


def test_at_least_once_repeats_there_too_if_the_user_chose_it(store: Store) -> None:
    again = Answer(verdict=Verdict.UNKNOWN, reason="no answer", after_seconds=AT_ONCE)
    channel = ScriptedChannel(idempotent=False, script=now_and_then(again, every=10))
    broadcast = begun(store, people(50), at_least_once=True)
    assert send(store, broadcast, channel) is BroadcastState.DONE
    assert counts(store, broadcast) == {DeliveryState.ACCEPTED: 50}


def test_refused_rows_do_not_keep_the_others(store: Store) -> None:
    refused = Answer(verdict=Verdict.REFUSED, reason="unknown user")
    channel = ScriptedChannel(script=now_and_then(refused, every=4))
    broadcast = begun(store, people(40))
    assert send(store, broadcast, channel) is BroadcastState.DONE
    assert counts(store, broadcast) == {DeliveryState.ACCEPTED: 30, DeliveryState.REFUSED: 10}


def test_later_is_tried_again_and_says_why_it_waits(store: Store) -> None:
    later = Answer(verdict=Verdict.LATER, reason="over its rate", after_seconds=2.0)
    channel = ScriptedChannel(script=now_and_then(later, every=5))
    broadcast, told = begun(store, people(10)), list[SendEvent]()
    assert send(store, broadcast, channel, listener=told.append) is BroadcastState.DONE
    assert set(channel.effects.values()) == {1}
    assert "over its rate" in {one.why for one in told if isinstance(one, SendWaiting)}


def test_a_reason_to_pause_stops_all_and_is_kept(store: Store) -> None:
    pause = Answer(verdict=Verdict.PAUSE, reason="the token was refused")
    channel = ScriptedChannel(script=now_and_then(pause, every=20), concurrency=4)
    broadcast = begun(store, people(600))
    assert send(store, broadcast, channel) is BroadcastState.PAUSED
    found = store.broadcasts.get(broadcast.id)
    assert (found.cause, found.reason) == (StopCause.CHANNEL, "the token was refused")
    assert set(counts(store, broadcast)) == {DeliveryState.ACCEPTED, DeliveryState.READY}
    assert len(channel.calls) <= 24

    store.broadcasts.start_sending(broadcast.number, via="scripted", now=2000.0)
    healed = ScriptedChannel(effects=channel.effects, requests=channel.requests)
    assert send(store, store.broadcasts.get(broadcast.id), healed) is BroadcastState.DONE
    assert healed.effects == Counter(people(600))


def test_a_stop_finishes_what_is_under_way_and_gives_back_the_rest(store: Store) -> None:
    channel = ScriptedChannel(concurrency=5, latency_seconds=0.01)
    broadcast = begun(store, people(700))

    def stop_after_some(sender: BroadcastSender) -> None:
        def script(_call: Call) -> Answer:
            if len(channel.calls) == 50:
                sender.stop(StopCause.INTERRUPTED)
            return ACCEPTED

        channel.script = script

    assert send(store, broadcast, channel, meanwhile=stop_after_some) is BroadcastState.PAUSED
    assert store.broadcasts.get(broadcast.id).cause is StopCause.INTERRUPTED
    found = counts(store, broadcast)
    assert set(found) == {DeliveryState.ACCEPTED, DeliveryState.READY}
    assert found[DeliveryState.ACCEPTED] == len(channel.calls) == sum(channel.effects.values())


@pytest.mark.parametrize(
    ("idempotent", "left"), [(True, DeliveryState.UNKNOWN), (False, DeliveryState.HELD)]
)
def test_an_abort_leaves_what_was_under_way_in_doubt(
    store: Store, idempotent: bool, left: DeliveryState
) -> None:
    channel = ScriptedChannel(idempotent=idempotent, concurrency=5, latency_seconds=3600.0)
    broadcast = begun(store, people(20))

    def abort_when_all_are_called(sender: BroadcastSender) -> None:
        async def watch() -> None:
            while len(channel.calls) < 5:
                await asyncio.sleep(0)
            sender.abort()

        channel_open = asyncio.get_running_loop().create_task(watch())
        assert not channel_open.done()

    state = send(store, broadcast, channel, meanwhile=abort_when_all_are_called)
    assert state is BroadcastState.PAUSED
    assert counts(store, broadcast) == {left: 5, DeliveryState.READY: 15}


def test_somebody_else_may_pause_it(store: Store) -> None:
    channel = ScriptedChannel(concurrency=2, latency_seconds=0.02)
    broadcast = begun(store, people(2000))
    calls = iter(range(1_000_000))

    def script(_call: Call) -> Answer:
        if next(calls) == 10:
            store.broadcasts.pause(broadcast.number, StopCause.PERSON, 1500.0, reason="lunch")
        return ACCEPTED

    channel.script = script
    assert send(store, broadcast, channel) is BroadcastState.PAUSED
    assert store.broadcasts.get(broadcast.id).reason == "lunch"
    assert len(channel.calls) < 2000


def test_a_canary_sends_the_first_and_waits(store: Store) -> None:
    broadcast = begun(store, people(900))
    assert store.ledger.split(broadcast.number, 7, now=1000.0)
    store.broadcasts.start_sending(broadcast.number, via="scripted", now=1000.0, limit=7)
    channel = ScriptedChannel()
    assert send(store, store.broadcasts.get(broadcast.id), channel) is BroadcastState.PAUSED
    assert channel.effects == Counter(people(900)[:7])

    store.broadcasts.start_sending(broadcast.number, via="scripted", now=1001.0)
    assert send(store, store.broadcasts.get(broadcast.id), channel) is BroadcastState.DONE
    assert channel.effects == Counter(people(900))


def test_two_senders_share_one_broadcast(store: Store) -> None:
    broadcast = begun(store, people(3000))
    channel = ScriptedChannel(latency_seconds=0.001)

    async def both() -> list[BroadcastState]:
        senders = [BroadcastSender(store, broadcast, channel, owner=new_owner()) for _ in range(2)]
        return await asyncio.wait_for(asyncio.gather(*(one.run() for one in senders)), 60)

    assert BroadcastState.DONE in asyncio.run(both())
    assert channel.effects == Counter(people(3000))
    assert set(channel.effects.values()) == {1}


def test_a_channel_with_groups_gets_equal_texts_in_one_call(store: Store) -> None:
    rows = [(f"U{row:032x}", "The shop opens" if row % 3 else "Closed") for row in range(90)]
    broadcast = begun(store, rows)
    channel = ScriptedChannel(group_limit=25)
    assert send(store, broadcast, channel) is BroadcastState.DONE
    assert channel.effects == Counter(rows)
    assert len(channel.calls) == 3 + 2


def test_a_group_of_unknown_outcome_is_repeated_as_it_was(store: Store) -> None:
    rows = [(f"U{row:032x}", "The shop opens") for row in range(60)]
    lost = Answer(verdict=Verdict.UNKNOWN, reason="the answer was lost", after_seconds=AT_ONCE)
    channel = ScriptedChannel(
        group_limit=20, script=now_and_then(lost, every=2), takes_what_it_does_not_confirm=True
    )
    broadcast = begun(store, rows)
    assert send(store, broadcast, channel) is BroadcastState.DONE
    assert channel.effects == Counter(rows)


def test_concurrency_is_kept(store: Store) -> None:
    channel = ScriptedChannel(concurrency=3, latency_seconds=0.002)
    send(store, begun(store, people(60)), channel)
    assert channel.most_at_once == 3


def test_without_idempotency_no_more_is_claimed_than_is_called_at_once(store: Store) -> None:
    channel = ScriptedChannel(idempotent=False, concurrency=3, latency_seconds=0.001)
    broadcast = begun(store, people(60))
    claimed_ahead = list[int]()

    def script(_call: Call) -> Answer:
        found = store.broadcasts.counts(broadcast.number)
        answered = len(claimed_ahead) - found[DeliveryState.ACCEPTED]
        claimed_ahead.append(found[DeliveryState.SENDING] - answered)
        return ACCEPTED

    channel.script = script
    assert send(store, broadcast, channel) is BroadcastState.DONE
    assert max(claimed_ahead) <= 3


def test_a_channel_that_gives_no_certain_answer_any_more_is_left_alone(store: Store) -> None:
    channel = ScriptedChannel(idempotent=False, concurrency=1, script=lambda _call: UNKNOWN)
    broadcast = begun(store, people(500))
    assert send(store, broadcast, channel) is BroadcastState.PAUSED
    assert counts(store, broadcast)[DeliveryState.HELD] == 20
    assert store.broadcasts.get(broadcast.id).cause is StopCause.UNCERTAIN


def test_a_channel_that_refuses_all_from_the_start_is_left_alone(store: Store) -> None:
    numbers = iter(range(500))
    channel = ScriptedChannel(
        concurrency=1,
        script=lambda _call: Answer(verdict=Verdict.REFUSED, reason=f"404 no. {next(numbers)}"),
    )
    broadcast = begun(store, people(500))
    assert send(store, broadcast, channel) is BroadcastState.PAUSED
    assert counts(store, broadcast)[DeliveryState.REFUSED] == 50
    found = store.broadcasts.get(broadcast.id)
    assert found.cause is StopCause.REFUSED
    assert "all refused: 404" in found.reason


@pytest.mark.parametrize("verdict", [Verdict.REFUSED, Verdict.DOUBTFUL])
def test_twenty_equal_refusals_in_a_row_pause_it_also_after_a_success(
    store: Store, verdict: Verdict
) -> None:
    alike = Answer(verdict=verdict, reason="not registered")
    first_ones = iter([ACCEPTED] + [alike] * 19 + [ACCEPTED])
    channel = ScriptedChannel(concurrency=1, script=lambda _call: next(first_ones, alike))
    broadcast = begun(store, people(500))
    assert send(store, broadcast, channel) is BroadcastState.PAUSED
    assert len(channel.calls) == 41
    assert "not registered" in store.broadcasts.get(broadcast.id).reason


def test_the_reason_is_shown_while_every_call_fails(store: Store) -> None:
    failing = Answer(verdict=Verdict.UNKNOWN, reason="it answered 500", after_seconds=0.2)
    answers = iter([failing] * 12)
    channel = ScriptedChannel(concurrency=4, script=lambda _call: next(answers, ACCEPTED))
    heard: list[SendEvent] = []
    send(store, begun(store, people(4)), channel, listener=heard.append)
    assert "it answered 500" in {told.why for told in heard}
    last = heard[-1]
    assert not isinstance(last, SendWaiting)
    assert last.why == ""


def test_a_fault_of_the_channels_own_code_stops_it_and_loses_nothing(store: Store) -> None:
    def script(_call: Call) -> Answer:
        raise ZeroDivisionError

    channel = ScriptedChannel(script=script, concurrency=1)
    broadcast = begun(store, people(10))
    assert send(store, broadcast, channel) is BroadcastState.PAUSED
    found = store.broadcasts.get(broadcast.id)
    assert found.cause is StopCause.FAILED
    assert "ZeroDivisionError" in found.reason
    assert counts(store, broadcast)[DeliveryState.UNKNOWN] >= 1


def test_an_owner_is_dead_when_its_process_is() -> None:
    assert not is_dead(new_owner())
    assert not is_dead(f"another-machine:{os.getpid()}:00")
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    assert is_dead(f"{socket.gethostname()}:{child}:00")
    assert not is_dead("no owner's name")


def test_slices_leave_nothing_in_doubt(store: Store) -> None:
    """However often a run ends in the middle: what was claimed is called, or given back."""
    broadcast, channel = begun(store, people(400)), ScriptedChannel(latency_seconds=0.002)

    async def slice_of() -> BroadcastState:
        sender = BroadcastSender(
            store, broadcast, channel, owner=new_owner(), slice_seconds=0.02, first_row=0
        )
        return await asyncio.wait_for(sender.run(), 30)

    for _ in range(1_000):
        asyncio.run(slice_of())
        found = counts(store, broadcast)
        assert set(found) <= {DeliveryState.ACCEPTED, DeliveryState.READY}
        if found.get(DeliveryState.ACCEPTED) == 400:
            break
    assert set(channel.effects.values()) == {1}
    assert len(channel.calls) == 400


def test_the_rate_can_be_changed_while_it_is_sent(store: Store) -> None:
    """One call in a thousand seconds would take for ever."""
    broadcast = begun(store, people(60), rate=0.001)

    def faster(_sender: BroadcastSender) -> None:
        asyncio.get_running_loop().call_later(
            0.2, store.broadcasts.set_rate, broadcast.number, 1000.0, 1001.0
        )

    channel = ScriptedChannel()
    assert send(store, broadcast, channel, meanwhile=faster) is BroadcastState.DONE
    assert channel.effects == Counter(people(60))


@pytest.mark.parametrize("rate", [None, 5.0])
def test_the_rate_of_a_paused_broadcast_is_kept(store: Store, rate: float | None) -> None:
    broadcast = begun(store, people(3), rate=7.0)
    store.broadcasts.pause(broadcast.number, StopCause.PERSON, 1001.0)
    store.broadcasts.set_rate(broadcast.number, rate, 1002.0)
    assert store.broadcasts.get(broadcast.id).rate == rate


def test_the_rate_of_what_has_ended_is_not_changed(store: Store) -> None:
    broadcast = begun(store, people(3))
    send(store, broadcast, ScriptedChannel())
    with pytest.raises(NotNow, match="is done: its rate can be changed only while"):
        store.broadcasts.set_rate(broadcast.number, 5.0, 1002.0)


def test_after_a_kill_only_few_rows_are_in_doubt(store: Store) -> None:
    """Without a rate a whole chunk is claimed ahead, and 50 calls at a time are recorded."""
    broadcast, channel, owner = begun(store, people(500)), ScriptedChannel(), new_owner()

    async def killed() -> None:
        sender = BroadcastSender(store, broadcast, channel, owner=owner)
        sending = asyncio.ensure_future(sender.run())
        loop = asyncio.get_running_loop()

        def script(_call: Call) -> Answer:
            if len(channel.calls) >= 120:
                loop.call_soon(sending.cancel)
            return ACCEPTED

        channel.script = script
        await asyncio.wait({sending})
        assert sending.cancelled()

    asyncio.run(killed())
    store.ledger.free(broadcast.number, owner)
    left = counts(store, broadcast)
    called, reached = len(channel.calls), left.get(DeliveryState.ACCEPTED, 0)
    assert called - reached <= left[DeliveryState.SENDING] <= called - reached + 58
    assert left[DeliveryState.READY] >= 300
    channel.script = lambda _call: ACCEPTED
    again = store.broadcasts.get(broadcast.id)
    assert send(store, again, channel) is BroadcastState.DONE
    assert set(channel.effects.values()) == {1}


def test_a_clock_that_is_set_back_by_hours_stops_nobody(store: Store) -> None:
    """Rows that wait to be repeated do not wait for the clock to come there again."""
    ahead = [0.0]
    lost = Answer(verdict=Verdict.UNKNOWN, reason="no answer", after_seconds=2.0)
    channel = ScriptedChannel(script=now_and_then(lost, every=1))
    broadcast = begun(store, people(20))

    async def run() -> BroadcastState:
        sender = BroadcastSender(
            store,
            broadcast,
            channel,
            owner=new_owner(),
            clock=lambda: time.time() + ahead[0],
        )
        asyncio.get_running_loop().call_later(1.0, ahead.__setitem__, 0, -3 * 3600.0)
        return await asyncio.wait_for(sender.run(), 60)

    assert asyncio.run(run()) is BroadcastState.DONE
    assert counts(store, broadcast) == {DeliveryState.ACCEPTED: 20}


def test_first_attempts_keep_their_age_when_the_clock_is_set_back(store: Store) -> None:
    """After 23 hours nothing is repeated: by the clock of before they would get three more."""
    broadcast = begun(store, people(1))
    at, back = 1_000_000.0, 3 * 3600.0
    number = broadcast.number
    lease = {"lease_seconds": 15.0, "repeatable": True}
    chunk = store.ledger.lease(number, "a", now=at, **lease)  # type: ignore[arg-type]
    assert chunk is not None
    calls = claimed_calls(store, broadcast, chunk, now=at)
    store.ledger.settle(settled_as(deliveries_of(calls), DeliveryState.UNKNOWN), at, [chunk])
    for _ in range(2):  # two workers notice it
        store.ledger.set_back(number, back, at - back + 60.0)
    later = at - back + FENCE_SECONDS + 1.0
    assert store.ledger.lease(number, "b", now=later, **lease) is not None  # type: ignore[arg-type]
    assert counts(store, broadcast) == {DeliveryState.HELD: 1}


def test_a_clock_that_runs_evenly_was_not_set_back() -> None:
    moments, steady = iter([100.0, 101.0, 90.0, 91.0]), iter([5.0, 6.0, 7.0, 8.0])
    watch = ClockWatch(moments.__next__, steady.__next__)
    assert [watch.set_back_seconds() for _ in range(3)] == [0.0, 12.0, 0.0]
