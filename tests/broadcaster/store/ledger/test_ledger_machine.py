"""The ledger against a plain model of it, in any order of things that can happen to it.

The model knows the law and not the tables: for each row its state, its claims, and what is known of
each claim. After every step the store is compared with it, and with its own laws.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from store_kit import deliveries_of, loaded, one_call_each, rows_of, settled_as

from broadcaster.errors import NotNow
from broadcaster.model import (
    END_STATES,
    FENCE_SECONDS,
    BroadcastState,
    Call,
    Chunk,
    Delivery,
    DeliveryState,
    StopCause,
)
from broadcaster.store import Store

READY, SENDING, ACCEPTED, REFUSED, UNKNOWN, HELD = DeliveryState
CANCELLED = BroadcastState.CANCELLED
OWNERS = ("a", "b", "c")
LEASE_SECONDS = 60.0
SIZES = (2, 1, 3, 12, 0, 501)  # few, so that the same row is met again


@dataclass
class Row:
    """What the model knows of a row. `doubt`: an attempt of this generation may have been taken."""

    state: DeliveryState = READY
    attempt: int = 0
    generation: int = 0
    begun_at: float | None = None
    not_before: float | None = None
    doubt: bool = False
    ever_accepted: bool = False


@dataclass
class Piece:
    """A chunk in the model."""

    first: int
    rows: int
    owner: str | None = None
    until: float = 0.0
    not_before: float = 0.0


@dataclass
class Model:
    rows: list[Row] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    state: BroadcastState = BroadcastState.READY
    limit: int | None = None

    def of(self, piece: Piece) -> list[Row]:
        return self.rows[piece.first : piece.first + piece.rows]

    def piece_at(self, first: int) -> Piece:
        return next(piece for piece in self.pieces if piece.first == first)

    def is_open(self, piece: Piece) -> bool:
        return any(row.state not in END_STATES for row in self.of(piece))

    def free(self, now: float, limit: int | None) -> list[Piece]:
        if self.state is not BroadcastState.SENDING:
            return []
        return [
            piece
            for piece in self.pieces
            if self.is_open(piece) and piece.until <= now and piece.not_before <= now
            if limit is None or piece.first < limit
        ]


class LedgerMachine(RuleBasedStateMachine):
    """`store` and `repeatable` are set by the test that runs it."""

    store: Store
    repeatable: bool

    @initialize(size=st.sampled_from(SIZES))
    def begin(self, size: int) -> None:
        self.now = 1_000.0
        self.broadcast = loaded(self.store, rows_of(size))
        self.number = self.broadcast.number
        self.model = Model(rows=[Row() for _ in range(size)])
        self.model.pieces = [Piece(n, min(500, size - n)) for n in range(0, size, 500)]
        self.chunks: list[Chunk] = []
        self.claims: list[Delivery] = []
        self.found: list[tuple[Chunk, list[Call]]] = []
        self.start()

    # What time does

    @rule(seconds=st.sampled_from([61.0, 0.5, 10.0, -30.0, FENCE_SECONDS, FENCE_SECONDS - 30]))
    def time_goes_on(self, seconds: float) -> None:
        """Or back, as clocks do."""
        self.now += seconds

    # What senders do

    @rule(owner=st.sampled_from(OWNERS), limited=st.booleans())
    def lease(self, owner: str, limited: bool) -> None:
        limit = self.model.limit if limited else None
        chunk = self.store.ledger.lease(
            self.number,
            owner,
            now=self.now,
            lease_seconds=LEASE_SECONDS,
            repeatable=self.repeatable,
            limit=limit,
        )
        free = self.model.free(self.now, limit)
        assert (chunk is None) == (not free)
        if chunk is None:
            return
        piece = free[0]
        assert (chunk.first_row, chunk.rows) == (piece.first, piece.rows)
        piece.owner, piece.until, piece.not_before = owner, self.now + LEASE_SECONDS, 0.0
        for row in self.model.of(piece):
            if row.state is SENDING or (row.state is UNKNOWN and not self.repeatable):
                row.state, row.not_before = (UNKNOWN if self.repeatable else HELD), None
            if row.state is UNKNOWN and self.is_late(row):
                row.state, row.not_before = HELD, None
        self.chunks.append(chunk)

    def is_late(self, row: Row) -> bool:
        begun_at = self.now if row.begun_at is None else row.begun_at
        return self.now - begun_at >= FENCE_SECONDS

    @rule(owner=st.sampled_from(OWNERS))
    def lease_and_claim(self, owner: str) -> None:
        """What senders do most of the time, with what they hold or may have."""
        before = len(self.chunks)
        self.lease(owner, limited=True)
        for chunk in self.chunks[before:] or self.chunks[:]:
            self._claim(chunk, 500)

    @precondition(lambda self: self.chunks)
    @rule(data=st.data(), at_most=st.sampled_from([500, 1, 2, 7]))
    def claim(self, data: Any, at_most: int) -> None:
        """Also under leases of long ago."""
        self._claim(data.draw(st.sampled_from(self.chunks), label="chunk"), at_most)

    def _claim(self, chunk: Chunk, at_most: int) -> None:
        found = self.store.ledger.peek(chunk, now=self.now, at_most=at_most)
        calls = one_call_each(self.broadcast)(found)
        self.found.append((chunk, calls))
        claimed = list(deliveries_of(self.store.ledger.claim(chunk, calls, now=self.now)))
        assert [one.row for one in claimed] == self._may_be_claimed(chunk, at_most)
        for one in claimed:
            self._claimed(one)

    @precondition(lambda self: self.found)
    @rule(data=st.data())
    def claim_what_was_found_before(self, data: Any) -> None:
        """Whatever has become of its rows since."""
        chunk, calls = data.draw(st.sampled_from(self.found), label="found")
        piece = self.model.piece_at(chunk.first_row)
        ours = piece.owner == chunk.owner and self.model.state is BroadcastState.SENDING
        expected = [
            one.row
            for one in deliveries_of(calls)
            if ours and one.row < piece.first + piece.rows and self._is_as_found(one)
        ]
        claimed = list(deliveries_of(self.store.ledger.claim(chunk, calls, now=self.now)))
        assert [one.row for one in claimed] == expected
        for one in claimed:
            self._claimed(one)

    def _is_as_found(self, one: Delivery) -> bool:
        row = self.model.rows[one.row]
        same = (row.generation, row.attempt + 1) == (one.generation, one.attempt)
        state = UNKNOWN if one.doubtful else READY
        return same and row.state is state and not (one.doubtful and self.is_late(row))

    def _may_be_claimed(self, chunk: Chunk, at_most: int) -> list[int]:
        piece = self.model.piece_at(chunk.first_row)
        if piece.owner != chunk.owner or self.model.state is not BroadcastState.SENDING:
            return []
        claimable = {READY, UNKNOWN} if self.repeatable else {READY}
        due = [
            number
            for number in range(piece.first, piece.first + piece.rows)
            if self.model.rows[number].state in claimable
            and (self.model.rows[number].not_before or 0.0) <= self.now
        ][:at_most]
        rows = self.model.rows
        return [n for n in due if not (rows[n].state is UNKNOWN and self.is_late(rows[n]))]

    def _claimed(self, one: Delivery) -> None:
        row = self.model.rows[one.row]
        assert row.state in (READY, UNKNOWN), "claimed by two at once"
        assert not row.ever_accepted, "sent again though it was accepted"
        assert self.repeatable or not row.doubt, "sent again though it may have been taken"
        assert (one.uid, one.msg) == rows_of(1, one.row)[0]
        assert one.doubtful == (row.state is UNKNOWN)
        assert (one.generation, one.attempt) == (row.generation, row.attempt + 1)
        row.state, row.attempt, row.not_before, row.doubt = SENDING, one.attempt, None, True
        row.begun_at = self.now if row.begun_at is None else row.begun_at
        assert one.first_attempt_at == row.begun_at
        self.claims.append(one)

    @precondition(lambda self: self.claims)
    @rule(
        data=st.data(),
        state=st.sampled_from([ACCEPTED, REFUSED, READY, UNKNOWN, HELD]),
        pause=st.sampled_from([None, 5.0, 100.0]),
    )
    def settle(self, data: Any, state: DeliveryState, pause: float | None) -> None:
        """Also answers that come late, twice, or for an attempt of long ago."""
        if state is UNKNOWN and not self.repeatable:
            state = HELD  # as senders do
        some = data.draw(
            st.lists(st.sampled_from(self.claims), min_size=1, max_size=12) | st.just(self.claims),
            label="claims",
        )
        not_before = None if pause is None or state in END_STATES else self.now + pause
        self.store.ledger.settle(settled_as(some, state, not_before=not_before), self.now)
        for one in some:
            self._settled(one, state, not_before, unsent=False)

    @precondition(lambda self: self.claims)
    @rule(state=st.sampled_from([REFUSED, UNKNOWN, READY, HELD, ACCEPTED]))
    def answer_all(self, state: DeliveryState) -> None:
        """All that is under way, now."""
        state = HELD if state is UNKNOWN and not self.repeatable else state
        rows = self.model.rows
        under_way = [
            one
            for one in self.claims
            if rows[one.row].state is SENDING
            and (rows[one.row].generation, rows[one.row].attempt) == (one.generation, one.attempt)
        ]
        self.store.ledger.settle(settled_as(under_way, state), self.now)
        for one in under_way:
            self._settled(one, state, None, unsent=False)

    @precondition(lambda self: self.claims)
    @rule(data=st.data())
    def give_back(self, data: Any) -> None:
        """Claimed, and no call made: each claim once, as a sender knows which calls it made."""
        one = data.draw(st.sampled_from(self.claims), label="claim")
        self.claims.remove(one)
        state = UNKNOWN if one.doubtful else READY
        self.store.ledger.settle(settled_as([one], state, unsent=True), self.now)
        self._settled(one, state, None, unsent=True)

    def _settled(
        self, one: Delivery, state: DeliveryState, not_before: float | None, *, unsent: bool
    ) -> None:
        row = self.model.rows[one.row]
        ours = row.state is SENDING and (row.generation, row.attempt) == (
            one.generation,
            one.attempt,
        )
        if state is ACCEPTED:
            row.ever_accepted = True
        elif not ours:
            return
        if row.state is ACCEPTED:
            return
        if state is READY and one.doubtful:
            state = UNKNOWN
        if ours:
            row.doubt = state is not READY
        row.state, row.not_before = state, not_before
        if unsent:
            row.attempt -= 1
            row.begun_at = row.begun_at if row.attempt else None

    @precondition(lambda self: self.chunks)
    @rule(data=st.data())
    def release(self, data: Any) -> None:
        chunk = data.draw(st.sampled_from(self.chunks), label="chunk")
        self.chunks.remove(chunk)
        self.store.ledger.release(chunk)
        piece = self.model.piece_at(chunk.first_row)
        if piece.owner == chunk.owner:
            waits = [
                r.not_before or 0.0 for r in self.model.of(piece) if r.state in (READY, UNKNOWN)
            ]
            piece.owner, piece.until, piece.not_before = None, 0.0, min(waits, default=0.0)

    @precondition(lambda self: self.chunks)
    @rule(owner=st.sampled_from(OWNERS))
    def renew(self, owner: str) -> None:
        firsts = sorted({chunk.first_row for chunk in self.chunks})
        until = self.now + LEASE_SECONDS
        kept = self.store.ledger.renew(self.number, owner, firsts, until)
        mine = [p for p in self.model.pieces if p.owner == owner and p.first in firsts]
        assert kept == {piece.first for piece in mine}
        for piece in mine:
            piece.until = until

    # What persons do

    @rule(owner=st.sampled_from(OWNERS))
    def bury(self, owner: str) -> None:
        self.store.ledger.free(self.number, owner)
        for piece in self.model.pieces:
            if piece.owner == owner:
                piece.owner, piece.until = None, 0.0

    @rule()
    def look_after(self) -> None:
        """What whoever looks at a cancelled broadcast does."""
        held = 0
        for piece in self.model.pieces:
            doubtful = [r for r in self.model.of(piece) if r.state in (SENDING, UNKNOWN)]
            if not doubtful or piece.until > self.now or self.model.state is not CANCELLED:
                continue
            piece.owner, piece.until = None, 0.0
            for row in doubtful:
                row.state, row.not_before = HELD, None
            held += len(doubtful)
        assert self.store.ledger.hold_cancelled(self.now, self.number) == held

    @rule(what=st.sampled_from(["start", "pause", "canary", "cancel"]))
    def command(self, what: str) -> None:
        if what == "pause":
            with self._allowed(BroadcastState.SENDING, BroadcastState.PAUSED):
                self.store.broadcasts.pause(self.number, StopCause.PERSON, self.now)
                self.model.state = BroadcastState.PAUSED
        elif what != "cancel":
            self.start(5 if what == "canary" else None)
        elif self.now > 200_000:  # rarely, as it is the end
            ended = {BroadcastState.DONE, BroadcastState.CANCELLED}
            with self._allowed(*(set(BroadcastState) - ended)):
                self.store.broadcasts.cancel(self.number, self.now)
                self.model.state = BroadcastState.CANCELLED

    def start(self, limit: int | None = None) -> None:
        with self._allowed(BroadcastState.READY, BroadcastState.PAUSED, BroadcastState.SENDING):
            self.store.broadcasts.start_sending(
                self.number, via="console", now=self.now, limit=limit
            )
            self.model.state, self.model.limit = BroadcastState.SENDING, limit

    @contextmanager
    def _allowed(self, *states: BroadcastState) -> Iterator[None]:
        if self.model.state in states:
            yield
        else:
            with pytest.raises(NotNow):
                yield

    @rule()
    def see_whether_it_is_done(self) -> None:
        state = self.store.broadcasts.settle(self.number, self.now)
        if self.model.state is BroadcastState.SENDING:
            waiting = [piece.first for piece in self.model.pieces if self.model.is_open(piece)]
            if not waiting:
                self.model.state = BroadcastState.DONE
            elif self.model.limit is not None and min(waiting) >= self.model.limit:
                self.model.state = BroadcastState.PAUSED
        assert state is self.model.state

    @rule(row=st.sampled_from([1, 5, 250, 510]))
    def split(self, row: int) -> None:
        done = self.store.ledger.split(self.number, row, self.now)
        whole = next((p for p in self.model.pieces if p.first < row < p.first + p.rows), None)
        if whole is None:
            assert done
            return
        busy = whole.until > self.now or any(r.state is SENDING for r in self.model.of(whole))
        assert done == (not busy)
        if done:
            rest = Piece(row, whole.first + whole.rows - row, not_before=whole.not_before)
            whole.rows, whole.owner, whole.until = row - whole.first, None, 0.0
            self.model.pieces.append(rest)
            self.model.pieces.sort(key=lambda piece: piece.first)

    @rule(states=st.sampled_from([(REFUSED,), (HELD,), (REFUSED, HELD)]))
    def reopen(self, states: tuple[DeliveryState, ...]) -> None:
        again = [row for row in self.model.rows if row.state in states]
        if again and self.model.state is BroadcastState.CANCELLED:
            with pytest.raises(NotNow):
                self.store.ledger.reopen(self.number, states, now=self.now)
            return
        assert self.store.ledger.reopen(self.number, states, now=self.now) == len(again)
        if again and self.model.state is BroadcastState.DONE:
            self.model.state = BroadcastState.PAUSED
        for piece in self.model.pieces:
            if any(row.state in states for row in self.model.of(piece)):
                piece.not_before = 0.0
        for row in again:
            if row.state is HELD:  # it may have arrived, so it keeps its key
                row.begun_at = self.now if row.attempt else None
            else:
                row.attempt, row.begun_at, row.generation = 0, None, row.generation + 1
            row.state, row.not_before = READY, None
            row.doubt = False  # a person chose so

    @rule(owner=st.sampled_from(OWNERS))
    def retry(self, owner: str) -> None:
        """What `broadcast retry` does."""
        self.reopen((REFUSED, HELD))
        if self.model.state is BroadcastState.PAUSED:
            self.start()
        self.lease_and_claim(owner)

    # What is always so

    @invariant()
    def the_store_is_as_the_model(self) -> None:
        if not hasattr(self, "model"):
            return
        with self.store.reading() as connection:
            counted = connection.execute(
                sa.text(
                    "SELECT c.first_row, c.rows, c.ready, c.sending, c.accepted, c.refused,"
                    " c.unknown, c.held, d.state, count(d.row) FROM chunks c LEFT JOIN deliveries d"
                    " ON d.broadcast = c.broadcast AND d.row >= c.first_row"
                    " AND d.row < c.first_row + c.rows WHERE c.broadcast = :number"
                    " GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9"
                ),
                {"number": self.number},
            ).all()
            total = connection.execute(
                sa.text("SELECT count(*) FROM deliveries WHERE broadcast = :number"),
                {"number": self.number},
            ).scalar_one()
        assert total == len(self.model.rows)
        for _first, rows, *counts, code, really in counted:
            assert sum(counts) == rows
            assert counts[code] == really
        assert {(piece.first, piece.rows) for piece in self.model.pieces} == {
            (first, rows) for first, rows, *_ in counted
        }
        states = [one.state for one in self.store.outcomes.each(self.number)]
        assert states == [row.state for row in self.model.rows]
        assert all(row.state is ACCEPTED for row in self.model.rows if row.ever_accepted), (
            "accepted turned back"
        )
        found = self.store.broadcasts.get(self.broadcast.id)
        assert found.state is self.model.state
        assert sum(found.counts.values()) == found.rows == total

    @invariant()
    def it_is_known_when_something_is_due(self) -> None:
        if not hasattr(self, "model"):
            return
        due = [max(p.not_before, p.until) for p in self.model.pieces if self.model.is_open(p)]
        assert self.store.ledger.next_due_at(self.number) == min(due, default=None)


@pytest.mark.parametrize("repeatable", [True, False], ids=["repeatable", "once"])
def test_whatever_happens_to_the_ledger(store: Store, repeatable: bool) -> None:
    machine = type("Machine", (LedgerMachine,), {"store": store, "repeatable": repeatable})
    examples = max(settings().max_examples // 10, 30)  # each takes as long as ten of another law
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
