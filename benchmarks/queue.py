"""Workers on PostgreSQL: `python -m benchmarks.queue [bookkeeping] [scaling] [rate] [claim]`.

Database, workers and the other side share this machine's cores, which is harder than life: each
figure says what it was taken with, and what limited it.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import psycopg
import requests
import sqlalchemy as sa

from benchmarks.postgresql import database
from broadcaster.channels import open_channel
from broadcaster.channels.stored_channel import stored_name
from broadcaster.model import Broadcast, BroadcastState, Call, Delivery, retry_key
from broadcaster.queue.engine import Engine
from broadcaster.queue.worker import queue_of
from broadcaster.store import Store, open_store

__all__ = ["filled", "main"]

_COMMANDS = Path(sys.executable).parent
_TOKEN = "a-token"
_PATIENCE_SECONDS = 900.0
_ROWS = """
INSERT INTO deliveries (broadcast, row, state, attempt, generation, uid, msg)
SELECT :number, n, 0, 0, 0, convert_to('U' || lpad(to_hex(n), 32, '0'), 'UTF8'),
       convert_to('Good morning, your parcel ' || n || ' arrives today.', 'UTF8')
FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) AS n
"""
_CHUNKS = """
INSERT INTO chunks
    (broadcast, first_row, rows, ready, sending, accepted, refused, unknown, held)
SELECT :number, n, least(:size, :rows - n), least(:size, :rows - n), 0, 0, 0, 0, 0
FROM generate_series(0, CAST(:rows AS bigint) - 1, CAST(:size AS bigint)) AS n
"""


def filled(store: Store, rows: int, chunk_rows: int = 500) -> Broadcast:
    """A broadcast of so many rows that is ready, made inside the database."""
    made = store.broadcasts.create(now=time.time(), channel="line")
    step = 1_000_000
    for first in range(0, rows, step):
        last = min(first + step, rows) - 1
        with store.writing() as connection:
            span = {"number": made.number, "first": first, "last": last}
            connection.execute(sa.text(_ROWS), span)
    with store.writing() as connection:
        cut = {"number": made.number, "rows": rows, "size": chunk_rows}
        connection.execute(sa.text(_CHUNKS), cut)
        connection.execute(
            sa.text("UPDATE broadcasts SET state = 'ready', rows = :rows WHERE number = :number"),
            {"rows": rows, "number": made.number},
        )
    with store.writing() as connection:
        connection.execute(sa.text("ANALYZE"))
    return store.broadcasts.get(made.id)


def hand_over(store: Store, broadcast: Broadcast, via: str, rate: float | None = None) -> None:
    """As `broadcast send --queue` does."""
    engine = Engine(store.url)
    with store.writing() as connection:
        engine.prepare(connection)
    store.chunk_queue.start(
        broadcast.number,
        engine.dispatch,
        queue=queue_of(via),
        look_seconds=15.0,
        now=time.time(),
        via=via,
        rate=rate,
    )


@contextmanager
def sink(*options: str) -> Iterator[str]:
    """The stand-in for LINE, a process of its own; its URL."""
    process = subprocess.Popen(
        [
            _COMMANDS / "broadcast-mock",
            "line",
            "--port",
            "0",
            "--token",
            _TOKEN,
            "--no-texts",
            "--rate",
            "0",
            *options,
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait()


@contextmanager
def workers(count: int, address: str, via: str, url: str, *options: str) -> Iterator[None]:
    """So many `broadcast worker`, ready to take jobs."""
    environ = {
        **os.environ,
        "BROADCAST_STORE": address,
        "BROADCAST_LINE_TOKEN": _TOKEN,
        "BROADCAST_LINE_BASE_URL": url,
    }
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        logs = [Path(folder, f"{number}.log") for number in range(count)]
        for path in logs:
            log = stack.enter_context(path.open("wb"))
            started = subprocess.Popen(
                [_COMMANDS / "broadcast", "worker", "--via", via, *options],
                env=environ,
                stderr=log,
                stdout=subprocess.DEVNULL,
            )
            stack.callback(started.wait)
            stack.callback(started.terminate)
        wait_until(lambda: all("worker_began" in path.read_text() for path in logs))
        yield


def wait_until(what: Any) -> None:
    """Until the question is answered with yes."""
    end = time.monotonic() + _PATIENCE_SECONDS
    while not what():
        if time.monotonic() > end:
            raise RuntimeError(f"not done after {_PATIENCE_SECONDS:g} s")
        time.sleep(0.02)


def finished(store: Store, broadcast: Broadcast) -> bool:
    """Whether every row has an end state."""
    return store.broadcasts.state(broadcast.number) is BroadcastState.DONE


def bookkeeping(chunks: int) -> None:
    """Chunks of one row to an instant sink: what is left is bookkeeping."""
    for durable in (True, False):
        for count in (1, 2, 4):
            with database(durable=durable) as address, sink() as url, open_store(address) as store:
                via = f"webhook+idempotent:{url}/webhook"
                broadcast = filled(store, chunks, chunk_rows=1)
                with workers(count, address, via, url, "--concurrency", "8"):
                    hand_over(store, broadcast, _name(via))
                    began = time.monotonic()
                    wait_until(lambda: finished(store, broadcast))  # noqa: B023
                    seconds = time.monotonic() - began
            told = "durable" if durable else "fsync off"
            print(f"bookkeeping, {told}, {count} workers: {chunks / seconds:,.0f} chunks/s")


def _name(via: str) -> str:
    return stored_name(open_channel(via, environ={}))


def scaling(all_rows: int) -> None:
    """One worker and two, on a channel without a limit: to a sink that is far, and to one near."""
    sinks: tuple[tuple[str, int, tuple[str, ...]], ...] = (
        ("300 ms away", 2 * all_rows // 5, ("--latency", "0.3")),
        ("near", all_rows, ()),
    )
    for told, rows, options in sinks:
        rates = []
        for count in (1, 2):
            with database() as address, sink(*options) as url, open_store(address) as store:
                via = f"webhook+idempotent:{url}/webhook"
                broadcast = filled(store, rows)
                with workers(count, address, via, url):
                    hand_over(store, broadcast, _name(via))
                    began = time.monotonic()
                    wait_until(lambda: finished(store, broadcast))  # noqa: B023
                    rates.append(rows / (time.monotonic() - began))
        one, two = rates
        print(
            f"a sink {told}: one worker {one:,.0f} rows/s, two {two:,.0f}: {two / one:.2f} times "
            f"(1.8 wanted); load {os.getloadavg()[0]:.1f}"
        )


def rate(seconds: float, limit: float) -> None:
    """Four workers on a channel of 2,000 calls a second, or slower by `--rate` of the broadcast,
    after it has found its pace.
    """
    with database() as address, sink() as url, open_store(address) as store:
        broadcast = filled(store, int(limit * (seconds + 30)))
        with workers(4, address, "line", url), requests.Session() as session:
            session.trust_env = False

            def made() -> int:
                return int(session.get(f"{url}/_control/summary", timeout=30).json()["requests"])

            own = limit if limit < 2_000.0 else None
            hand_over(store, broadcast, f"line at {url}", own)
            wait_until(lambda: made() > limit * 8)
            counts = [(time.monotonic(), made())]
            while counts[-1][0] - counts[0][0] < seconds:
                time.sleep(1.0)
                counts.append((time.monotonic(), made()))
            paces = _paces(store)
    found = _per_second(counts)
    each_second = [_per_second([a, b]) for a, b in pairwise(counts)]
    print(
        f"rate: {found:,.1f} calls/s over {seconds:g} s ({found / limit - 1:+.2%}; 1 % wanted), "
        f"single seconds {min(each_second):,.0f} to {max(each_second):,.0f}; "
        f"load {os.getloadavg()[0]:.1f}; {paces}"
    )


def _per_second(counts: Any) -> float:
    (began, first), (ended, last) = counts[0], counts[-1]
    return float(last - first) / (ended - began)


def _paces(store: Store) -> str:
    with store.reading() as connection:
        found = connection.execute(sa.text("SELECT state->>'rate' FROM paces")).scalars().all()
    return f"pace {', '.join(found)}"


def claim(sizes: tuple[int, int], samples: int) -> None:
    """Seconds to lease the next chunk and claim its 500 rows, half of the broadcast being done.

    The two sizes are databases of their own, and take turns, so that a busy machine slows both.
    """
    seconds: list[list[tuple[float, float]]] = [[], []]
    with ExitStack() as stack:
        half_done = [_half_done(stack, rows) for rows in sizes]
        for _ in range(samples):
            for (store, broadcast), found in zip(half_done, seconds, strict=True):
                found.append(_claim_seconds(store, broadcast))
    for rows, found in zip(sizes, seconds, strict=True):
        leases, claims = [1e3 * median(part) for part in zip(*found, strict=True)]
        print(
            f"{rows:>12,} rows: lease {leases:.2f} ms, claim of 500 rows {claims:.2f} ms, medians"
        )
    small, large = (median(map(sum, found)) for found in seconds)
    print(f"claim: {large / small:.2f} times (at most 1.2 wanted); load {os.getloadavg()[0]:.1f}")


def _half_done(stack: ExitStack, rows: int) -> tuple[Store, Broadcast]:
    address = stack.enter_context(database(durable=False))
    store = stack.enter_context(open_store(address))
    broadcast = filled(store, rows)
    store.broadcasts.start_sending(broadcast.number, via="console", now=time.time())
    with store.writing() as connection:
        done = "UPDATE chunks SET accepted = rows, ready = 0 WHERE first_row < :middle"
        connection.execute(sa.text(done), {"middle": rows // 2})
    with psycopg.connect(address, autocommit=True) as plain:
        plain.execute("VACUUM ANALYZE")
    return store, broadcast


def _claim_seconds(store: Store, broadcast: Broadcast) -> tuple[float, float]:
    began, now = time.perf_counter(), time.time()
    chunk = store.ledger.lease(
        broadcast.number, "bench", now=now, lease_seconds=600.0, repeatable=True
    )
    assert chunk is not None
    leased = time.perf_counter()
    calls = [_call(broadcast, one) for one in store.ledger.peek(chunk, now=now)]
    store.ledger.claim(chunk, calls, now=now)
    return leased - began, time.perf_counter() - leased


def _call(broadcast: Broadcast, one: Delivery) -> Call:
    key = retry_key(broadcast.id, one.sent_with, one.generation)
    return Call(key=key, request=one.msg.encode(), deliveries=(one,))


def main(argv: list[str]) -> int:
    """Measure what is named, or all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.queue", description=__doc__)
    parts = ("bookkeeping", "scaling", "rate", "claim")
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help=f"{', '.join(parts)} (default: all)"
    )
    parser.add_argument("--short", action="store_true", help="a tenth of the size")
    parser.add_argument(
        "--rate", type=float, default=2_000.0, help="calls a second to keep (default 2,000)"
    )
    options = parser.parse_args(argv)
    wanted = options.parts or parts
    less = 10 if options.short else 1
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    if "bookkeeping" in wanted:
        bookkeeping(10_000 // less)
    if "scaling" in wanted:
        scaling(100_000 // less)
    if "rate" in wanted:
        rate(60.0 / (6 if less > 1 else 1), options.rate)
    if "claim" in wanted:
        claim((100_000, 10_000_000 // less), 90)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
