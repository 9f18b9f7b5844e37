"""Answers a supervisor's questions about a worker: `/healthz`, `/readyz` and `/metrics`."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from aiohttp import web
from prometheus_client import CollectorRegistry

from broadcaster.errors import WrongCommand
from broadcaster.queue.metrics import CONTENT_TYPE, metrics_text

__all__ = ["serving_health"]


@contextlib.asynccontextmanager
async def serving_health(
    host: str, port: int, *, ready: Callable[[], bool], registry: CollectorRegistry
) -> AsyncIterator[int]:
    """Serve within the block; gives the port. Raises WrongCommand when it cannot be had.

    `/healthz` says that the process runs, `/readyz` whether its store takes changes (503 if not).
    """

    async def healthz(_request: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def readyz(_request: web.Request) -> web.Response:
        if ready():
            return web.Response(text="ok\n")
        return web.Response(status=503, text="the store cannot be reached or written\n")

    async def metrics(_request: web.Request) -> web.Response:
        body = await asyncio.to_thread(metrics_text, registry)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE})

    app = web.Application()
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", metrics)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        try:
            await site.start()
        except OSError as error:
            raise WrongCommand(
                f"The health port {port} on {host} cannot be had ({error.strerror}); "
                "choose another with --health-port."
            ) from None
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()
