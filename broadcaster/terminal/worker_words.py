"""Workers and what they hold, for people. Pure."""

from collections.abc import Sequence

from broadcaster.store.workers import WorkerStanding
from broadcaster.terminal.words import moment_words
from checker import plural, visible

__all__ = ["worker_lines"]

_NONE = "No worker runs. Start one with: broadcast worker --via CHANNEL\n"
_SHOWN_ENDPOINTS = 5


def worker_lines(workers: Sequence[WorkerStanding], now: float) -> str:
    """Each worker by its name, host:process; those that run first."""
    if not workers:
        return _NONE
    alive = [one for one in workers if one.is_alive(now)]
    dead = [one for one in workers if not one.is_alive(now)]
    lines = [line for one in [*alive, *dead] for line in _worker(one, now)]
    return "\n".join(lines) + "\n" + ("" if alive else _NONE)


def _worker(worker: WorkerStanding, now: float) -> list[str]:
    since = moment_words(worker.began_at)
    if not worker.is_alive(now):
        seen = moment_words(worker.seen_at)
        return [f"{visible(worker.name)}  not running: last seen {seen}{_still_held(worker)}"]
    lines = [f"{visible(worker.name)}  running since {since}"]
    if worker.channels:
        lines.append(f"  sends by  {', '.join(map(visible, worker.channels))}")
    if worker.checks:
        lines.append(f"  checks    {plural(worker.checks, 'endpoint')} of a fleet at the same time")
    for broadcast, chunks in worker.chunks.items():
        lines.append(f"  holds     {plural(chunks, 'chunk')} of broadcast {broadcast}")
    if worker.endpoints:
        names = [visible(name) for name in worker.endpoints[:_SHOWN_ENDPOINTS]]
        if len(worker.endpoints) > _SHOWN_ENDPOINTS:
            names.append(f"{len(worker.endpoints) - _SHOWN_ENDPOINTS} more")
        lines.append(f"  checking  {', '.join(names)}")
    if not worker.chunks and not worker.endpoints:
        lines.append("  holds     nothing now")
    return lines


def _still_held(worker: WorkerStanding) -> str:
    """What others take over as soon as its leases end."""
    held = sum(worker.chunks.values())
    return f"; {plural(held, 'chunk')} of it until the lease ends" if held else ""
