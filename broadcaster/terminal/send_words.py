"""What is said before a broadcast is sent, and after. Pure."""

from collections.abc import Sequence

from broadcaster.channels.base import Channel, Quota
from broadcaster.model import (
    END_STATES,
    SENT_BEFORE_DAYS,
    Broadcast,
    BroadcastState,
    DeliveryState,
)
from broadcaster.status import causes_to_show
from broadcaster.store.outcomes import Cause
from broadcaster.terminal.load_words import preview_lines
from broadcaster.terminal.words import counts_words, source_words, summary_lines, to_accept_lines
from checker import plural, visible

__all__ = [
    "before_words",
    "cause_lines",
    "end_words",
    "question",
    "sent_before_words",
    "too_little_quota",
]

_SHOWN_CAUSES = 5


def before_words(
    broadcast: Broadcast,
    channel: Channel,
    quota: Quota | None,
    first: int | None,
    rate: float | None,
) -> str:
    """The summary."""
    begun = broadcast.first_sent_at is not None
    lines = to_accept_lines(broadcast)
    lines.append(f"Broadcast {broadcast.id}, from {source_words(broadcast)}")
    if broadcast.summary is not None:
        found = summary_lines(broadcast, broadcast.summary)
        lines += [f"  {line}" for line in found]
    if begun:
        lines.append(f"  so far: {counts_words(broadcast.counts)}")
    if first is not None:
        lines.append(f"  sending only the first {plural(first, 'row')} now")
    left = broadcast.rows - sum(broadcast.counts.get(state, 0) for state in END_STATES)
    left = left if first is None else min(left, first)
    lines += [f"  {line}" for line in preview_lines(channel, quota, rows=left, rate=rate)]
    if channel.row_format is not None and broadcast.channel != channel.row_format:
        lines.append(
            f"  not checked by the rules of {channel.row_format}: it was loaded without "
            f"--channel {channel.row_format}, so some rows may be refused"
        )
    return "\n".join(lines) + "\n"


def question(waiting: int, channel: Channel) -> str:
    """What a person is asked."""
    return f"Send {plural(waiting, 'message')} by {visible(channel.name)}?"


def sent_before_words(rows: int, broadcast_id: str) -> str:
    """How many got the same message lately, and from which broadcast."""
    people = plural(rows, "person", "people")
    verb = "has" if rows == 1 else "have"
    return (
        f"{people} {verb} got the same message already, in the last {SENT_BEFORE_DAYS} days "
        f"(broadcast {broadcast_id})."
    )


def too_little_quota(left: int, waiting: int) -> str:
    """Why it is not begun."""
    return (
        f"The channel's quota has {left:,} left, and {plural(waiting, 'message')} "
        f"{'are' if waiting != 1 else 'is'} to be sent: send fewer with --first {max(left, 1)}, "
        "raise the quota, or send until it is used up with --over-quota."
    )


def end_words(broadcast: Broadcast, causes: Sequence[Cause]) -> str:
    """The state after a run, and what to do about messages that were not accepted."""
    counts = broadcast.counts
    state = broadcast.state.value.capitalize()
    lines = [f"{state}: of {plural(broadcast.rows, 'row')} {counts_words(counts)}."]
    if broadcast.state is BroadcastState.PAUSED and broadcast.reason:
        lines.append(f"  reason: {visible(broadcast.reason)}")
    lines += cause_lines(broadcast, causes)
    lines += _next_steps(broadcast)
    return "\n".join(lines) + "\n"


def cause_lines(broadcast: Broadcast, causes: Sequence[Cause]) -> list[str]:
    """Why rows were not accepted, the most frequent causes first."""
    causes_shown = causes_to_show(broadcast, causes)
    lines = [
        f"  {one.rows:,} {one.state.value}: {visible(one.reason or '')}"
        for one in causes_shown[:_SHOWN_CAUSES]
    ]
    if len(causes_shown) > _SHOWN_CAUSES:
        lines.append(f"  and {plural(len(causes_shown) - _SHOWN_CAUSES, 'more cause')}")
    return lines


def _next_steps(broadcast: Broadcast) -> list[str]:
    counts, name = broadcast.counts, broadcast.id
    lines = []
    if broadcast.state in (BroadcastState.PAUSED, BroadcastState.SENDING):
        lines.append(f"Continue:                   broadcast resume {name}")
    refused, held = counts.get(DeliveryState.REFUSED, 0), counts.get(DeliveryState.HELD, 0)
    if refused or held:
        lines.append(f"Who, and why:               broadcast report {name}")
    if broadcast.state is BroadcastState.CANCELLED:
        return lines
    if refused:
        lines.append(f"Resend the refused:         broadcast retry {name}")
    if held:
        lines.append(
            f"Resend the held (may reach\npeople twice):              broadcast retry {name} --held"
        )
    return lines
