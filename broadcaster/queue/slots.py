"""How workers share a channel's pace: slots in time, reserved in small batches. Pure.

The slots of all workers lie one after another, so that together they keep the channel's limit. A
worker tells with each reservation what came back since the last; the rate is that of
`broadcaster.delivery.rate_control`, as for a single process.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from broadcaster.delivery.rate_control import (
    Feedback,
    LowRate,
    RateState,
    first_state,
    raised_limit,
    updated,
    why_low,
)

__all__ = [
    "BATCH_SECONDS",
    "PaceStanding",
    "Reservation",
    "SlotRequest",
    "SlotState",
    "as_json",
    "from_json",
    "paces_in_use",
    "reserve",
    "slots_key",
]

BATCH_SECONDS = 0.05
"""At most so much of the channel's time is reserved at once."""
_BURST_SECONDS = 0.05  # slots that nobody reserved in time may be made up for, within this
_HORIZON_SECONDS = 1.0  # farther ahead nothing is reserved: it may change before
_IDLE_SECONDS = 600.0
_IN_USE_SECONDS = 30.0
_CLOCK_SECONDS = 5.0
_NOTHING = Feedback()
_KEY = "slots of "
"""Beside these are the states of versions that knew only one kind of complaint."""


def slots_key(name: str) -> str:
    """Under what the store keeps the state of a channel, or of `broadcast ID`."""
    return f"{_KEY}{name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotState:
    """Of one channel. Moments are the database's, in seconds since 1970. `next_at` is the first
    slot that nobody has; `limit` is that of the last request, None for none.
    """

    control: RateState
    next_at: float
    limit: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotRequest:
    """What a worker wants, and what came back since it asked last. `limit` is the channel's in
    calls a second, None for none.
    """

    limit: float | None
    wanted: int
    feedback: Feedback = _NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """`slots` calls, the first after `in_seconds`, the others `step_seconds` apart. Without slots:
    ask again then.
    """

    slots: int
    in_seconds: float
    step_seconds: float
    rate: float


def reserve(
    state: SlotState | None, request: SlotRequest, now: float
) -> tuple[SlotState, Reservation]:
    """The channel's state after a worker asked, and what the worker gets."""
    if state is None or _is_stale(state, now):
        state = SlotState(control=first_state(request.limit, now), next_at=now)
    elif request.limit is not None and state.limit is not None and request.limit > state.limit:
        control = raised_limit(state.control, request.limit, now)
        state = SlotState(control=control, next_at=min(state.next_at, now))
    control = updated(state.control, request.limit, request.feedback, now)
    start = max(state.next_at, now - _BURST_SECONDS, control.not_before)
    step = 1.0 / control.rate
    slots = min(request.wanted, max(1, int(control.rate * BATCH_SECONDS)))
    if start - now > _HORIZON_SECONDS:
        slots = 0
    reserved = Reservation(
        slots=slots, in_seconds=start - now, step_seconds=step, rate=control.rate
    )
    next_at = start + slots * step if slots else state.next_at
    return SlotState(control=control, next_at=next_at, limit=request.limit), reserved


def _is_stale(state: SlotState, now: float) -> bool:
    """Nobody used it for long, or it is of a clock that was set back since."""
    idle = now - max(state.next_at, state.control.not_before) > _IDLE_SECONDS
    return idle or state.control.window_from > now + _CLOCK_SECONDS


def as_json(state: SlotState) -> Mapping[str, Any]:
    """The state as the store keeps it."""
    return asdict(state)


def from_json(stored: Mapping[str, Any]) -> SlotState | None:
    """The state from the store; None where there is none yet, or one of another version."""
    try:
        control, next_at = RateState(**stored["control"]), stored["next_at"]
        return SlotState(control=control, next_at=next_at, limit=stored.get("limit"))
    except (KeyError, TypeError):
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaceStanding:
    """At what rate a channel is called now, in calls a second, and why that is low, if it is.
    Before `wait_seconds` are over there are no calls.
    """

    rate: float
    low: LowRate | None = None
    wait_seconds: float = 0.0


def paces_in_use(stored: Mapping[str, Mapping[str, Any]], now: float) -> dict[str, PaceStanding]:
    """Of what the store holds, the paces that somebody used a moment ago, by the name of the
    channel or `broadcast ID`.
    """
    standings = {}
    for key, value in stored.items():
        state = from_json(value) if key.startswith(_KEY) else None
        if state is None or now - max(state.next_at, state.control.not_before) > _IN_USE_SECONDS:
            continue
        standings[key.removeprefix(_KEY)] = PaceStanding(
            rate=state.control.rate,
            low=why_low(state.control, now),
            wait_seconds=max(state.control.not_before - now, 0.0),
        )
    return standings
