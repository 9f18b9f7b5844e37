"""Figures for Prometheus. They name queues, channels (masked) and states, never a customer."""

import time
from collections.abc import Mapping, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from broadcaster.delivery.rate_control import LowRate
from broadcaster.errors import StoreError
from broadcaster.queue.chunk_jobs import WorkObserver
from broadcaster.queue.slots import PaceStanding, paces_in_use
from broadcaster.store import Store
from broadcaster.store.fleet import FleetStanding
from broadcaster.store.queue_figures import ChunkFigures

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

        self._ended_leases = Counter(
            "broadcast_worker_ended_leases",
            "Leases of other workers that ended, since these died or lost the store.",
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

    def handed_out_again(self, chunks: int, ended_leases: int) -> None:
        """See WorkObserver."""
        self._again.inc(chunks)
        self._ended_leases.inc(ended_leases)


class StoreFigures(Collector):
    """What stands in the store, asked at each scrape; the same from whichever process is asked."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def collect(self) -> list[Metric]:
        """No more than that, while the store cannot be reached."""
        now = time.time()
        try:
            return [
                store_up(up=True),
                *_queue_metrics(self._store.queue_figures.by_queue(now)),
                *_row_metrics(self._store),
                *_pace_metrics(paces_in_use(*self._store.paces.read())),
                *_fleet_metrics(self._store.fleet.standing(now)),
                _gauge(
                    "broadcast_workers",
                    "Workers that were seen within ten seconds.",
                    {(): self._store.workers.alive(now)},
                ),
            ]
        except StoreError:
            return [store_up(up=False)]


def _gauge(
    name: str,
    text: str,
    values: Mapping[tuple[str, ...], float],
    labels: Sequence[str] = (),
) -> Metric:
    gauge = GaugeMetricFamily(name, text, labels=labels)
    for of, value in values.items():
        gauge.add_metric(of, value)
    return gauge


def _queue_metrics(queues: Mapping[str, ChunkFigures]) -> list[Metric]:
    by_queue = {(name,): figures for name, figures in queues.items()}
    return [
        _gauge(
            "broadcast_queue_chunks",
            "Chunks handed to workers, by queue.",
            {of: one.chunks for of, one in by_queue.items()},
            ["queue"],
        ),
        _gauge(
            "broadcast_queue_oldest_chunk_seconds",
            "Time since the first of the chunks that are not through was handed to workers.",
            {of: one.oldest_seconds or 0.0 for of, one in by_queue.items()},
            ["queue"],
        ),
        _gauge(
            "broadcast_queue_ended_leases",
            "Chunks whose worker died or lost the store, and that no other worker has taken yet.",
            {of: one.ended_leases for of, one in by_queue.items()},
            ["queue"],
        ),
    ]


def _row_metrics(store: Store) -> list[Metric]:
    states = store.queue_figures.broadcasts_by_state()
    rows = store.queue_figures.rows_by_state()
    return [
        _gauge(
            "broadcast_broadcasts",
            "Broadcasts by state.",
            {(state,): count for state, count in states.items()},
            ["state"],
        ),
        _gauge(
            "broadcast_rows",
            "Rows of the broadcasts that are being sent, by state.",
            {(state.value,): count for state, count in rows.items()},
            ["state"],
        ),
    ]


def _pace_metrics(paces: Mapping[str, PaceStanding]) -> list[Metric]:
    used = {name: one for name, one in paces.items() if not name.startswith("broadcast ")}
    low = {(name, cause.value): one for name, one in used.items() for cause in LowRate}
    return [
        _gauge(
            "broadcast_pace_calls_per_second",
            "Rate at which all workers together may call a channel now.",
            {(name,): one.rate for name, one in used.items()},
            ["channel"],
        ),
        _gauge(
            "broadcast_pace_low",
            "1 for the cause for which the rate of a channel is low, otherwise 0.",
            {of: float(one.low == of[1]) for of, one in low.items()},
            ["channel", "cause"],
        ),
    ]


def _fleet_metrics(standing: FleetStanding) -> list[Metric]:
    names = ("due", "running", "passing", "failing", "failed")
    return [
        _gauge(
            "broadcast_fleet_endpoints",
            "Endpoints of the fleet: due for a check, being checked, and by their last result "
            "(failed: it could not be checked).",
            {(name,): getattr(standing, name) for name in names},
            ["standing"],
        )
    ]


def store_up(*, up: bool) -> Metric:
    """Whether the store answers, as a figure."""
    return GaugeMetricFamily("broadcast_store_up", "Whether the store answers.", value=int(up))


def metrics_text(registry: CollectorRegistry) -> bytes:
    """In Prometheus's text format, of the type CONTENT_TYPE."""
    return generate_latest(registry)


def not_ready(store: Store) -> str | None:
    """Why nothing can be done now, in one sentence; None when all is well."""
    try:
        store.queue_figures.broadcasts_by_state()
        store.check_writable()
    except StoreError as error:
        return str(error)
    return None
