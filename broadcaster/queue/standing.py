"""How a broadcast that workers send stands: its chunks, the workers that run, and the pace."""

from dataclasses import dataclass

from broadcaster.model import Broadcast, BroadcastState
from broadcaster.queue.slots import PaceStanding, paces_in_use
from broadcaster.store import Store
from broadcaster.store.queue_figures import ChunkFigures

__all__ = ["QueueStanding", "queue_standing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueStanding:
    """`workers` is how many run that send by the channel of the broadcast. `pace` is None while
    nobody calls the channel.
    """

    chunks: ChunkFigures
    workers: int
    pace: PaceStanding | None = None


def queue_standing(store: Store, broadcast: Broadcast, now: float) -> QueueStanding | None:
    """None for a broadcast that workers do not send now."""
    sending = broadcast.state is BroadcastState.SENDING
    if not sending or not store.chunk_queue.holds(broadcast.number):
        return None
    paces = paces_in_use(*store.paces.read())
    found = [paces.get(name) for name in (broadcast.via, f"broadcast {broadcast.id}")]
    used = [pace for pace in found if pace is not None]
    return QueueStanding(
        chunks=store.queue_figures.of_broadcast(broadcast.number, now),
        workers=store.workers.alive(now, broadcast.via),
        # where its own rate is the lower one, that of the channel does not matter
        pace=min(used, key=lambda pace: pace.rate, default=None),
    )
