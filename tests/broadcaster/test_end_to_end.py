"""From the endpoint's pages to what people receive: all of it once, or nothing and the reason."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sending_kit import ACCEPTED, ScriptedChannel, loaded, people

from broadcaster.channels.base import Answer, Verdict
from broadcaster.delivery import BroadcastSender, new_owner
from broadcaster.errors import NotNow
from broadcaster.loading.loader import Loader
from broadcaster.model import (
    FENCE_SECONDS,
    Broadcast,
    BroadcastState,
    Call,
    DeliveryState,
    StopCause,
)
from broadcaster.store import Store, open_store
from checker.api import Config, Endpoint
from mockserver import MockServer
from mockserver.strategies import GeneratedEndpoint, endpoints, rows, texts

FAULTS = ["ROW003", "ROW005", "ROW007", "HTTP007", "JSON001"]
"""Each stops a load: rows with a number for uid, without msg, with a blank msg; a 500; no JSON."""


@pytest.fixture(scope="module")
def mock() -> Iterator[MockServer]:
    with MockServer() as server:
        yield server


def send(store: Store, broadcast: Broadcast, channel: ScriptedChannel) -> BroadcastState:
    store.broadcasts.start_sending(broadcast.number, via="scripted", now=time.time())
    sending = store.broadcasts.get(broadcast.id)

    async def run() -> BroadcastState:
        return await asyncio.wait_for(
            BroadcastSender(store, sending, channel, owner=new_owner()).run(), 60
        )

    return asyncio.run(run())


@given(endpoint=endpoints(row=rows(texts(control_characters=True)), faults=["", "", *FAULTS]))
@settings(max_examples=max(60, settings.default.max_examples // 4))
def test_people_receive_what_the_pages_hold_or_nothing_and_the_reason(
    mock: MockServer, endpoint: GeneratedEndpoint
) -> None:
    mock.play(endpoint.config)
    config = Config(endpoint=Endpoint.parse(mock.endpoint), retries=0, probes=False)
    with TemporaryDirectory() as folder, open_store(f"sqlite:///{folder}/store") as store:
        loader = Loader(store)
        result = loader.load(loader.find_or_create(config, new=True), config)
        channel = ScriptedChannel()
        if result.broadcast.state is BroadcastState.READY:
            assert send(store, result.broadcast, channel) is BroadcastState.DONE
            assert channel.effects == Counter((row["uid"], row["msg"]) for row in endpoint.rows)
        else:
            assert result.broadcast.reason
            assert [each for each in result.report.findings if each.severity == "error"]
            with pytest.raises(NotNow):
                send(store, result.broadcast, channel)
            assert not channel.effects
        assert not is_broken(endpoint) or result.broadcast.state is BroadcastState.BLOCKED


def is_broken(endpoint: GeneratedEndpoint) -> bool:
    """Whether it has a fault; one of a row needs a row."""
    faults = [spec.partition("@") for spec in endpoint.faults]
    return any(
        endpoint.pages[int(page) - 1] or not name.startswith("ROW") for name, _, page in faults
    )


class Unpaced:
    """No pace at all: how the pace gives way has its own tests."""

    rate = 1e9

    async def acquire(self, at_most: int) -> int:
        return at_most

    def give_back(self, calls: int) -> None:
        """Nothing is counted."""

    def record_lost(self) -> None:
        """Nothing is counted."""

    def record_answer(self) -> None:
        """Nothing is counted."""

    def slow_down(self, after_seconds: float | None) -> None:
        """Not here."""


@dataclass
class Line:
    """A channel that behaves as LINE does: a key is taken once, and remembered for 24 hours."""

    clock: "Clock"
    kill: Callable[[], object] = lambda: None
    taken: dict[str, tuple[float, bytes]] = field(default_factory=dict)
    effects: Counter[int] = field(default_factory=Counter)
    refusing: bool = False

    def answer(self, call: Call, chance: Random, plan: "Plan") -> Answer:
        key, now = str(call.key), self.clock()
        known = self.taken.get(key)
        draw = chance.random()
        if draw < plan.killed:
            self._take(key, call) if draw < plan.killed / 2 else None
            self.kill()
            return Answer(verdict=Verdict.UNKNOWN, reason="killed")
        if draw < plan.killed + plan.unknown:
            if draw < plan.killed + plan.unknown / 2:
                self._take(key, call)
            return Answer(verdict=Verdict.UNKNOWN, reason="no answer", after_seconds=0.0)
        if draw < plan.killed + plan.unknown + plan.later:
            return Answer(verdict=Verdict.LATER, reason="slower", after_seconds=0.0)
        if draw < plan.killed + plan.unknown + plan.later + plan.pause:
            return Answer(verdict=Verdict.PAUSE, reason="stop")
        if known is None and self.refusing and call.deliveries[0].row % 5 == 0:
            return Answer(verdict=Verdict.REFUSED, reason="unknown user")
        assert known is None or known[1] == call.request
        assert now < self.clock.start + 1e9
        self._take(key, call)
        return ACCEPTED

    def _take(self, key: str, call: Call) -> None:
        known = self.taken.get(key)
        if known is None or self.clock() - known[0] > 24 * 3600:
            self.taken[key] = (self.clock(), call.request)
            self.effects.update(one.row for one in call.deliveries)


@dataclass
class Plan:
    """How often a call goes wrong in which way."""

    killed: float = 0.0
    unknown: float = 0.0
    later: float = 0.0
    pause: float = 0.0


@dataclass
class Clock:
    """Runs a thousand times as fast as the real one, and can be put forward."""

    start: float = 1_700_000_000.0
    ahead: float = 0.0
    begun: float = field(default_factory=time.monotonic)

    def __call__(self) -> float:
        return self.start + self.ahead + (time.monotonic() - self.begun) * 1000.0


PLANS = st.builds(
    Plan,
    killed=st.sampled_from([0.0, 0.05, 0.3]),
    unknown=st.sampled_from([0.0, 0.1, 0.4]),
    later=st.sampled_from([0.0, 0.1]),
    pause=st.sampled_from([0.0, 0.0, 0.05]),
)


class Broadcasting(RuleBasedStateMachine):
    """Sends, kills, pauses, resumes, retries and lets time pass, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.store = open_store(f"sqlite:///{self.folder.name}/store")
        self.clock = Clock()
        self.line = Line(self.clock)
        self.chance = Random(0)

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    @initialize(rows=st.integers(0, 120), seed=st.integers(0, 2**32), idempotent=st.booleans())
    def load(self, rows: int, seed: int, idempotent: bool) -> None:
        self.rows, self.idempotent = rows, idempotent
        self.chance = Random(seed)
        self.number = loaded(self.store, people(rows), now=self.clock()).number
        self.id = self.store.broadcasts.newest(10)[0].id

    @rule(plan=PLANS)
    def send(self, plan: Plan) -> None:
        channel = ScriptedChannel(idempotent=False, concurrency=4)
        channel.script = lambda call: self.line.answer(call, self.chance, plan)
        channel.idempotent = self.idempotent
        channel._answer = channel.script  # type: ignore[method-assign]  # the keys are Line's
        self.free_the_dead()
        try:
            self.store.broadcasts.start_sending(self.number, via="line", now=self.clock())
        except NotNow:
            assert self.state() in (BroadcastState.DONE, BroadcastState.CANCELLED)
            return
        sender = BroadcastSender(
            self.store,
            self.store.broadcasts.get(self.id),
            channel,
            owner=new_owner(),
            clock=self.clock,
            lease_seconds=1e7,
            pace=Unpaced(),
        )

        async def run() -> None:
            """As if killed: a cancelled run records nothing more."""
            sending = asyncio.ensure_future(sender.run())
            loop = asyncio.get_running_loop()
            self.line.kill = lambda: loop.call_soon(sending.cancel)
            await asyncio.wait({sending}, timeout=30)
            assert sending.done()
            if not sending.cancelled():
                sending.result()

        asyncio.run(run())

    def free_the_dead(self) -> None:
        """As a command does; these senders died in a process that lives on."""
        for owner in self.store.broadcasts.senders(self.number, self.clock()):
            self.store.broadcasts.clear_sender(self.number, owner)
        for owner in self.store.ledger.owners(self.number, self.clock()):
            self.store.ledger.free(self.number, owner)

    def state(self) -> BroadcastState:
        return self.store.broadcasts.state(self.number)

    @rule(hours=st.sampled_from([1, 22, 25, 25]))
    def time_passes(self, hours: int) -> None:
        self.clock.ahead += hours * 3600.0

    @rule()
    def users_leave_or_come_back(self) -> None:
        self.line.refusing = not self.line.refusing

    @rule()
    def pause(self) -> None:
        if self.state() is BroadcastState.SENDING:
            self.store.broadcasts.pause(self.number, StopCause.PERSON, self.clock())

    @precondition(lambda self: self.state() in (BroadcastState.PAUSED, BroadcastState.DONE))
    @rule()
    def retry_the_refused(self) -> None:
        self.store.ledger.reopen(self.number, [DeliveryState.REFUSED], now=self.clock())

    @invariant()
    def every_row_is_in_one_state(self) -> None:
        if hasattr(self, "number"):
            counts = self.store.broadcasts.counts(self.number)
            assert sum(counts.values()) == self.rows

    @invariant()
    def nobody_got_it_twice(self) -> None:
        assert all(count == 1 for count in self.line.effects.values())

    @invariant()
    def whoever_is_accepted_got_it(self) -> None:
        if hasattr(self, "number"):
            counts = self.store.broadcasts.counts(self.number)
            in_doubt = sum(
                counts[state]
                for state in (DeliveryState.SENDING, DeliveryState.UNKNOWN, DeliveryState.HELD)
            )
            received = len(self.line.effects)
            assert counts[DeliveryState.ACCEPTED] <= received
            assert received <= counts[DeliveryState.ACCEPTED] + in_doubt


TestBroadcasting = Broadcasting.TestCase
TestBroadcasting.settings = settings(
    max_examples=max(30, settings.default.max_examples // 10),
    stateful_step_count=12,
    suppress_health_check=list(HealthCheck),
)


def test_what_was_interrupted_is_not_repeated_after_a_day() -> None:
    run = Broadcasting()
    run.load(rows=60, seed=1, idempotent=True)
    run.send(Plan(killed=0.3))
    reached = set(run.line.effects)
    assert reached
    run.time_passes(25)
    run.send(Plan())
    run.nobody_got_it_twice()
    counts = run.store.broadcasts.counts(run.number)
    # the others were never called, by the sender's own record
    assert len(reached) <= counts[DeliveryState.HELD] <= 54
    assert counts[DeliveryState.ACCEPTED] == 60 - counts[DeliveryState.HELD]
    run.teardown()


def test_the_fence_stands_before_the_keys_run_out() -> None:
    assert FENCE_SECONDS < 24 * 3600
