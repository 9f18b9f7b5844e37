"""What dead senders left behind. Their leases end at once where this machine knows that they died.

Of a cancelled broadcast nobody will lease the chunk again, so whoever looks next settles what they
left in mid-call.
"""

import time
from collections.abc import Iterable, Iterator

from broadcaster.delivery.owner import is_dead
from broadcaster.model import Broadcast, BroadcastState, DeliveryState
from broadcaster.store import Store

__all__ = ["cancel", "free_dead", "settle_all_orphans", "settle_orphans"]

_IN_DOUBT = (DeliveryState.SENDING, DeliveryState.UNKNOWN)


def free_dead(store: Store, number: int) -> list[str]:
    """End the leases of owners that are surely dead; gives the other owners."""
    alive = []
    now = time.time()
    for owner in store.ledger.owners(number, now) | store.broadcasts.senders(number, now):
        if is_dead(owner):
            store.ledger.free(number, owner)
            store.broadcasts.clear_sender(number, owner)
        else:
            alive.append(owner)
    return alive


def cancel(store: Store, broadcast: Broadcast) -> Broadcast:
    """Nothing more of it is sent, ever; what is in doubt and in nobody's hands is held. Raises
    NotNow when it has ended already.
    """
    settle_orphans(store, broadcast)
    store.broadcasts.cancel(broadcast.number, time.time())
    return settle_orphans(store, store.broadcasts.get(broadcast.id))


def settle_orphans(store: Store, broadcast: Broadcast) -> Broadcast:
    """The broadcast; when it is cancelled, with all held that is in doubt, but for what a sender
    still has under way, or one of another machine whose lease has not run out.
    """
    cancelled = broadcast.state is BroadcastState.CANCELLED and broadcast.forgotten_at is None
    if not cancelled or not any(broadcast.counts.get(state) for state in _IN_DOUBT):
        return broadcast
    free_dead(store, broadcast.number)
    if not store.ledger.hold_cancelled(time.time(), broadcast.number):
        return broadcast
    return store.broadcasts.get(broadcast.id)


def settle_all_orphans(store: Store, broadcasts: Iterable[Broadcast]) -> Iterator[Broadcast]:
    """The same of each."""
    return (settle_orphans(store, one) for one in broadcasts)
