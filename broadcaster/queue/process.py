"""A worker as a process: signals stop it in an orderly way, and its logs go to standard error."""

import asyncio
import signal
import sys
from collections.abc import Sequence

from broadcaster.channels.base import Channel
from broadcaster.queue.logs import log_as_json
from broadcaster.queue.worker import Worker, WorkerSettings
from broadcaster.store import Store

__all__ = ["work"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def work(store: Store, channels: Sequence[Channel], settings: WorkerSettings) -> None:
    """Work until a signal comes. Raises what `Worker.run` raises."""
    log_as_json(sys.stderr)
    worker = Worker(store, channels, settings)
    asyncio.run(_until_signal(worker))


async def _until_signal(worker: Worker) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in _SIGNALS:
        loop.add_signal_handler(one, stop.set)
    try:
        await worker.run(stop)
    finally:
        for one in _SIGNALS:
            loop.remove_signal_handler(one)
