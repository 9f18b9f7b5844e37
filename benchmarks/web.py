"""How quickly the window's pages answer while many checks run: `python -m benchmarks.web`.

The window is a process of its own, and so is the mock that all the checks read; both share this
machine's cores with the checks, which makes it harder than life.
"""

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import requests

__all__ = ["CHECKS", "Answering", "answering_under_checks"]

CHECKS = 50
_ROWS = 20_000
_WINDOW = (str(Path(sys.executable).parent / "broadcast"), "serve", "--no-token")


class Answering:
    """Seconds that pages took while checks ran: at rest, and meanwhile."""

    def __init__(self, *, idle: list[float], busy: list[float], whole_seconds: float) -> None:
        self.idle_median = median(idle)
        ordered = sorted(busy)
        self.busy_median = median(ordered)
        self.busy_p95 = ordered[int(0.95 * (len(ordered) - 1))]
        self.slowest = ordered[-1]
        self.pages = len(ordered)
        self.whole_seconds = whole_seconds


def answering_under_checks(at_once: int) -> Answering:
    """Start 50 checks, and ask for pages until the last one has ended."""
    with tempfile.TemporaryDirectory() as folder, _mock() as endpoint:
        store = f"sqlite:///{Path(folder, 'bench.sqlite')}"
        options = ["--store", store, "--port", "0", "--checks-at-once", str(at_once)]
        with _process([*_WINDOW, *options]) as url:
            session = requests.Session()
            idle = [_page_seconds(session, url) for _ in range(50)]
            started = time.monotonic()
            names = [_start(session, url, endpoint) for _ in range(CHECKS)]
            busy = []
            while _runs(session, url, names):
                busy += [_page_seconds(session, url) for _ in range(5)]
            return Answering(idle=idle, busy=busy, whole_seconds=time.monotonic() - started)


def _page_seconds(session: requests.Session, url: str) -> float:
    began = time.monotonic()
    session.get(f"{url}/", timeout=60).raise_for_status()
    return time.monotonic() - began


def _start(session: requests.Session, url: str, endpoint: str) -> str:
    form = {"url": endpoint, "probes": "yes"}
    answer = session.post(f"{url}/checks", data=form, allow_redirects=False, timeout=60)
    return str(answer.headers["Location"])


def _runs(session: requests.Session, url: str, names: list[str]) -> bool:
    """Whether one is still under way; those that ended are taken off the list."""
    while names and "data-live" not in session.get(url + names[-1], timeout=60).text:
        names.pop()
    return bool(names)


@contextmanager
def _mock() -> Iterator[str]:
    command = [sys.executable, "-m", "mockserver", "--rows", str(_ROWS), "--port", "0"]
    with _process(command) as url:
        yield f"{url}/recipients"


@contextmanager
def _process(command: list[str]) -> Iterator[str]:
    with subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8") as process:
        try:
            assert process.stdout is not None
            found = (re.search(r"http://[\w.]+:\d+", line) for line in process.stdout)
            yield next(match[0] for match in found if match)
        finally:
            process.terminate()


if __name__ == "__main__":
    for count in (8, CHECKS):
        found = answering_under_checks(count)
        print(
            f"{CHECKS} checks, {count} at once: {found.pages} pages; at rest "
            f"{found.idle_median * 1000:.0f} ms, meanwhile {found.busy_median * 1000:.0f} ms, "
            f"95th percentile {found.busy_p95 * 1000:.0f} ms, slowest {found.slowest * 1000:.0f} ms"
            f" (all checks took {found.whole_seconds:.0f} s)"
        )
