"""Where broadcasts stand, for people. Pure."""

from collections.abc import Iterable, Sequence

from broadcaster.delivery.rate_control import UNLIMITED_RATE, LowRate
from broadcaster.model import Broadcast, BroadcastState, DeliveryState
from broadcaster.queue.slots import PaceStanding
from broadcaster.queue.standing import QueueStanding
from broadcaster.store.fleet import FleetStanding
from broadcaster.store.outcomes import Cause
from broadcaster.terminal.send_words import cause_lines
from broadcaster.terminal.words import counts_words, duration_words, moment_words, source_words
from checker import plural, visible

__all__ = ["fleet_line", "listing", "standing"]

_HEADS = ("ID", "STATE", "ROWS", "ACCEPTED", "REFUSED", "HELD", "CREATED", "FROM")
_RIGHT = frozenset({2, 3, 4, 5})
_NONE = "There are no broadcasts yet. Start with: broadcast load URL\n"


def listing(broadcasts: Iterable[Broadcast]) -> str:
    """A table with a line each."""
    table = [_HEADS, *(_cells(one) for one in broadcasts)]
    if len(table) == 1:
        return _NONE
    widths = [max(len(line[column]) for line in table) for column in range(len(_HEADS) - 1)]
    return "".join(_line(line, widths) + "\n" for line in table)


def fleet_line(fleet: FleetStanding) -> str:
    """What of a fleet needs a look; empty where there is no fleet."""
    if not fleet.endpoints:
        return ""
    failing = fleet.failing + fleet.failed
    return (
        f"Fleet: {plural(fleet.endpoints, 'endpoint')}, {fleet.due:,} due for a check, "
        f"{failing:,} failing; see: broadcast checks status\n"
    )


def _cells(one: Broadcast) -> tuple[str, ...]:
    counts = [
        f"{one.counts.get(state, 0):,}"
        for state in (DeliveryState.ACCEPTED, DeliveryState.REFUSED, DeliveryState.HELD)
    ]
    source = "(forgotten)" if one.forgotten_at is not None else source_words(one)
    return (one.id, one.state.value, f"{one.rows:,}", *counts, moment_words(one.created_at), source)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    parts = [
        cell.rjust(width) if column in _RIGHT else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=False))
    ]
    return "  ".join([*parts, cells[-1]])


def standing(
    broadcast: Broadcast,
    causes: Sequence[Cause],
    owners: Sequence[str],
    queue: QueueStanding | None = None,
) -> str:
    """One broadcast, with why rows were not accepted and who is sending it: the processes with
    these names, or workers.
    """
    lines = [
        f"Broadcast {broadcast.id}: {broadcast.state.value}",
        f"  from      {source_words(broadcast)}",
        f"  created   {moment_words(broadcast.created_at)}",
        f"  loaded    {plural(broadcast.rows, 'row')} on {plural(broadcast.pages, 'page')}",
    ]
    if broadcast.state is BroadcastState.LOADING:
        lines.append("  not complete: run the same load command again to resume")
    if broadcast.reason:
        lines.append(f"  reason    {visible(broadcast.reason)}")
    if broadcast.via:
        lines.append(f"  channel   {visible(broadcast.via)}")
        lines.append(f"  sent      {counts_words(broadcast.counts)}")
    if queue is not None:
        lines += _queue_lines(queue)
    elif broadcast.state is BroadcastState.SENDING and not owners:
        lines.append(
            f"  senders   none at the moment; continue with: broadcast resume {broadcast.id}"
        )
    elif owners:
        lines.append(f"  senders   {', '.join(sorted(visible(owner) for owner in owners))}")
    if broadcast.forgotten_at is not None:
        lines.append(
            f"  forgotten {moment_words(broadcast.forgotten_at)}; only the counts are left"
        )
    return "\n".join(lines + cause_lines(broadcast, causes)) + "\n"


def _queue_lines(queue: QueueStanding) -> list[str]:
    """Of a broadcast that workers send."""
    if queue.workers:
        verb = "runs" if queue.workers == 1 else "run"
        lines = [f"  workers   {queue.workers:,} {verb}; see: broadcast workers"]
    else:
        lines = ["  workers   none runs; start one with: broadcast worker --via CHANNEL"]
    figures = queue.chunks
    waiting = figures.chunks - figures.leased - figures.resting - figures.ended_leases
    parts = [f"{figures.leased:,} being sent", f"{waiting:,} waiting for a worker"]
    if figures.resting:
        parts.append(f"{figures.resting:,} waiting to be repeated")
    if figures.ended_leases:
        parts.append(f"{figures.ended_leases:,} left by a worker that died or lost the store")
    if figures.chunks and figures.oldest_seconds is not None:
        parts.append(f"the oldest was queued {duration_words(figures.oldest_seconds)} ago")
    lines.append(f"  chunks    {', '.join(parts)}")
    if queue.pace is not None:
        lines.append(f"  pace      {_pace_words(queue.pace)}")
    return lines


def _pace_words(pace: PaceStanding) -> str:
    if pace.rate >= UNLIMITED_RATE:
        return "no limit"
    rate = f"{pace.rate:,.0f}" if pace.rate >= 10 else f"{pace.rate:.3g}"
    words = f"at most {rate} {'call' if rate == '1' else 'calls'} a second"
    if pace.low is None:
        return words
    why = _WHY_LOW[pace.low].format(wait=duration_words(pace.wait_seconds))
    return f"{words}: {why}"


_WHY_LOW = {
    LowRate.WAIT: "the channel asked to wait, for another {wait}",
    LowRate.FEWER: "the channel asked for fewer calls; it rises again",
    LowRate.NO_ANSWERS: "the channel did not answer for a time; it rises again",
    LowRate.LOST: "at a higher rate more calls are not answered",
}
