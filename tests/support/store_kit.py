"""What tests of the store, and of all that stands on it, share: rows put in, calls made of them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from broadcaster.model import (
    Broadcast,
    Call,
    Chunk,
    Delivery,
    DeliveryState,
    Settlement,
    retry_key,
)
from broadcaster.store import Store
from broadcaster.store.loads import StoredPage

Row = tuple[str, str]

LOADER = "loader"
FOREVER = 1e12


def rows_of(count: int, first: int = 0) -> list[Row]:
    """Rows that are all different."""
    return [(f"U{n:032x}", f"message {n}") for n in range(first, first + count)]


def begin_load(store: Store, owner: str = LOADER, now: float = 1.0) -> Broadcast:
    """A broadcast that is being loaded."""
    broadcast = store.broadcasts.create(now=now, endpoint="http://api.example/r", endpoint_key="k")
    store.loads.begin(broadcast.number, owner, until=FOREVER, now=now)
    return broadcast


def page_of(number: int, first_row: int, rows: Sequence[Row], *, last: bool = False) -> StoredPage:
    """The page with this number, from 1."""
    return StoredPage(
        page=number,
        token=None if number == 1 else f"t{number - 1}",
        next_token=None if last else f"t{number}",
        first_row=first_row,
        rows=len(rows),
        headers={"Content-Type": "application/json"},
        seconds=0.01,
    )


def add_pages(
    store: Store, broadcast: Broadcast, rows: Iterable[Row], page_rows: int = 499
) -> None:
    """Put the rows in, page by page, behind those that are there."""
    found = store.broadcasts.get(broadcast.id)
    page, first_row = found.pages, found.rows
    source = iter(rows)
    while some := list(islice(source, page_rows)):
        page += 1
        stored = page_of(page, first_row, some)
        store.loads.add_page(broadcast.number, LOADER, stored, some, until=FOREVER, now=1.0)
        first_row += len(some)


def loaded(store: Store, rows: Iterable[Row], page_rows: int = 499) -> Broadcast:
    """A broadcast of these rows that is ready."""
    broadcast = begin_load(store)
    add_pages(store, broadcast, rows, page_rows)
    store.loads.finish(broadcast.number, LOADER, {"verdict": "pass", "findings": []}, 2.0)
    return store.broadcasts.get(broadcast.id)


def sending(store: Store, rows: Iterable[Row], *, at_least_once: bool = False) -> Broadcast:
    """A broadcast of these rows that is being sent."""
    broadcast = loaded(store, rows)
    store.broadcasts.start_sending(
        broadcast.number, via="console", now=3.0, at_least_once=at_least_once
    )
    return store.broadcasts.get(broadcast.id)


def one_call_each(broadcast: Broadcast) -> Callable[[Sequence[Delivery]], list[Call]]:
    """What makes the calls, on a channel that takes one row a call."""

    def prepare(deliveries: Sequence[Delivery]) -> list[Call]:
        return [
            Call(
                key=retry_key(broadcast.id, one.sent_with, one.generation),
                request=f"{one.uid}\0{one.msg}".encode(),
                deliveries=(one,),
            )
            for one in deliveries
        ]

    return prepare


def claimed_calls(
    store: Store, broadcast: Broadcast, chunk: Chunk, *, now: float = 10.0, at_most: int = 500
) -> list[Call]:
    """What a sender claims of its chunk: rows found, calls made of them, and claimed."""
    found = store.ledger.peek(chunk, now=now, at_most=at_most)
    return store.ledger.claim(chunk, one_call_each(broadcast)(found), now=now)


def claimed(
    store: Store, broadcast: Broadcast, chunk: Chunk, *, now: float = 10.0, at_most: int = 500
) -> list[Delivery]:
    """The rows of these calls."""
    return list(deliveries_of(claimed_calls(store, broadcast, chunk, now=now, at_most=at_most)))


def deliveries_of(calls: Iterable[Call]) -> Iterator[Delivery]:
    """The rows of the calls."""
    for call in calls:
        yield from call.deliveries


def settled_as(
    deliveries: Iterable[Delivery],
    state: DeliveryState,
    *,
    reason: str | None = None,
    not_before: float | None = None,
    unsent: bool = False,
) -> list[Settlement]:
    """All of them, ended alike."""
    return [
        Settlement(delivery=one, state=state, reason=reason, not_before=not_before, unsent=unsent)
        for one in deliveries
    ]


def send_all(
    store: Store, broadcast: Broadcast, owner: str = "sender", *, now: float = 10.0
) -> int:
    """Everything that can be sent now is accepted; gives how many rows that were."""
    sent = 0
    while chunk := store.ledger.lease(
        broadcast.number, owner, now=now, lease_seconds=60.0, repeatable=True
    ):
        taken = claimed(store, broadcast, chunk, now=now)
        store.ledger.settle(settled_as(taken, DeliveryState.ACCEPTED), now + 1)
        store.ledger.release(chunk)
        sent += len(taken)
    return sent
