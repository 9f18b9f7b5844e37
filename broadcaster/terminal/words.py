"""Sentences and figures about a broadcast, for people. Pure."""

import math
import textwrap
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from broadcaster.model import Broadcast, DeliveryState, Summary
from broadcaster.status import warnings_of, warnings_to_accept
from checker import plural, visible
from schemas import read

__all__ = [
    "counts_words",
    "duration_words",
    "expected_seconds",
    "moment_words",
    "source_words",
    "summary_lines",
    "to_accept_lines",
    "warning_lines",
    "wrapped",
]

_WIDTH = 88
_START_SHARE = _STEP_SHARE = 0.1  # as delivery.pace begins and rises
_RISING_SECONDS = (1 - _START_SHARE) / _STEP_SHARE
_RISING_MESSAGES = _RISING_SECONDS * (1 + _START_SHARE) / 2  # for each of the rate's messages


def source_words(broadcast: Broadcast) -> str:
    """Where it is loaded from."""
    if broadcast.source == "file":
        path = unquote(broadcast.endpoint.partition("://localhost")[2])
        return visible(path or broadcast.endpoint)
    return visible(broadcast.endpoint)


def counts_words(counts: Mapping[DeliveryState, int]) -> str:
    """`1,197 accepted, 2 refused, 1 held`; what is zero is left out, but for what was accepted."""
    order = ("accepted", "refused", "held", "unknown", "sending", "ready")
    parts = [
        f"{counts.get(DeliveryState(name), 0):,} {name}"
        for name in order
        if name == "accepted" or counts.get(DeliveryState(name), 0)
    ]
    return ", ".join(parts)


def duration_words(seconds: float) -> str:
    """`8 s`, `3 min 5 s`, `2 h 10 min`."""
    whole = max(0, math.ceil(seconds))
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours:,} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def expected_seconds(calls: int, rate: float) -> float:
    """How long so many calls take at this limit, with the gentle start of the pace."""
    at_full_rate = calls / rate
    if at_full_rate >= _RISING_MESSAGES:
        return at_full_rate - _RISING_MESSAGES + _RISING_SECONDS
    root = math.sqrt(_START_SHARE**2 + 2 * _STEP_SHARE * at_full_rate)
    return (root - _START_SHARE) / _STEP_SHARE


def moment_words(at: float | None) -> str:
    """A moment in the reader's own time."""
    if at is None:
        return "-"
    return datetime.fromtimestamp(at, UTC).astimezone().strftime("%Y-%m-%d %H:%M")


def summary_lines(broadcast: Broadcast, summary: Summary) -> list[str]:
    """What a complete load holds. A file has no pages that a person knows of."""
    several = summary.people_with_several
    people = plural(summary.people, "person", "people")
    on = "" if broadcast.source == "file" else f" on {plural(broadcast.pages, 'page')}"
    lines = [f"{plural(summary.rows, 'row')}{on} for {people}"]
    if several:
        verb = "get" if several != 1 else "gets"
        lines.append(f"{plural(several, 'person', 'people')} {verb} several different messages")
    if summary.repeated_rows:
        lines.append(
            f"{plural(summary.repeated_rows, 'row')} repeated: the same message to the same person"
        )
    limit = None if broadcast.channel is None else _limit(broadcast.channel)
    of = "" if limit is None else f" of {limit:,}"
    lines.append(f"longest message: {summary.longest_message:,}{of} UTF-16 code units")
    return lines


def _limit(channel: str) -> int | None:
    limit: int | None = read(f"channels/{channel}")["properties"]["msg"].get(
        "x-max-utf16-code-units"
    )
    return limit


def warning_lines(report: Mapping[str, Any] | None) -> list[str]:
    """The check's warnings, each with what to change."""
    lines = []
    for one in warnings_of(report):
        lines += [f"WARNING  {one['rule']}  {one['name']}", *wrapped(one["message"])]
        if one["fix"]:
            lines += wrapped(f"Fix: {one['fix']}")
    return lines


def to_accept_lines(broadcast: Broadcast) -> list[str]:
    """The warnings that must be accepted before it is sent, for the first lines of a summary."""
    lines: list[str] = []
    for one in warnings_to_accept(broadcast):
        lines += [f"People may be missing ({one['rule']}):", *wrapped(one["message"]), ""]
    return lines


def wrapped(text: str) -> list[str]:
    """Remote or long text as indented lines of the terminal."""
    return textwrap.wrap(visible(text), _WIDTH, initial_indent="  ", subsequent_indent="  ")
