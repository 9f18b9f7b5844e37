"""A worker as a process: signals stop it in an orderly way, and its logs go to standard error."""

import asyncio
import contextlib
import logging
import signal
import sys
from collections.abc import Sequence

from prometheus_client import CollectorRegistry

from broadcaster.channels.base import Channel
from broadcaster.fleet.check_jobs import CheckJobs
from broadcaster.queue.health import serving_health
from broadcaster.queue.logs import log_as_json
from broadcaster.queue.metrics import StoreFigures, WorkerFigures
from broadcaster.queue.worker import Worker, WorkerSettings
from broadcaster.store import Store

__all__ = ["work"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM)

_log = logging.getLogger("broadcaster.queue")


def work(
    store: Store,
    channels: Sequence[Channel],
    settings: WorkerSettings,
    *,
    checks: CheckJobs | None = None,
    health: tuple[str, int] | None = None,
) -> None:
    """Work until a signal comes. `checks` are not started yet. `health` is where to answer a
    supervisor: host and port. Raises what `Worker.run` raises.
    """
    log_as_json(sys.stderr)
    try:
        if checks is not None:
            checks.start()
        asyncio.run(_work(store, channels, settings, checks, health))
    finally:
        if checks is not None:
            checks.stop()
            checks.join(settings.grace_seconds)


async def _work(
    store: Store,
    channels: Sequence[Channel],
    settings: WorkerSettings,
    checks: CheckJobs | None,
    health: tuple[str, int] | None,
) -> None:
    registry = CollectorRegistry()
    registry.register(StoreFigures(store))
    figures = WorkerFigures(registry)
    at_once = 0 if checks is None else checks.at_once
    worker = Worker(store, channels, settings, figures, checks=at_once)
    async with contextlib.AsyncExitStack() as around:
        if health is not None:
            served = serving_health(*health, ready=lambda: worker.ready, registry=registry)
            port = await around.enter_async_context(served)
            _log.info("health_served", extra={"host": health[0], "port": port})
        await _until_signal(worker, checks)


async def _until_signal(worker: Worker, checks: CheckJobs | None) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop_all() -> None:
        stop.set()
        if checks is not None:
            checks.stop()

    for one in _SIGNALS:
        loop.add_signal_handler(one, stop_all)
    try:
        await worker.run(stop)
    finally:
        for one in _SIGNALS:
            loop.remove_signal_handler(one)
