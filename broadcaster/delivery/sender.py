"""Sends one broadcast: claims calls, makes them, and settles how they ended.

A claim is committed before its call, and in small steps, so that a crash leaves little in doubt: on
a channel that may repeat a call, claims run ahead by a tenth of a second, and which of them may
have been called is committed some at a time; on any other, no more is claimed than is called at
once.
"""

import asyncio
import contextlib
import random
import time
from collections import deque
from collections.abc import Callable
from itertools import islice

from broadcaster.channels.base import Answer, Channel, Verdict
from broadcaster.channels.rate_limit import lower_rate
from broadcaster.delivery.chunk_leases import ChunkLeases
from broadcaster.delivery.clock_watch import ClockWatch
from broadcaster.delivery.decisions import decide, not_sent
from broadcaster.delivery.events import SendEvent, SendProgress, SendWaiting
from broadcaster.delivery.pace import Pace, ProcessPace
from broadcaster.delivery.stop_rules import StopRules
from broadcaster.model import CHUNK_ROWS, Broadcast, BroadcastState, Call, StopCause
from broadcaster.store import Store

__all__ = ["FLUSH_SECONDS", "LEASE_SECONDS", "BroadcastSender"]

LEASE_SECONDS = 15.0
FLUSH_SECONDS = 0.1
_AHEAD_SECONDS = 0.1
_STEP_CALLS = 50
_POLL_SECONDS, _TELL_SECONDS = 1.0, 0.5


class BroadcastSender:
    """One run. Several, in as many processes, may send one broadcast together."""

    def __init__(
        self,
        store: Store,
        broadcast: Broadcast,
        channel: Channel,
        *,
        owner: str,
        pace: Pace | None = None,
        listener: Callable[[SendEvent], None] | None = None,
        clock: Callable[[], float] = time.time,
        lease_seconds: float = LEASE_SECONDS,
        first_row: int | None = None,
        flush_seconds: float = FLUSH_SECONDS,
        slice_seconds: float | None = None,
    ) -> None:
        """`first_row` restricts the run to one chunk, as a worker of a queue wants it; that the
        broadcast is done is then for others to see. Without a listener nothing is counted, which
        costs with each look at a large one. `flush_seconds`: how often what came back is committed.
        After `slice_seconds` the run ends and gives back what is not sent, so that a chunk that
        waits for its pace holds up no other.
        """
        self._leases = ChunkLeases(
            store,
            broadcast,
            channel,
            owner=owner,
            clock=clock,
            lease_seconds=lease_seconds,
            first_row=first_row,
        )
        self._channel = channel
        self._own_pace = ProcessPace(lower_rate(broadcast.rate, channel.rate))
        self._pace = pace or self._own_pace
        self._listener = listener
        self._clock = clock
        self._lease_seconds = lease_seconds
        self._one_chunk = first_row is not None
        self._flush_seconds = flush_seconds
        self._slice_seconds = slice_seconds
        self._claimed: deque[Call] = deque()
        self._recorded = 0  # of the claimed calls: so many, the next ones, are recorded as called
        self._calls: set[asyncio.Task[None]] = set()
        self._drained = False
        self._pause_cause: StopCause | None = None
        self._pause_reason = ""
        self._stopped = asyncio.Event()
        self._changed = asyncio.Event()
        self._stop_rules = StopRules()
        self._accepted: deque[tuple[float, int]] = deque()
        self._why = ""

    def stop(self, cause: StopCause | None = StopCause.PERSON, reason: str = "") -> None:
        """Make no more calls, wait for those under way, and pause the broadcast for this cause;
        without a cause it is left to others. `reason` is for people.
        """
        if self._pause_cause is None:
            self._pause_cause, self._pause_reason = cause, reason
        self._stopped.set()
        self._changed.set()

    def abort(self, cause: StopCause | None = StopCause.PERSON) -> None:
        """Stop, and do not even wait for the calls under way: their outcome is unknown."""
        self.stop(cause)
        for call in self._calls:
            call.cancel()

    async def run(self) -> BroadcastState:
        """Send until nothing is left, or something stops it; the broadcast's state then.

        Raises StoreError when the store fails; what was claimed by then is settled by whoever
        leases it next.
        """
        await self._leases.renew_sender()
        feed = self._feed_ahead if self._leases.repeatable else self._feed_one_by_one
        flushing = asyncio.create_task(self._flush_often())
        others = [asyncio.create_task(self._watch()), asyncio.create_task(feed())]
        if self._slice_seconds is not None:
            asyncio.get_running_loop().call_later(self._slice_seconds, self.stop, None)
        try:
            await _first_of(others[1], flushing, others[0])
            return await self._end(flushing)
        finally:
            self._stopped.set()
            for task in (flushing, *others, *self._calls):
                task.cancel()
            await asyncio.gather(flushing, *others, *self._calls, return_exceptions=True)
            self._leases.close()

    async def _feed_ahead(self) -> None:
        """Claim ahead of the calls, and keep the calls going."""
        ahead = asyncio.create_task(self._claim_ahead())
        try:
            while not self._stopped.is_set() and not (self._drained and not self._claimed):
                room = self._channel.concurrency - len(self._calls)
                if not room or not self._claimed:
                    await self._wait()
                else:
                    granted = await self._turns(min(room, len(self._claimed)))
                    await self._record(granted)
                    self._start(granted)
                    self._changed.set()  # there is room for further claims
                if ahead.done():
                    ahead.result()
        finally:
            if not self._stopped.is_set():
                ahead.cancel()
            # a claim under way is waited for: what it commits must be called, or given back
            await asyncio.gather(ahead, return_exceptions=True)

    async def _record(self, granted: int) -> None:
        """Commit which of the claimed calls may have been made, some at a time, before the calls:
        the others are surely not sent, should this process die.
        """
        if granted > self._recorded:
            step = list(islice(self._claimed, max(granted, _STEP_CALLS)))
            await self._leases.record_called(step)
            self._recorded = len(step)

    async def _claim_ahead(self) -> None:
        while not self._stopped.is_set():
            ahead = min(max(int(self._pace.rate * _AHEAD_SECONDS), 1), CHUNK_ROWS)
            if len(self._claimed) >= ahead:
                await self._wait()
                continue
            # few are recorded with their claim, which costs nothing more; so are the first ones
            at_most = ahead if self._claimed else min(ahead, _STEP_CALLS)
            called = at_most <= _STEP_CALLS and self._recorded == len(self._claimed)
            calls = await self._leases.claim(at_most, called=called)
            if calls is None and not await self._wait_for_work():
                self._drained = True
                self._changed.set()
                return
            self._claimed.extend(calls or ())
            self._recorded = len(self._claimed) if called else self._recorded
            self._changed.set()

    async def _feed_one_by_one(self) -> None:
        """Claim only what is called at once."""
        while not self._stopped.is_set():
            room = self._channel.concurrency - len(self._calls)
            if not room:
                await self._wait()
                continue
            granted = await self._turns(room)
            if not granted:
                return
            calls = await self._leases.claim(granted)
            self._claimed.extend(calls or ())
            self._start(granted)
            if calls is None and not await self._wait_for_work():
                return

    async def _turns(self, at_most: int) -> int:
        """How many calls the pace allows now, once it allows one; none when we are to stop."""
        take = asyncio.ensure_future(self._pace.acquire(at_most))
        stop = asyncio.ensure_future(self._stopped.wait())
        await asyncio.wait((take, stop), return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if take.done():
            return take.result()
        take.cancel()
        return 0

    def _start(self, granted: int) -> None:
        """As many of the claimed calls as were granted."""
        while granted and self._claimed and not self._stopped.is_set():
            task = asyncio.create_task(self._call(self._claimed.popleft()))
            self._recorded = max(self._recorded - 1, 0)
            self._calls.add(task)
            task.add_done_callback(self._ended)
            granted -= 1
        self._pace.give_back(granted)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._calls.discard(task)
        self._changed.set()

    async def _call(self, call: Call) -> None:
        if not self._leases.may_call(call):
            return
        try:
            answer = await self._channel.send(call)
        except asyncio.CancelledError:
            answer = Answer(verdict=Verdict.UNKNOWN, reason="stopped in the middle of the call")
        except Exception as error:  # noqa: BLE001  a fault of ours must not lose track of the row
            reason = f"the channel itself failed ({type(error).__name__}); please report it"
            answer = Answer(verdict=Verdict.UNKNOWN, reason=reason)
            self.stop(StopCause.FAILED, reason)
        self._settle(call, answer)

    def _settle(self, call: Call, answer: Answer) -> None:
        """What an answer means for its rows, for the pace, and for all the others."""
        now = self._clock()
        repeatable = self._leases.repeatable
        settled = decide(call, answer, repeatable=repeatable, now=now, jitter=random.uniform)
        self._leases.settle(settled)
        if answer.verdict is Verdict.ACCEPTED:
            self._accepted.append((now, len(call.deliveries)))
            self._why = ""
        uncertain = answer.verdict is Verdict.UNKNOWN
        if uncertain or answer.verdict is Verdict.LATER:
            self._why = answer.reason
        if answer.slow_down:
            self._pace.slow_down(answer.after_seconds)
        elif uncertain or answer.verdict is Verdict.LATER:
            self._pace.record_lost()
        else:
            self._pace.record_answer()
        stop = self._stop_rules.after(answer, repeatable=repeatable)
        if stop is not None:
            self.stop(*stop)

    async def _wait_for_work(self) -> bool:
        """Wait until something may be leased; False when nothing ever will be, as things stand."""
        if self._one_chunk:
            return False
        if self._leases.busy:
            await self._wait()
            return True
        due_at = await self._leases.next_due_at()
        if due_at is None:
            return False
        seconds = due_at - self._clock()
        if seconds > 0 and self._listener is not None:
            self._listener(
                SendWaiting(seconds=seconds, why=self._why or "others are sending the rest")
            )
        await self._wait(min(max(seconds, 0.01), _POLL_SECONDS))
        return True

    async def _wait(self, seconds: float = _POLL_SECONDS) -> None:
        """Until something changed, or so long."""
        self._changed.clear()
        if self._stopped.is_set():
            return
        with contextlib.suppress(TimeoutError):
            # not wait_for, which forgets a cancellation that comes together with the event
            async with asyncio.timeout(seconds):
                await self._changed.wait()

    async def _flush_often(self) -> None:
        """Commit what came back, now and then; release chunks that are through."""
        while True:
            await asyncio.sleep(self._flush_seconds)
            if await self._leases.flush():
                self._changed.set()

    async def _watch(self) -> None:
        """Renew the leases, look at the broadcast's state and rate, and tell how far it is."""
        renewed, clock_watch = time.monotonic(), ClockWatch(self._clock)
        while True:
            await asyncio.sleep(_TELL_SECONDS)
            if back := clock_watch.set_back_seconds():
                await self._leases.set_back(back)
                await self._leases.renew()
            state, rate = await self._leases.state_and_rate()
            self._own_pace.set_limit(lower_rate(rate, self._channel.rate))
            if state is not BroadcastState.SENDING:
                self.stop(None)  # somebody else paused or ended it, and said why
            if time.monotonic() - renewed >= self._lease_seconds / 3:
                renewed = time.monotonic()
                await self._leases.renew()
            await self._tell(state)

    async def _tell(self, state: BroadcastState) -> None:
        if self._listener is None:
            return
        counts = await self._leases.counts()
        rate = self._recent_rate()
        pace = self._pace.rate
        self._listener(
            SendProgress(state=state, counts=counts, rate=rate, pace=pace, why=self._why)
        )

    def _recent_rate(self) -> float:
        """Accepted rows a second over the last five."""
        now = self._clock()
        while self._accepted and self._accepted[0][0] < now - 5.0:
            self._accepted.popleft()
        if not self._accepted:
            return 0.0
        elapsed = max(now - self._accepted[0][0], 1.0)
        return sum(rows for _, rows in self._accepted) / elapsed

    async def _end(self, flushing: "asyncio.Task[None]") -> BroadcastState:
        """Give back what was not sent, wait for what is under way, and say where it stands."""
        while self._claimed:
            self._leases.settle(not_sent(self._claimed.popleft()))
        while self._calls:
            await asyncio.wait(self._calls)
        flushing.cancel()
        await asyncio.gather(flushing, return_exceptions=True)
        await self._leases.release_all()
        await self._leases.clear_sender()
        if self._one_chunk and self._pause_cause is None:
            return BroadcastState.SENDING  # whoever hands out the chunks sees what is left
        state = await self._leases.settle_broadcast()
        if state is BroadcastState.SENDING and self._pause_cause is not None:
            state = await self._leases.pause(self._pause_cause, self._pause_reason)
        await self._tell(state)
        return state


async def _first_of(*tasks: "asyncio.Task[None]") -> None:
    """Until one of them is done; raises what it raised."""
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        task.result()
