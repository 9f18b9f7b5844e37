"""Who got the same message already: from broadcasts that are kept, and from forgotten ones."""

from store_kit import Row, loaded, rows_of, send_all, sending

from broadcaster.model import SENT_BEFORE_DAYS, Broadcast
from broadcaster.store import Store
from broadcaster.store.repeats import SentBefore, message_digest

VIA = ("console",)
DAY = 86_400.0


def sent(store: Store, rows: list[Row]) -> Broadcast:
    """A broadcast of these rows that is done, begun at the moment 3.0."""
    one = sending(store, rows)
    send_all(store, one)
    store.broadcasts.settle(one.number, 20.0)
    return one


def asked(store: Store, rows: list[Row], since: float = 0.0) -> SentBefore:
    return store.repeats.sent_since(loaded(store, rows).number, since, via=VIA)


def test_a_forgotten_broadcast_is_still_known_to_have_sent(store: Store) -> None:
    one = sent(store, rows_of(7))
    store.erasure.forget(one.number, 30.0)
    assert asked(store, rows_of(10)) == SentBefore(rows=7, broadcast=one.id)
    assert asked(store, [*rows_of(2), *rows_of(2)]).rows == 4
    assert asked(store, [(uid, "other") for uid, _ in rows_of(7)]) == SentBefore(rows=0)
    assert asked(store, rows_of(10), since=4.0) == SentBefore(rows=0)


def test_a_row_that_was_sent_twice_counts_once(store: Store) -> None:
    first, second = sent(store, rows_of(5)), sent(store, rows_of(4, first=2))
    store.erasure.forget(first.number, 30.0)
    assert asked(store, rows_of(9)) == SentBefore(rows=6, broadcast=second.id)


def test_what_was_never_sent_leaves_no_digest(store: Store) -> None:
    one = loaded(store, rows_of(5))
    store.erasure.forget(one.number, 30.0)
    half = sending(store, rows_of(5))
    store.broadcasts.cancel(half.number, 6.0)
    store.erasure.forget(half.number, 30.0)
    assert asked(store, rows_of(5)) == SentBefore(rows=0)


def test_digests_go_after_a_week(store: Store) -> None:
    old, new = sent(store, rows_of(5)), sent(store, rows_of(3, first=10))
    store.erasure.forget(old.number, 30.0)
    assert asked(store, rows_of(5)).rows == 5
    store.erasure.forget(new.number, 3.0 + SENT_BEFORE_DAYS * DAY + 1.0)
    assert asked(store, rows_of(20)) == SentBefore(rows=0)


def test_digests_tell_uid_and_message_apart() -> None:
    pairs = [("a", "bc"), ("ab", "c"), ("", "abc"), ("abc", ""), ("a", "bd"), ("1", ":1")]
    assert len({message_digest(*pair) for pair in pairs}) == len(pairs)
