"""What tests of sending share: a loaded broadcast, and a channel that answers as it is told."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from broadcaster.channels.base import Answer, Quota, Verdict
from broadcaster.model import Broadcast, Call, Delivery
from broadcaster.store import Store
from broadcaster.store.loads import StoredPage

ACCEPTED = Answer(verdict=Verdict.ACCEPTED, reference="request-1")
PAGE_ROWS = 400
REPORT = {"verdict": "pass", "crawl": {"ended_by": "empty-next"}, "findings": []}


def loaded(store: Store, rows: Sequence[tuple[str, str]], *, now: float = 1000.0) -> Broadcast:
    """A broadcast of these rows, ready to be sent."""
    made = store.broadcasts.create(now=now, endpoint="https://api.example/recipients")
    store.loads.begin(made.number, "kit", until=now + 60, now=now)
    for page, first in enumerate(range(0, len(rows), PAGE_ROWS), 1):
        some = rows[first : first + PAGE_ROWS]
        stored = StoredPage(
            page=page,
            token=None,
            next_token=None,
            first_row=first,
            rows=len(some),
            headers={},
            seconds=0.0,
        )
        store.loads.add_page(made.number, "kit", stored, some, until=now + 60, now=now)
    store.loads.finish(made.number, "kit", REPORT, now)
    return store.broadcasts.get(made.id)


def begun(store: Store, rows: Sequence[tuple[str, str]], **options: object) -> Broadcast:
    """A broadcast of these rows that is being sent."""
    made = loaded(store, rows)
    store.broadcasts.start_sending(made.number, via="scripted", now=1000.0, **options)  # type: ignore[arg-type]
    return store.broadcasts.get(made.id)


def people(count: int) -> list[tuple[str, str]]:
    """So many rows, each for somebody else, each with a text of its own."""
    return [(f"U{row:032x}", f"Hello number {row} \N{PARTY POPPER}") for row in range(count)]


@dataclass
class ScriptedChannel:
    """A channel of this process. `script` decides each call; `effects` are what people received.

    An idempotent one takes a key once, as LINE does, and says so when it comes again.
    """

    script: Callable[[Call], Answer] = lambda _call: ACCEPTED
    name: str = "scripted"
    idempotent: bool = True
    rate: float | None = None
    concurrency: int = 8
    group_limit: int = 1
    row_format: str | None = None
    latency_seconds: float = 0.0
    takes_what_it_does_not_confirm: bool = False
    effects: Counter[tuple[str, str]] = field(default_factory=Counter)
    calls: list[Call] = field(default_factory=list)
    requests: dict[str, bytes] = field(default_factory=dict)
    most_at_once: int = 0
    _now: int = 0

    def render(self, uids: Sequence[str], msg: str) -> bytes:
        return repr((list(uids), msg)).encode()

    async def open(self) -> None:
        """Nothing to get ready."""

    async def close(self) -> None:
        """Nothing to let go of."""

    async def quota(self) -> Quota | None:
        return None

    async def validate(self, requests: Sequence[bytes]) -> str | None:
        return None

    async def send(self, call: Call) -> Answer:
        self.calls.append(call)
        self._now += 1
        self.most_at_once = max(self.most_at_once, self._now)
        try:
            await asyncio.sleep(self.latency_seconds)
            return self._answer(call)
        finally:
            self._now -= 1

    def _answer(self, call: Call) -> Answer:
        key = str(call.key)
        known = self.requests.get(key)
        assert known is None or known == call.request, "a repeat must be the same request"
        if self.idempotent and known is not None:
            return ACCEPTED
        answer = self.script(call)
        lost = answer.verdict is Verdict.UNKNOWN and self.takes_what_it_does_not_confirm
        if answer.verdict is Verdict.ACCEPTED or lost:
            self.requests[key] = call.request
            self.effects.update((one.uid, one.msg) for one in call.deliveries)
        return answer


def delivery(row: int = 0, **changes: object) -> Delivery:
    """A delivery as the ledger gives one."""
    values: dict[str, object] = {
        "broadcast": 1,
        "chunk": 0,
        "row": row,
        "uid": f"U{row}",
        "msg": "Hello",
        "attempt": 1,
        "sent_with": row,
        "first_attempt_at": 1000.0,
    }
    return Delivery(**(values | changes))  # type: ignore[arg-type]
