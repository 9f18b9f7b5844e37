"""How a load ended, for people. Pure."""

from broadcaster.channels.base import Channel, Quota
from broadcaster.model import Broadcast, StopCause
from broadcaster.terminal.words import (
    duration_words,
    expected_seconds,
    source_words,
    summary_lines,
    to_accept_lines,
    warning_lines,
    wrapped,
)
from checker import Report, plural

__all__ = ["blocked_words", "findings_words", "preview_lines", "quota_words", "ready_words"]

_ORDER = {"error": 0, "warning": 1, "info": 2}


def ready_words(broadcast: Broadcast, preview: list[str], next_command: str | None) -> str:
    """What a complete load holds, and what to do now."""
    lines = to_accept_lines(broadcast)
    lines += ["All of your data is done and ready to be processed.", ""] if not lines else []
    lines.append(f"Broadcast {broadcast.id}, from {source_words(broadcast)}")
    if broadcast.summary is not None:
        found = summary_lines(broadcast, broadcast.summary)
        lines += [f"  {line}" for line in [*found, *preview]]
    warnings = warning_lines(broadcast.report)
    if warnings:
        lines += ["", *warnings]
    if not broadcast.rows:
        lines += ["", "It has no rows to send."]
    elif next_command is not None:
        lines += ["", f"Next: {next_command}"]
    return "\n".join(lines) + "\n"


def blocked_words(broadcast: Broadcast) -> str:
    """What follows the check's report."""
    kept = plural(broadcast.rows, "row") if broadcast.rows else "No row"
    was = "were" if broadcast.rows > 1 else "was"
    if broadcast.cause is StopCause.CHANGED:
        return (
            f"Broadcast {broadcast.id} is blocked: {broadcast.reason}.\n"
            "The rows that were loaded before may not fit the rest, so none can be sent.\n"
        )
    what = "file" if broadcast.source == "file" else "endpoint"
    return (
        f"\nBroadcast {broadcast.id} is blocked: {broadcast.reason}.\n"
        f"{kept} {was} loaded, and none can be sent. Correct the {what}, then run the same command "
        "again.\n"
    )


def findings_words(report: Report) -> str:
    """What is wrong with a contacts file, the errors first, each with what to change."""
    lines = []
    for finding in sorted(report.findings, key=lambda one: _ORDER[one.severity]):
        lines.append(f"{finding.severity.value.upper()}  {finding.rule}  {finding.name}")
        lines += wrapped(finding.message)
        if finding.severity != "info":
            lines += wrapped(f"Fix: {finding.fix}")
    return "\n".join(lines) + "\n"


def preview_lines(
    channel: Channel, quota: Quota | None, *, rows: int, rate: float | None
) -> list[str]:
    """How long so many rows take on the channel, and whether its quota has room for them."""
    limit = rate or channel.rate
    lines = []
    if channel.group_limit > 1:
        lines.append("expected duration: depends on how many rows have the same text")
    elif limit is not None and rows:
        seconds = duration_words(expected_seconds(rows, limit))
        lines.append(
            f"expected duration: about {seconds}, at up to {plural(int(limit), 'message')} a second"
            if limit >= 1
            else f"expected duration: about {seconds}"
        )
    if quota is not None:
        lines.append(quota_words(quota))
    return lines


def quota_words(quota: Quota) -> str:
    """What is left of it."""
    if quota.left is None:
        return "quota: no limit"
    whole = "" if quota.limit is None else f" of {quota.limit:,}"
    return f"quota: {quota.left:,}{whole} messages left"
