"""What supervisors and Prometheus ask for: `/healthz`, `/readyz`, and `/metrics`.

Load balancers ask for the first two and know neither our host names nor a password, so both are
open to all, and say only whether we serve.
"""

import hmac

from flask import Blueprint, Flask, Response, current_app, request
from prometheus_client import CollectorRegistry, Counter
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from broadcaster.queue.metrics import CONTENT_TYPE, StoreFigures, metrics_text, store_up
from broadcaster.store import Store
from broadcaster.web.config import WindowConfig
from broadcaster.web.jobs.queues import JobQueues
from broadcaster.web.pages.readiness import Readiness

__all__ = ["METRICS", "OPEN_TO_ALL", "has_token", "init_health"]

METRICS = "metrics.show"
OPEN_TO_ALL = frozenset({"health.healthz", "health.readyz"})
"""Answered whatever name they are asked by, and without a login."""

_READINESS = "broadcast-readiness"
_REGISTRY = "broadcast-metrics"
_PLAIN = "text/plain; charset=utf-8"

blueprint = Blueprint("health", __name__)
_metrics = Blueprint("metrics", __name__)


def init_health(app: Flask, config: WindowConfig, store: Store, queues: JobQueues) -> None:
    """Serve them; the figures never to the public."""
    readiness = Readiness(store)
    app.extensions[_READINESS] = readiness
    app.register_blueprint(blueprint)
    if config.public_checker:
        return
    registry = CollectorRegistry()
    registry.register(_StoreFigures(store, readiness))
    registry.register(_WorkFigures(queues))
    answers = Counter(
        "broadcast_window_answers",
        "Answers of the window, by status.",
        ["status"],
        registry=registry,
    )

    def count(response: Response) -> Response:
        answers.labels(str(response.status_code)).inc()
        return response

    app.extensions[_REGISTRY] = registry
    app.after_request(count)
    app.register_blueprint(_metrics)


def has_token(token: str | None) -> bool:
    """Whether the request carries this token as a bearer."""
    given = request.authorization
    if token is None or given is None or given.type != "bearer":
        return False
    return hmac.compare_digest((given.token or "").encode(), token.encode())


@blueprint.get("/healthz")
def healthz() -> Response:
    """The process serves; the store is not asked."""
    return Response("ok\n", content_type=_PLAIN)


@blueprint.get("/readyz")
def readyz() -> Response:
    """Whether the store can be used. Why it cannot is for those who are let in."""
    if current_app.extensions[_READINESS].ask():
        return Response("ok\n", content_type=_PLAIN)
    return Response("not ready: the store cannot be used\n", 503, content_type=_PLAIN)


@_metrics.get("/metrics")
def show() -> Response:
    """The figures in Prometheus's text format."""
    return Response(metrics_text(current_app.extensions[_REGISTRY]), content_type=CONTENT_TYPE)


class _StoreFigures(StoreFigures):
    """Those of the store, where it answers in time."""

    def __init__(self, store: Store, readiness: Readiness) -> None:
        super().__init__(store)
        self._readiness = readiness

    def collect(self) -> list[Metric]:
        """See StoreFigures."""
        return super().collect() if self._readiness.ask() else [store_up(up=False)]


class _WorkFigures(Collector):
    """What this window has under way."""

    def __init__(self, queues: JobQueues) -> None:
        self._queues = queues

    def collect(self) -> list[Metric]:
        """Counted at each scrape."""
        running = GaugeMetricFamily(
            "broadcast_window_running", "Checks, loads and sends that run.", labels=["kind"]
        )
        waiting = GaugeMetricFamily(
            "broadcast_window_waiting", "Checks, loads and sends that wait.", labels=["kind"]
        )
        for kind in ("checks", "loads", "sends"):
            running_jobs, waiting_jobs = getattr(self._queues, kind).counts()
            running.add_metric([kind], running_jobs)
            waiting.add_metric([kind], waiting_jobs)
        return [running, waiting]
