"""A broadcast as JSON, by schemas/status.schema.json. Pure."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from broadcaster.model import Broadcast, BroadcastState, DeliveryState
from broadcaster.queue.standing import QueueStanding
from broadcaster.store.outcomes import Cause

__all__ = ["causes_to_show", "moment", "status_document", "warnings_of", "warnings_to_accept"]

_TO_ACCEPT = frozenset({"PAGE010"})
"""PAGE010 blank-end: the data may go on, since a blank page looks like a crash of the server."""


def status_document(broadcast: Broadcast, queue: QueueStanding | None = None) -> dict[str, Any]:
    """What `broadcast status --json` prints of one broadcast. Holds no customers' data. `queue` is
    how it stands with the workers that send it.
    """
    summary = broadcast.summary
    return {
        "id": broadcast.id,
        "state": broadcast.state.value,
        "rows": broadcast.rows,
        "counts": {state.value: broadcast.counts.get(state, 0) for state in DeliveryState},
        "reason": broadcast.reason,
        "source": broadcast.source,
        "endpoint": broadcast.endpoint,
        "channel": broadcast.channel,
        "via": broadcast.via or None,
        "pages": broadcast.pages,
        "at_least_once": broadcast.at_least_once,
        "rate": broadcast.rate,
        "limit": broadcast.limit,
        "queue": None if queue is None else _queue_document(queue),
        "created_at": moment(broadcast.created_at),
        "updated_at": moment(broadcast.updated_at),
        "first_sent_at": moment(broadcast.first_sent_at),
        "ended_at": moment(broadcast.ended_at),
        "forgotten_at": moment(broadcast.forgotten_at),
        "summary": None
        if summary is None
        else {
            "people": summary.people,
            "people_with_several": summary.people_with_several,
            "repeated_rows": summary.repeated_rows,
            "longest_message": summary.longest_message,
        },
        "warnings": [
            {"rule": one["rule"], "name": one["name"], "count": one["count"]}
            for one in warnings_of(broadcast.report)
        ],
    }


def _queue_document(queue: QueueStanding) -> dict[str, Any]:
    figures, pace = queue.chunks, queue.pace
    return {
        "workers": queue.workers,
        "chunks": figures.chunks,
        "chunks_being_sent": figures.leased,
        "chunks_to_repeat_later": figures.resting,
        "ended_leases": figures.ended_leases,
        "oldest_chunk_seconds": figures.oldest_seconds,
        "pace": None if pace is None else pace.rate,
        "pace_low": None if pace is None else pace.low,
    }


def warnings_of(report: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    """The warnings of a check's JSON report, in its order."""
    findings: list[Mapping[str, Any]] = [] if report is None else report["findings"]
    return [finding for finding in findings if finding["severity"] == "warning"]


def warnings_to_accept(
    broadcast: Broadcast, accepted: Iterable[str] = ()
) -> list[Mapping[str, Any]]:
    """The check's warnings that must be accepted by name before the broadcast is begun, because
    people may be missing from it; none once it was begun.
    """
    if broadcast.first_sent_at is not None:
        return []
    names = {name.strip().upper() for name in accepted}
    return [
        one
        for one in warnings_of(broadcast.report)
        if one["rule"] in _TO_ACCEPT and one["rule"] not in names
    ]


def causes_to_show(broadcast: Broadcast, causes: Iterable[Cause]) -> list[Cause]:
    """Why rows were not accepted. Rows that are ready to be sent again for the reason for which the
    broadcast is paused are left out: that reason is shown for the whole broadcast.
    """
    paused_for = broadcast.reason if broadcast.state is BroadcastState.PAUSED else None
    return [
        one
        for one in causes
        if one.reason
        and one.state is not DeliveryState.ACCEPTED
        and not (one.state is DeliveryState.READY and one.reason == paused_for)
    ]


def moment(at: float | None) -> str | None:
    """By RFC 3339, in UTC."""
    if at is None:
        return None
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
