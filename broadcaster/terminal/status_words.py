"""Where broadcasts stand, for people. Pure."""

from collections.abc import Iterable, Sequence

from broadcaster.model import Broadcast, BroadcastState, DeliveryState
from broadcaster.store.outcomes import Cause
from broadcaster.terminal.send_words import cause_lines
from broadcaster.terminal.words import counts_words, moment_words, source_words
from checker import plural, visible

__all__ = ["listing", "standing"]

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


def standing(broadcast: Broadcast, causes: Sequence[Cause], owners: Sequence[str]) -> str:
    """One broadcast, with why rows were not accepted and who is sending it."""
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
    if broadcast.state is BroadcastState.SENDING and not owners:
        lines.append(
            f"  senders   none at the moment; continue with: broadcast resume {broadcast.id}"
        )
    if owners:
        lines.append(f"  senders   {', '.join(sorted(visible(owner) for owner in owners))}")
    if broadcast.forgotten_at is not None:
        lines.append(
            f"  forgotten {moment_words(broadcast.forgotten_at)}; only the counts are left"
        )
    return "\n".join(lines + cause_lines(causes)) + "\n"
