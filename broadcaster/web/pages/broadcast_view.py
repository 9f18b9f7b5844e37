"""What a page shows of a broadcast: its state in words, its rows by state, and its chart."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from broadcaster.channels.base import Channel, Quota
from broadcaster.delivery import SendProgress, SendWaiting
from broadcaster.errors import WrongCommand
from broadcaster.model import END_STATES, Broadcast, BroadcastState, DeliveryState
from broadcaster.store.outcomes import Accepted
from broadcaster.store.repeats import SentBefore
from broadcaster.terminal.words import expected_seconds
from broadcaster.web.jobs.job import JobState, Progress
from broadcaster.web.languages import _, duration_of, figure
from checker import visible

__all__ = [
    "Bar",
    "ChannelPreview",
    "bars_of",
    "channel_preview",
    "ledger_fields",
    "refusal_of",
    "sending_fields",
    "source_of",
    "state_words",
    "top_of",
    "version_of",
    "waiting",
]

_WIDTH, _HEIGHT = 1000.0, 100.0
_OPEN = (DeliveryState.READY, DeliveryState.SENDING, DeliveryState.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelPreview:
    """What to expect of a channel. `error`: why it cannot be used; `refusal`: why it would refuse
    the first messages or the token. `limit` is its maximum of calls a second; with `multicast` it
    can send rows with the same text in one call; `delivers` is False for a channel that reaches no
    people. `sent_before` counts rows that it sent already in the last days.
    """

    name: str
    duration: str = ""
    quota: Quota | None = None
    error: str = ""
    idempotent: bool = True
    limit: float | None = None
    multicast: bool = False
    delivers: bool = True
    refusal: str = ""
    sent_before: SentBefore | None = None

    def too_little_for(self, rows: int) -> bool:
        """Whether the quota is too small for so many rows."""
        left = None if self.quota is None else self.quota.left
        return left is not None and left < rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar of a chart within 1000 by 100."""

    x: str
    y: str
    width: str
    height: str
    label: str


def waiting(broadcast: Broadcast) -> int:
    """The number of rows without an end state."""
    return sum(broadcast.counts.get(state, 0) for state in _OPEN)


def version_of(broadcast: Broadcast) -> str:
    """Changes when a page that updates itself must be replaced by another page; empty for pages
    that do not update themselves. While a broadcast is sent its figures do not count.
    """
    if broadcast.state not in (BroadcastState.SENDING, BroadcastState.PAUSED):
        return ""
    paused = broadcast.state is BroadcastState.PAUSED
    counts = [broadcast.counts.get(state, 0) for state in DeliveryState] if paused else []
    return "-".join(map(str, (broadcast.state.value, broadcast.updated_at, *counts)))


def source_of(broadcast: Broadcast) -> str:
    """Where the rows come from: the masked endpoint, or the file's name."""
    if broadcast.source == "file":
        return visible(unquote(broadcast.endpoint.rpartition("/")[2]))
    return visible(broadcast.endpoint)


def state_words(broadcast: Broadcast) -> str:
    """The state in the visitor's language."""
    return {
        BroadcastState.LOADING: _("loading"),
        BroadcastState.READY: _("ready to be sent"),
        BroadcastState.BLOCKED: _("blocked"),
        BroadcastState.SENDING: _("sending"),
        BroadcastState.PAUSED: _("paused"),
        BroadcastState.DONE: _("done"),
        BroadcastState.CANCELLED: _("cancelled"),
    }[broadcast.state]


def ledger_fields(broadcast: Broadcast) -> dict[str, str]:
    """The number of rows in each state, as text."""
    fields = {state.value: figure(broadcast.counts.get(state, 0)) for state in DeliveryState}
    ended = sum(broadcast.counts.get(state, 0) for state in END_STATES)
    return {**fields, "ended": figure(ended), "rows": figure(broadcast.rows)}


def sending_fields(broadcast: Broadcast, progress: Progress | None, rate: float) -> dict[str, str]:
    """The rows by state, the speed, why it waits. `rate` is for what another program sends."""
    event = None if progress is None else progress.step
    doing = ""
    if progress is not None and progress.state is JobState.QUEUED:
        doing = _("Waiting for other broadcasts")
    elif isinstance(event, SendWaiting):
        seconds = figure(round(event.seconds, 1))
        doing = _("Waiting %(seconds)s s: %(why)s", seconds=seconds, why=visible(event.why))
    speed = event.rate if isinstance(event, SendProgress) else rate
    left = waiting(broadcast)
    return {
        **ledger_fields(broadcast),
        "rate": figure(round(speed)),
        "doing": doing,
        "percent": str(100 * (broadcast.rows - left) // max(broadcast.rows, 1)),
        "remaining": _remaining(left, speed),
    }


def _remaining(left: int, rate: float) -> str:
    if not left or rate <= 0:
        return ""
    return _("about %(duration)s left", duration=duration_of(left / rate))


def channel_preview(
    channel: Channel, name: str, rows: int, samples: Sequence[tuple[str, str]] = ()
) -> ChannelPreview:
    """What the channel answers within a few seconds; `samples` are rows to show to it."""
    limit = channel.rate
    duration = ""
    if limit is not None and rows and channel.group_limit == 1:
        duration = duration_of(expected_seconds(rows, limit))
    requests = [channel.render([uid], msg) for uid, msg in samples]
    try:
        quota, refusal = asyncio.run(_answers(channel, requests))
    except WrongCommand as error:
        return ChannelPreview(name=name, error=str(error), idempotent=channel.idempotent)
    return ChannelPreview(
        name=name,
        duration=duration,
        quota=quota,
        idempotent=channel.idempotent,
        limit=limit,
        refusal=refusal,
    )


def refusal_of(channel: Channel, requests: Sequence[bytes]) -> str:
    """Why the channel would refuse one of these requests; empty where it would not. Raises
    WrongCommand.
    """
    return asyncio.run(_answers(channel, requests))[1]


async def _answers(channel: Channel, requests: Sequence[bytes]) -> tuple[Quota | None, str]:
    """The quota, and the first refusal; all questions are asked at once."""
    await channel.open()
    try:
        checks = asyncio.gather(*(channel.validate([one]) for one in requests))
        quota, refusals = await asyncio.gather(channel.quota(), checks)
    finally:
        await channel.close()
    return quota, next(filter(None, refusals), "")


def bars_of(points: Sequence[Accepted]) -> list[Bar]:
    """A bar for each span of time: rows accepted a second."""
    highest = max((point.rows / point.seconds for point in points), default=0.0)
    if not highest:
        return []
    step = _WIDTH / max(len(points), 12)
    bars = []
    for index, point in enumerate(points):
        rate = point.rows / point.seconds
        height = _HEIGHT * rate / highest
        at, shown = _clock(point.at), figure(round(rate))
        bars.append(
            Bar(
                x=f"{index * step:.2f}",
                y=f"{_HEIGHT - height:.2f}",
                width=f"{step - min(2.0, step / 5):.2f}",
                height=f"{height:.2f}",
                label=_("%(time)s UTC: %(rate)s a second", time=at, rate=shown),
            )
        )
    return bars


def top_of(points: Sequence[Accepted]) -> str:
    """The value of the highest bar in words."""
    highest = max((point.rows / point.seconds for point in points), default=0.0)
    return _("at most %(rate)s a second", rate=figure(round(highest)))


def _clock(at: float) -> str:
    return time.strftime("%H:%M:%S", time.gmtime(at))
