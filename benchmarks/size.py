"""How much memory a long crawl takes, and what a slow server's page costs beyond its latency.

Each check is a process of its own: `python -m benchmarks.size URL` checks and prints its figures.
"""

import json
import resource
import subprocess
import sys
from dataclasses import dataclass
from statistics import median

from benchmarks.samples import ROWS_A_PAGE
from benchmarks.serving import generated

__all__ = ["LATENCY_SECONDS", "Crawled", "OverLatency", "crawl_generated", "over_latency"]

LATENCY_SECONDS = 0.05
_LATENT_PAGES = 100


@dataclass(frozen=True, slots=True)
class Crawled:
    """What a check in its own process found and took."""

    pages: int
    rows: int
    requests: int
    seconds: float
    peak_bytes: int


@dataclass(frozen=True, slots=True)
class OverLatency:
    """Seconds a page beyond the latency, and beyond what a bare socket takes for the same."""

    latency_seconds: float
    bare_seconds: float


def crawl_generated(*, pages: int, rows_a_page: int) -> Crawled:
    """Check so many generated pages, the probes included. Raises RuntimeError if it fails."""
    with generated(pages=pages, rows_a_page=rows_a_page) as url:
        return _check(url, pages=pages, rows_a_page=rows_a_page)


def over_latency(rounds: int) -> OverLatency:
    """The time that a page takes at 50 ms for every request, as medians.

    A server that sleeps for 50 ms takes longer than that, and its answer is under way for a while,
    so a bare socket asks it as many times, in turns with the check.
    """
    over: list[tuple[float, float]] = []
    with generated(
        pages=_LATENT_PAGES, rows_a_page=ROWS_A_PAGE, latency_seconds=LATENCY_SECONDS
    ) as url:
        for _ in range(rounds):
            crawled = _check(url, pages=_LATENT_PAGES, rows_a_page=ROWS_A_PAGE)
            bare_seconds = float(_printed("benchmarks.bare", url, str(crawled.requests)))
            latency_seconds = crawled.requests * LATENCY_SECONDS
            over.append((crawled.seconds - latency_seconds, crawled.seconds - bare_seconds))
    beyond_latency, beyond_bare = (
        median(seconds) / _LATENT_PAGES for seconds in zip(*over, strict=True)
    )
    return OverLatency(latency_seconds=beyond_latency, bare_seconds=beyond_bare)


def _check(url: str, *, pages: int, rows_a_page: int) -> Crawled:
    crawled = Crawled(**json.loads(_printed("benchmarks.size", url)))
    if (crawled.pages, crawled.rows) != (pages, pages * rows_a_page):
        raise RuntimeError(f"not all of it was read: {crawled}")
    return crawled


def _printed(module: str, *arguments: str) -> str:
    """What a module prints as a process of its own."""
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def main(argv: list[str]) -> None:
    """Check the endpoint and print what it took."""
    from checker import check  # here alone: the measuring process stays small

    report = check(argv[0])
    errors = [finding for finding in report.findings if finding.severity == "error"]
    if errors or not report.complete:
        raise RuntimeError(f"the generated pages are not right: {errors or report.crawl}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    figures = {
        "pages": report.crawl.pages,
        "rows": report.crawl.rows,
        "requests": report.crawl.requests,
        "seconds": report.seconds,
        "peak_bytes": peak if sys.platform == "darwin" else peak * 1024,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main(sys.argv[1:])
