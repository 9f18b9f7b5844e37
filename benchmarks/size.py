"""How much memory a long crawl takes, and what a slow server's page costs beyond its latency.

Each check is a process of its own: `python -m benchmarks.size URL` checks and prints its figures.
"""

import json
import resource
import subprocess
import sys
from dataclasses import dataclass

from benchmarks.serving import generated

__all__ = ["LATENCY_SECONDS", "Crawled", "crawl_generated", "seconds_over_latency"]

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


def crawl_generated(*, pages: int, rows_a_page: int, latency_seconds: float = 0.0) -> Crawled:
    """Check so many generated pages, the probes included. Raises RuntimeError if it fails."""
    with generated(pages=pages, rows_a_page=rows_a_page, latency_seconds=latency_seconds) as url:
        command = [sys.executable, "-m", "benchmarks.size", url]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    crawled = Crawled(**json.loads(done.stdout))
    if (crawled.pages, crawled.rows) != (pages, pages * rows_a_page):
        raise RuntimeError(f"not all of it was read: {crawled}")
    return crawled


def seconds_over_latency() -> float:
    """The time that a page takes beyond the server's own, at 50 ms for every request."""
    crawled = crawl_generated(pages=_LATENT_PAGES, rows_a_page=499, latency_seconds=LATENCY_SECONDS)
    return (crawled.seconds - crawled.requests * LATENCY_SECONDS) / crawled.pages


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
