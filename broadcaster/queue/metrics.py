"""Figures for Prometheus. They name queues, channels (masked) and states, never a customer."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from broadcaster.errors import StoreError
from broadcaster.queue.chunk_jobs import WorkObserver
from broadcaster.store import Store

__all__ = ["CONTENT_TYPE", "StoreFigures", "WorkerFigures", "metrics_text", "not_ready", "store_up"]

CONTENT_TYPE = CONTENT_TYPE_LATEST
_BUCKETS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)


class WorkerFigures(WorkObserver):
    """What one worker did."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._busy = Gauge(
            "broadcast_worker_busy_chunks", "Chunks that are being sent.", registry=registry
        )
        self._seconds = Histogram(
            "broadcast_worker_chunk_seconds",
            "How long a chunk took.",
            ["outcome"],
            buckets=_BUCKETS,
            registry=registry,
        )
        self._answers = Counter(
            "broadcast_worker_answers",
            "What channels answered.",
            ["channel", "verdict"],
            registry=registry,
        )
        self._again = Counter(
            "broadcast_worker_handed_out_again",
            "Chunks that were in nobody's hands, or in a dead worker's.",
            registry=registry,
        )

    def chunk_began(self) -> None:
        """See WorkObserver."""
        self._busy.inc()

    def chunk_ended(self, outcome: str, seconds: float) -> None:
        """See WorkObserver."""
        self._busy.dec()
        self._seconds.labels(outcome).observe(seconds)

    def answered(self, channel: str, verdict: str) -> None:
        """See WorkObserver."""
        self._answers.labels(channel, verdict).inc()

    def handed_out_again(self, chunks: int) -> None:
        """See WorkObserver."""
        self._again.inc(chunks)


class StoreFigures(Collector):
    """What stands in the store, asked at each scrape; the same from whichever process is asked."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def collect(self) -> list[Metric]:
        """No more than that, while the store cannot be reached."""
        handed = GaugeMetricFamily(
            "broadcast_queue_chunks", "Chunks handed to workers, by queue.", labels=["queue"]
        )
        states = GaugeMetricFamily("broadcast_broadcasts", "Broadcasts by state.", labels=["state"])
        try:
            for queue, chunks in self._store.chunk_queue.queues().items():
                handed.add_metric([queue], chunks)
            for state, count in self._store.chunk_queue.states().items():
                states.add_metric([state], count)
        except StoreError:
            return [store_up(up=False)]
        return [store_up(up=True), handed, states]


def store_up(*, up: bool) -> Metric:
    """Whether the store answers, as a figure."""
    return GaugeMetricFamily("broadcast_store_up", "Whether the store answers.", value=int(up))


def metrics_text(registry: CollectorRegistry) -> bytes:
    """In Prometheus's text format, of the type CONTENT_TYPE."""
    return generate_latest(registry)


def not_ready(store: Store) -> str | None:
    """Why nothing can be done now, in one sentence; None when all is well."""
    try:
        store.chunk_queue.states()
    except StoreError as error:
        return str(error)
    return None
