"""`python -m benchmarks.sending`: how fast rows are loaded and messages sent, beside peers.

The sink is the stand-in for LINE in a process of its own, which waits 50 ms before each answer.
Each contender is a process of its own; the processor time is that of the process alone.
"""

import argparse
import json
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.serving import generated, nginx

_LATENCY_SECONDS = 0.05
_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
_LIMIT = 2000.0  # LINE's, in pushes a second
_FASTER = 2200.0  # so that it is the process that is measured, and not its pace
_WARM_SECONDS = 15.0
_WINDOW_SECONDS = 30.0
_ROWS_A_PAGE = 499
_THREADS = 16
_THREADED_POSTS = 4_000
_MET = {True: "met", False: "NOT MET"}


def main(argv: list[str]) -> int:
    """Measure what is asked for, and print each figure beside what is required of it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sending", description=__doc__)
    parser.add_argument("--million", action="store_true", help="load and send a million rows, too")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--window", type=float, default=_WINDOW_SECONDS, help="in seconds")
    parser.add_argument("--faults", action="store_true", help="send only, with lost answers")
    options = parser.parse_args(argv)
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
    if options.faults:
        _sending_with_faults(options.window)
        return 0
    _loading(options.rounds)
    _sending(options.window)
    if options.million:
        _million()
    return 0


def _loading(rounds: int) -> None:
    """Ours, and the loop that anyone would write, in turn."""
    ours, loops = [], []
    with nginx() as url:
        for _ in range(rounds + 1):
            ours.append(_child("load", url)["seconds"])
            loops.append(_child("loop", url)["seconds"])
    our, loop = sorted(ours[1:])[rounds // 2], sorted(loops[1:])[rounds // 2]
    print(f"loading 400 pages of {_ROWS_A_PAGE} rows: {our:.2f} s, all checks, a commit a page")
    times = loop / our
    print(
        f"  requests.get, .json(), jsonschema.validate, an INSERT a row, a commit a page: "
        f"{loop:.2f} s: {times:.1f} times as fast; at least 5: {_MET[times >= 5]}\n"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Steady:
    """Messages a second once the gentle start is over, and the share of a core meanwhile."""

    rate: float
    share: float
    start_seconds: float


def _sending(window_seconds: float) -> None:
    print(f"sending to a sink with {_LATENCY_SECONDS * 1000:.0f} ms latency, SQLite, durable:")
    paced = _steady(window_seconds, rate=_LIMIT)
    print(
        f"  by the channel's pace of {_LIMIT:,.0f}, the sink holding it, too: after a gentle start "
        f"of {paced.start_seconds:.0f} s\n  {paced.rate:,.0f} a second over "
        f"{window_seconds:.0f} s, {paced.rate / _LIMIT:.1%} of the pace; at least 99 %: "
        f"{_MET[paced.rate >= 0.99 * _LIMIT]}; {paced.share:.0%} of a core"
    )
    faster = _steady(window_seconds, "--rate", "0", rate=_FASTER)
    print(
        f"  told to send {_FASTER:,.0f}, the sink without a limit: {faster.rate:,.0f} a second; "
        f"at least 2,000: {_MET[faster.rate >= 2000]}\n"
        f"  {faster.share:.0%} of a core for these, {faster.share * 2000 / faster.rate:.0%} for "
        f"2,000 of them; at most 60 %: {_MET[faster.share * 2000 / faster.rate <= 0.6]}"
    )
    with _sink() as sink:
        threaded = _child("threads", sink)["rate"]
    times = paced.rate / threaded
    print(
        f"  {_THREADS} threads of requests.post, nothing recorded: {threaded:,.0f} a second: "
        f"{times:.1f} times; at least 5: {_MET[times >= 5]}\n"
    )


def _sending_with_faults(window_seconds: float) -> None:
    """What is kept of an asked rate where answers are lost whatever the rate."""
    asked = 400.0
    print(f"asked for {asked:.0f} a second; of the answers so many are lost, at random:")
    for percent in (0, 1, 5, 13, 15):
        fault = f"reset_after={percent / 100}"
        rate = _steady(window_seconds, "--rate", "0", "--fault", fault, rate=asked).rate
        print(
            f"  {percent:2} %: {rate:.0f} messages a second; at least {asked / 2:.0f}: "
            f"{_MET[rate >= asked / 2]}"
        )


def _steady(window_seconds: float, *options: str, rate: float) -> _Steady:
    """Of one process that sends at this rate to a sink with these options."""
    rows = int((_WARM_SECONDS + window_seconds + 10) * rate)
    with (
        _sink(*options) as sink,
        generated(pages=rows // _ROWS_A_PAGE, rows_a_page=_ROWS_A_PAGE) as url,
        _process("send", url, sink, "--rate", str(rate)) as sender,
    ):
        while _summary(sink)["effects"] == 0:
            time.sleep(0.1)
        start_seconds = _gentle_start(sink, rate)
        before, cpu, begun = _summary(sink)["effects"], _cpu_seconds(sender.pid), time.monotonic()
        time.sleep(window_seconds)
        after, cpu_after = _summary(sink)["effects"], _cpu_seconds(sender.pid)
        seconds = time.monotonic() - begun
        assert sender.poll() is None, "it was through before the measurement"
        sender.kill()
    rate, share = (after - before) / seconds, (cpu_after - cpu) / seconds
    return _Steady(rate=rate, share=share, start_seconds=start_seconds)


def _gentle_start(sink: str, rate: float) -> float:
    """Waits it out; gives how long it took until a second had nearly the whole rate."""
    begun = time.monotonic()
    reached, before, at = 0.0, _summary(sink)["effects"], begun
    while at - begun < _WARM_SECONDS:
        time.sleep(1.0)
        effects, now = _summary(sink)["effects"], time.monotonic()
        if not reached and (effects - before) / (now - at) >= 0.97 * rate:
            reached = now - begun
        before, at = effects, now
    return reached or _WARM_SECONDS


def _million() -> None:
    pages = 2_005
    with (
        _sink("--rate", "0") as sink,
        generated(pages=pages, rows_a_page=_ROWS_A_PAGE) as url,
    ):
        done = _child("send", url, sink, "--rate", "20000")
        effects = _summary(sink)["effects"]
    print(
        f"{pages * _ROWS_A_PAGE:,} rows loaded and sent in {done['seconds']:.0f} s, {effects:,} "
        f"effects, peak {done['peak_bytes'] / 1e6:.0f} MB; under 300: "
        f"{_MET[done['peak_bytes'] < 300e6]}"
    )


@contextmanager
def _sink(*options: str) -> Iterator[str]:
    command = [sys.executable, "-m", "mockserver", "line", "--port", "0", "--no-texts"]
    command += ["--latency", str(_LATENCY_SECONDS), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


@contextmanager
def _process(*arguments: str) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "benchmarks.sending", "child", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def _child(*arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.sending", "child", *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def _summary(sink: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{sink}/_control/summary") as answer:
        summary: dict[str, Any] = json.load(answer)
    return summary


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_A_SECOND


def child(arguments: list[str]) -> dict[str, Any]:
    """Be one of the contenders; gives its figures."""
    what, url, *more = arguments
    with tempfile.TemporaryDirectory() as folder:
        if what == "loop":
            return _loop(url, Path(folder))
        if what == "threads":
            return _threads(url)
        return _ours(url, Path(folder), *more)


def _ours(url: str, folder: Path, sink: str = "", *more: str) -> dict[str, Any]:
    """Load, and send when there is a sink."""
    import asyncio

    from broadcaster.channels import open_channel
    from broadcaster.delivery import BroadcastSender, new_owner
    from broadcaster.loading.loader import Loader
    from broadcaster.store import open_store
    from checker.api import Config, Endpoint

    begun = time.perf_counter()
    with open_store(f"sqlite:///{folder / 'store.sqlite'}") as store:
        loader, config = Loader(store), Config(endpoint=Endpoint.parse(url), channel="line")
        loaded = loader.load(loader.find_or_create(config), config).broadcast
        if loaded.state != "ready":
            raise RuntimeError(f"{loaded.state}: {loaded.reason}")
        if sink:
            environ = {"BROADCAST_LINE_TOKEN": "line-stand-in", "BROADCAST_LINE_BASE_URL": sink}
            rate = float(more[1]) if more else None
            store.broadcasts.start_sending(loaded.number, via="line", now=time.time(), rate=rate)

            async def send() -> None:
                channel = open_channel("line", environ=environ)
                await channel.open()
                broadcast = store.broadcasts.get(loaded.id)
                await BroadcastSender(store, broadcast, channel, owner=new_owner()).run()
                await channel.close()

            asyncio.run(send())
        seconds = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"seconds": seconds, "peak_bytes": peak}


def _loop(url: str, folder: Path) -> dict[str, Any]:
    """The loop that anyone would write."""
    import jsonschema
    import requests

    from schemas import read

    schema: Any = read("page")
    store = sqlite3.connect(folder / "store.sqlite")
    store.execute("CREATE TABLE rows (uid TEXT, msg TEXT)")
    begun, parameters = time.perf_counter(), dict[str, str]()
    while True:
        response = requests.get(url, params=parameters, timeout=30)
        response.raise_for_status()
        page = response.json()
        jsonschema.validate(page, schema)
        for row in page["list"]:
            store.execute("INSERT INTO rows VALUES (?, ?)", (row["uid"], row["msg"]))
        store.commit()
        if not page["next"]:
            break
        parameters = {"next": page["next"]}
    store.close()
    return {"seconds": time.perf_counter() - begun}


def _threads(sink: str) -> dict[str, Any]:
    """So many threads of requests.post, each with a session of its own."""
    import requests

    left = iter(range(_THREADED_POSTS))
    lock = threading.Lock()

    def work() -> None:
        session = requests.Session()
        while True:
            with lock:
                number = next(left, None)
            if number is None:
                return
            body = {"to": f"U{number:032x}", "messages": [{"type": "text", "text": "Hello"}]}
            headers = {
                "Authorization": "Bearer line-stand-in",
                "X-Line-Retry-Key": str(uuid.uuid4()),
            }
            url = f"{sink}/v2/bot/message/push"
            session.post(url, json=body, headers=headers, timeout=30).raise_for_status()

    threads = [threading.Thread(target=work) for _ in range(_THREADS)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {"rate": _THREADED_POSTS / (time.perf_counter() - begun)}


if __name__ == "__main__":
    if sys.argv[1:2] == ["child"]:
        print(json.dumps(child(sys.argv[2:])))
    else:
        sys.exit(main(sys.argv[1:]))
