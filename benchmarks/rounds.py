"""Runs the peers side by side: A B C D E A B C D E …, each in a process of its own.

This module run as a program is such a process: `python -m benchmarks.rounds NAME URL`. For every
line that it reads it crawls once and answers with what that cost.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median

__all__ = ["Cost", "measure"]


@dataclass(frozen=True, slots=True)
class Cost:
    """What one page costs, in seconds: as a median of the rounds, and in the best of them."""

    wall_seconds: float
    cpu_seconds: float
    best_wall_seconds: float
    best_cpu_seconds: float


def measure(
    url: str, names: Sequence[str], rounds: int, note: Callable[[str], None]
) -> dict[str, Cost]:
    """The median cost of a page of each, after one round that is not counted."""
    costs: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    with ExitStack() as stack:
        peers = {name: stack.enter_context(_start(name, url)) for name in names}
        for number in range(rounds + 1):
            note(f"round {number} of {rounds}" if number else "a round to warm up")
            for name, peer in peers.items():
                costs[name].append(_ask(name, peer))
        for peer in peers.values():
            peer.stdin.close()  # type: ignore[union-attr]
    return {name: _summary(counted[1:]) for name, counted in costs.items()}


def _start(name: str, url: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "benchmarks.rounds", name, url]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _ask(name: str, peer: "subprocess.Popen[str]") -> tuple[float, float]:
    """Wall and CPU seconds of a page."""
    peer.stdin.write("go\n")  # type: ignore[union-attr]
    peer.stdin.flush()  # type: ignore[union-attr]
    answer = peer.stdout.readline()  # type: ignore[union-attr]
    if not answer:
        raise RuntimeError(f"{name} did not finish; its error stands above")
    wall, cpu = json.loads(answer)
    return wall, cpu


def _summary(costs: list[tuple[float, float]]) -> Cost:
    walls, cpus = zip(*costs, strict=True)
    return Cost(
        wall_seconds=median(walls),
        cpu_seconds=median(cpus),
        best_wall_seconds=min(walls),
        best_cpu_seconds=min(cpus),
    )


def _timed(action: Callable[[], int]) -> tuple[int, float, float]:
    wall, cpu = time.perf_counter(), _cpu_seconds()
    pages = action()
    return pages, time.perf_counter() - wall, _cpu_seconds() - cpu


def _cpu_seconds() -> float:
    """Of this process and of those that it waited for."""
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(sum(resource.getrusage(kind)[:2]) for kind in kinds)


def main(argv: list[str]) -> None:
    """Be one of the peers until there is no more to read."""
    from benchmarks.peers import PEERS  # here alone: the measuring process stays small

    answers, sys.stdout = sys.stdout, sys.stderr  # what a peer prints is no answer
    crawler = PEERS[argv[0]](argv[1])
    for _ in sys.stdin:
        idle_pages, idle_wall, idle_cpu = _timed(crawler.idle)
        pages, wall, cpu = _timed(crawler.crawl)
        count = pages - idle_pages
        cost = ((wall - idle_wall) / count, (cpu - idle_cpu) / count)
        print(json.dumps(cost), file=answers, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
