"""Procrastinate, behind two methods: `dispatch` within a transaction of ours, `run` in a worker.

The only module that knows the engine. Its tables lie in a PostgreSQL schema of their own, in the
same database, so that a job and what it is for are committed together. Jobs are hints: one that is
lost is handed out again by `ChunkQueue.reconcile`, one that runs twice is refused by the lease.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from importlib import resources
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL

from broadcaster.errors import StoreError, WrongCommand
from broadcaster.store.database.connection import may_be_ended
from broadcaster.store.dispatch import ReadyChunk

try:
    import procrastinate
    import psycopg
    import psycopg_pool
    from procrastinate.jobs import Job
    from procrastinate.manager import JobManager
except ImportError:
    raise StoreError(
        "Workers need PostgreSQL's driver and engine: pip install "
        "'broadcast-conformance[postgresql]'."
    ) from None

__all__ = ["Engine", "Perform"]

Perform = Callable[[Mapping[str, Any]], Awaitable[None]]
"""Does a job, by its arguments. Must not raise."""

_SCHEMA = "broadcast_queue"
_SEARCH_PATH = f"SELECT set_config('search_path', current_setting('search_path') || ',{_SCHEMA}', "
_LOCK = 0x62726F72
_STALLED_SECONDS = 30.0
_POLL_SECONDS = 1.0
_AGAIN_SECONDS = 0.5
_TASK = "work"

_log = logging.getLogger("broadcaster.queue.engine")


class Engine:
    """The jobs of one database. `dispatch` may be called from any thread."""

    def __init__(self, url: URL) -> None:
        """Raises WrongCommand for a store that is not on PostgreSQL."""
        if url.get_backend_name() != "postgresql":
            raise WrongCommand(
                "Workers need a store on PostgreSQL: set BROADCAST_STORE to "
                "postgresql://USER@HOST/DATABASE."
            )
        _, self._arguments = url.get_dialect()().create_connect_args(url)
        self._defers = JobManager(procrastinate.SyncPsycopgConnector())

    def prepare(self, connection: sa.Connection) -> None:
        """Make the engine's tables, or bring them up to the version that is installed. A role that
        may change no tables can do so where nothing is to be changed.
        """
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        found = connection.exec_driver_sql(
            "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = %s",
            (_SCHEMA,),
        ).one_or_none()
        applied: str | None = None if found is None else found[0]
        if found is None:
            connection.exec_driver_sql(f"CREATE SCHEMA {_SCHEMA}")
        scripts = resources.files("procrastinate.sql")
        names = sorted(
            entry.name
            for entry in (scripts / "migrations").iterdir()
            if entry.name.endswith(".sql")
        )
        if applied is None:
            _run_script(connection, (scripts / "schema.sql").read_text("utf-8"))
        for name in names:
            if applied is not None and name > applied:
                _run_script(connection, (scripts / "migrations" / name).read_text("utf-8"))
        if applied is None or names[-1] > applied:
            connection.exec_driver_sql(f"COMMENT ON SCHEMA {_SCHEMA} IS '{names[-1]}'")

    def dispatch(self, connection: sa.Connection, ready: Sequence[ReadyChunk]) -> int:
        """Hand chunks to workers when the caller's transaction is committed; those that wait for
        one already are left alone. Gives the number of the others.
        """
        jobs = [
            Job(
                queue=one.queue,
                task_name=_TASK,
                priority=one.priority,
                lock=None,
                queueing_lock=f"chunk {one.broadcast}/{one.first_row}",
                task_kwargs={"broadcast": one.broadcast, "first_row": one.first_row},
            )
            for one in ready
        ]
        return self.defer(connection, jobs)

    def defer(self, connection: sa.Connection, jobs: Sequence[Job]) -> int:
        """Jobs of any kind; those whose queueing lock waits already are left alone. Gives the
        number of the others.
        """
        if not jobs:
            return 0
        connection.exec_driver_sql(f"{_SEARCH_PATH} true)")
        locks = [job.queueing_lock for job in jobs]
        waiting = set(
            connection.exec_driver_sql(
                "SELECT queueing_lock FROM procrastinate_jobs "
                "WHERE status = 'todo' AND queueing_lock = ANY(%s)",
                (locks,),
            ).scalars()
        )
        fresh = [job for job in jobs if job.queueing_lock not in waiting]
        if fresh:
            driver = connection.connection.driver_connection
            self._defers.batch_defer_jobs(fresh, connection=driver)
        return len(fresh)

    async def run(
        self, queues: Sequence[str], perform: Perform, *, concurrency: int, stop: asyncio.Event
    ) -> None:
        """Do jobs of these queues, so many at once, until told to stop; the jobs at hand are then
        waited for. While the database cannot be reached it is tried again.
        """
        while not stop.is_set():
            try:
                await self._run_once(queues, perform, concurrency, stop)
            except (procrastinate.exceptions.ConnectorException, psycopg.Error) as error:
                _log.warning("queue_unreachable", extra={"cause": type(error).__name__})
            except psycopg_pool.PoolTimeout:
                _log.warning("queue_unreachable", extra={"cause": "PoolTimeout"})
            if not stop.is_set():
                await _wait(stop, _AGAIN_SECONDS)

    async def _run_once(
        self, queues: Sequence[str], perform: Perform, concurrency: int, stop: asyncio.Event
    ) -> None:
        app = self._app(concurrency)

        @app.task(name=_TASK)
        async def work(**arguments: Any) -> None:
            await perform(arguments)

        async with app.open_async():
            running = asyncio.create_task(
                app.run_worker_async(
                    queues=list(queues),
                    concurrency=concurrency,
                    install_signal_handlers=False,
                    delete_jobs="always",
                    fetch_job_polling_interval=_POLL_SECONDS,
                    stalled_worker_timeout=_STALLED_SECONDS,
                )
            )
            stopping = asyncio.create_task(stop.wait())
            sweeping = asyncio.create_task(_sweep(app))
            await asyncio.wait((running, stopping), return_when=asyncio.FIRST_COMPLETED)
            for task in (stopping, sweeping):
                task.cancel()
            await asyncio.gather(stopping, sweeping, return_exceptions=True)
            if not running.done():
                running.cancel()  # Procrastinate then takes no more jobs, and waits for its own
            try:
                await running
            except asyncio.CancelledError:
                if not stop.is_set():
                    raise

    def _app(self, concurrency: int) -> procrastinate.App:
        connector = procrastinate.PsycopgConnector(
            conninfo=psycopg.conninfo.make_conninfo(**self._arguments),
            kwargs={"application_name": "broadcast worker"},
            min_size=1,
            max_size=max(2, min(concurrency, 4)),
            timeout=10.0,
            configure=_configure,
            pool_factory=_pool,
        )
        return procrastinate.App(connector=connector)


def _run_script(connection: sa.Connection, script: str) -> None:
    """Statements of the engine's own, unchanged, in its schema."""
    connection.exec_driver_sql(f"SELECT set_config('search_path', '{_SCHEMA}', true)")
    driver: Any = connection.connection.driver_connection
    driver.execute(script)
    connection.exec_driver_sql("RESET search_path")


async def _configure(connection: psycopg.AsyncConnection[Any]) -> None:
    # each of the engine's statements stands alone, and needs no transaction around it
    await connection.set_autocommit(True)
    await connection.execute(f"{_SEARCH_PATH} false)")


def _pool(**arguments: Any) -> psycopg_pool.AsyncConnectionPool:
    """Procrastinate's pool, which does not ask the server before each statement."""
    return psycopg_pool.AsyncConnectionPool(**{**arguments, "check": _check})


async def _check(connection: psycopg.AsyncConnection[Any]) -> None:
    if may_be_ended(connection.fileno()):
        await psycopg_pool.AsyncConnectionPool.check_connection(connection)


async def _sweep(app: procrastinate.App) -> None:
    """Delete what dead workers left behind; their chunks are handed out again elsewhere."""
    while True:
        await asyncio.sleep(_STALLED_SECONDS / 3)
        try:
            await app.job_manager.prune_stalled_workers(_STALLED_SECONDS)
            stalled = await app.job_manager.get_stalled_jobs(
                seconds_since_heartbeat=_STALLED_SECONDS
            )
            for job in stalled:
                await app.job_manager.finish_job(
                    job, status=procrastinate.jobs.Status.FAILED, delete_job=True
                )
        except (procrastinate.exceptions.ConnectorException, psycopg.Error):
            continue


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
