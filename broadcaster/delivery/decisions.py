"""What an answer makes of a row, and which rows go in one call. Pure."""

import dataclasses
import math
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from broadcaster.channels.base import Answer, Channel, Verdict
from broadcaster.model import Call, Delivery, DeliveryState, Settlement, retry_key
from schemas import read

__all__ = ["backoff_seconds", "bundle", "decide", "not_sent"]

_FIRST_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 30.0  # the pace spares a channel that is down; a row need not


def bundle(deliveries: Sequence[Delivery], channel: Channel, broadcast_id: str) -> list[Call]:
    """The calls for these rows, in their order. Rows that went together before go together again,
    since a repeat must be the same request; others do when they have one text and the channel can.
    A uid that is not of the channel's form goes alone: for it the others would be refused, too.
    """
    again: dict[int, list[Delivery]] = defaultdict(list)
    alone: list[list[Delivery]] = []
    fresh: dict[str, list[list[Delivery]]] = defaultdict(list)
    for delivery in deliveries:
        if delivery.attempt > 1:
            again[delivery.sent_with].append(delivery)
        elif channel.group_limit == 1 or not _has_uid_format(delivery.uid, channel.row_format):
            alone.append([delivery])
        else:
            _join(fresh[delivery.msg], delivery, channel.group_limit)
    groups = [*again.values(), *alone, *(group for same in fresh.values() for group in same)]
    groups.sort(key=lambda group: group[0].row)
    return [_call(group, channel, broadcast_id) for group in groups]


def _has_uid_format(uid: str, row_format: str | None) -> bool:
    """By schemas/channels/; on a channel without a form every uid may be right."""
    if row_format is None:
        return True
    pattern, longest = _uid_format(row_format)
    return len(uid) <= longest and pattern.match(uid) is not None


@cache
def _uid_format(row_format: str) -> tuple[re.Pattern[str], float]:
    uid: Mapping[str, Any] = read(f"channels/{row_format}")["properties"]["uid"]
    return re.compile(uid.get("pattern", "")), uid.get("maxLength", math.inf)


def _join(groups: list[list[Delivery]], delivery: Delivery, limit: int) -> None:
    """Into the first group with room; nobody stands twice in one call."""
    for group in groups:
        if len(group) < limit and all(other.uid != delivery.uid for other in group):
            group.append(delivery)
            return
    groups.append([delivery])


def _call(group: Sequence[Delivery], channel: Channel, broadcast_id: str) -> Call:
    first = group[0]
    lead = first.sent_with if first.attempt > 1 else first.row
    together = tuple(
        one if one.sent_with == lead else dataclasses.replace(one, sent_with=lead) for one in group
    )
    return Call(
        key=retry_key(broadcast_id, lead, first.generation),
        request=channel.render([one.uid for one in group], first.msg),
        deliveries=together,
    )


def decide(
    call: Call,
    answer: Answer,
    *,
    repeatable: bool,
    now: float,
    jitter: Callable[[float, float], float],
) -> list[Settlement]:
    """What becomes of the call's rows. `repeatable`: an unknown outcome may be tried again.

    All rows of a call get one moment to come back at, since a repeat must hold them all again.
    """
    pause = answer.after_seconds
    if pause is None:
        pause = backoff_seconds(now - call.deliveries[0].first_attempt_at, jitter)
    return [_decide(one, answer, now + pause, repeatable=repeatable) for one in call.deliveries]


def _decide(delivery: Delivery, answer: Answer, again_at: float, *, repeatable: bool) -> Settlement:
    state = _END.get(answer.verdict)
    if answer.verdict is Verdict.UNKNOWN:
        state = DeliveryState.UNKNOWN if repeatable else DeliveryState.HELD
    elif state is None:
        # this attempt was surely not taken, but an earlier one may have been
        state = DeliveryState.UNKNOWN if delivery.doubtful else DeliveryState.READY
    waits = answer.verdict is Verdict.LATER or state is DeliveryState.UNKNOWN
    return Settlement(
        delivery=delivery,
        state=state,
        not_before=again_at if waits else None,
        reason=None if state is DeliveryState.ACCEPTED else answer.reason,
        reference=answer.reference or None,
    )


_END = {
    Verdict.ACCEPTED: DeliveryState.ACCEPTED,
    Verdict.REFUSED: DeliveryState.REFUSED,
    Verdict.DOUBTFUL: DeliveryState.HELD,
}


def not_sent(call: Call) -> list[Settlement]:
    """Rows that were claimed and for which no call was made: as before the claim."""
    return [
        Settlement(
            delivery=one,
            state=DeliveryState.UNKNOWN if one.doubtful else DeliveryState.READY,
            unsent=True,
        )
        for one in call.deliveries
    ]


def backoff_seconds(elapsed_seconds: float, jitter: Callable[[float, float], float]) -> float:
    """Half of the time since the first attempt, which grows as a power does; with jitter, so that
    rows do not come back all at once. Not by the number of attempts: a sender that is killed often
    would make the row wait for what was not the channel's fault.
    """
    pause = min(max(elapsed_seconds / 2, _FIRST_PAUSE_SECONDS), _LONGEST_PAUSE_SECONDS)
    return pause * jitter(0.75, 1.25)
