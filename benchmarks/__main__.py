"""`make bench`: measures, and prints each figure beside what is required of it.

Says what is met and what is not; fails only when something could not be measured.
"""

import argparse
import os
import subprocess
import sys

from benchmarks.rounds import Cost, measure
from benchmarks.samples import PAGES, ROWS_A_PAGE
from benchmarks.serving import MissingProgramError, nginx
from benchmarks.size import LATENCY_SECONDS, crawl_generated, over_latency
from benchmarks.web import CHECKS, answering_under_checks

_NAMES = {
    "check": "our full check, probes included",
    "loop": "(1) requests.get, .json(), jsonschema.validate",
    "schemathesis": "(2) schemathesis run",
    "schemathesis-checks": "    its checks alone, nothing generated",
    "dlt": "(3) dlt's paginator, which checks nothing",
    "fetch": "(4) fetching and decoding alone, our client",
}
_TIMES_AS_FAST = {"loop": 12.0, "schemathesis": 2.5, "dlt": 2.0}
_COST_LIMIT = 2.0
_PEAK_LIMIT_BYTES = 300_000_000
_OVER_LATENCY_LIMIT_SECONDS = 0.0015
_WINDOW_LIMIT_SECONDS = 0.2
_SIZES = {True: ((100_000, 2), (20_041, ROWS_A_PAGE)), False: ((20_000, 2), (2_005, ROWS_A_PAGE))}


def main(argv: list[str]) -> int:
    """Measure everything and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how often each crawls (default 5)")
    parser.add_argument(
        "--whole", action="store_true", help="memory at full length: 100,000 pages, 10 million rows"
    )
    options = parser.parse_args(argv)
    try:
        with nginx() as url:
            _print_speed(measure(url, list(_NAMES), options.rounds, _note))
        _print_latency(options.rounds)
        _print_memory(whole=options.whole)
        _print_window()
    except (MissingProgramError, RuntimeError, OSError, subprocess.SubprocessError) as error:
        print(f"The measurement failed: {error}", file=sys.stderr)
        return 1
    return 0


def _print_speed(costs: dict[str, Cost]) -> None:
    print(
        f"\n{PAGES} pages of {ROWS_A_PAGE} rows behind nginx on loopback; us a page, medians of the"
    )
    print(
        f"rounds and in brackets the best; {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}:\n"
    )
    print(f"{'':46}{'pages/s':>8}{'wall':>18}{'CPU':>18}  ours against it")
    for name, cost in costs.items():
        wall = f"{cost.wall_seconds * 1e6:,.0f} ({cost.best_wall_seconds * 1e6:,.0f})"
        cpu = f"{cost.cpu_seconds * 1e6:,.0f} ({cost.best_cpu_seconds * 1e6:,.0f})"
        against = _against(name, costs["check"], cost)
        line = f"{_NAMES[name]:46}{1 / cost.wall_seconds:8,.0f}{wall:>18}{cpu:>18}  {against}"
        print(line.rstrip())


def _against(name: str, ours: Cost, other: Cost) -> str:
    """How many times as fast ours is, and what is required; (4) asks for its cost instead."""
    if name == "check":
        return ""
    times = other.wall_seconds / ours.wall_seconds
    best = other.best_wall_seconds / ours.best_wall_seconds
    if name == "fetch":
        met = _met(within=1 / times <= _COST_LIMIT)
        return f"{1 / times:.2f} ({1 / best:.2f}) times its cost; at most {_COST_LIMIT:g}: {met}"
    fast = f"{times:.1f} ({best:.1f}) times as fast"
    if name not in _TIMES_AS_FAST:
        return fast
    least = _TIMES_AS_FAST[name]
    return f"{fast}; at least {least:g}: {_met(within=times >= least)}"


def _print_latency(rounds: int) -> None:
    _note(f"{rounds} checks of a slow server")
    over, limit = over_latency(rounds), _OVER_LATENCY_LIMIT_SECONDS
    met = _met(within=over.bare_seconds <= limit)
    print(
        f"\nA page at {LATENCY_SECONDS * 1000:g} ms latency takes {over.bare_seconds * 1000:.2f} ms"
        f" more than it takes a bare socket; at most {limit * 1000:g}: {met}\n"
        f"({over.latency_seconds * 1000:.2f} ms more than the latency itself;"
        f" medians of {rounds}; load {os.getloadavg()[0]:.1f})\n"
    )


def _print_memory(*, whole: bool) -> None:
    for pages, rows_a_page in _SIZES[whole]:
        _note(f"{pages:,} pages of {rows_a_page} rows")
        crawled = crawl_generated(pages=pages, rows_a_page=rows_a_page)
        within = crawled.peak_bytes < _PEAK_LIMIT_BYTES
        print(
            f"{crawled.pages:9,} pages, {crawled.rows:12,} rows in {crawled.seconds:6.1f} s:"
            f" peak {crawled.peak_bytes / 1e6:.0f} MB; under {_PEAK_LIMIT_BYTES / 1e6:.0f}:"
            f" {_met(within=within)}"
        )
    if not whole:
        print("At full length: python -m benchmarks --whole (make soak).")


def _print_window() -> None:
    for at_once in (8, CHECKS):
        found = answering_under_checks(at_once)
        print(
            f"The window with {CHECKS} checks, {at_once} at once: 95 of 100 pages within"
            f" {found.busy_p95 * 1000:.0f} ms; at most {_WINDOW_LIMIT_SECONDS * 1000:g}:"
            f" {_met(within=found.busy_p95 <= _WINDOW_LIMIT_SECONDS)}"
        )


def _met(*, within: bool) -> str:
    return "met" if within else "NOT MET"


def _note(text: str) -> None:
    print(f"  … {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
