"""How a channel's pace is shared: slots in time, reserved in small batches. Pure.

The slots of all workers lie one after another, so that together they keep the channel's limit. A
worker tells with each reservation how it went since the last: additive increase, multiplicative
decrease, as in `broadcaster.delivery.pace`, whose figures these are.
"""

from dataclasses import dataclass, replace

__all__ = ["BATCH_SECONDS", "Ask", "PaceState", "Reserved", "reserve"]

BATCH_SECONDS = 0.05
"""At most so much of the channel's time is reserved at once."""
_BURST_SECONDS = 0.05  # slots that nobody reserved in time may be made up for, within this
_HORIZON_SECONDS = 1.0  # farther ahead nothing is reserved: it may change before
_IDLE_SECONDS = 600.0
_START_SHARE = 0.1
_STEP_SHARE = 0.1
_LEAST_RATE = 0.2
_UNLIMITED_RATE = 1_000_000.0
_COMPLAINT_SECONDS = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class PaceState:
    """Of one channel. Moments are the database's, in seconds since 1970; `rate` is calls a second.

    `next_at` is the first slot that nobody has; before `not_before` there are none. `counted` calls
    were made since `counted_from`, `recent` a second before that.
    """

    rate: float
    next_at: float
    not_before: float = 0.0
    raised_at: float
    complained_at: float = 0.0
    counted_from: float
    counted: int = 0
    recent: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What a worker wants, and how it went since it asked last. `limit` is the channel's in calls a
    second, None for none; `used` are calls made.
    """

    limit: float | None
    wanted: int
    used: int = 0
    went_well: bool = False
    complaint: bool = False
    after_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserved:
    """`slots` calls, the first after `in_seconds`, the others `step_seconds` apart. Without slots:
    ask again then.
    """

    slots: int
    in_seconds: float
    step_seconds: float
    rate: float


def reserve(state: PaceState | None, ask: Ask, now: float) -> tuple[PaceState, Reserved]:
    """The channel's state after a worker asked, and what the worker gets."""
    limit = _UNLIMITED_RATE if ask.limit is None else ask.limit
    if state is None or now - max(state.next_at, state.not_before) > _IDLE_SECONDS:
        rate = limit if ask.limit is None else max(_LEAST_RATE, limit * _START_SHARE)
        state = PaceState(rate=rate, next_at=now, raised_at=now, counted_from=now, recent=rate)
    state = _counted(replace(state, rate=min(state.rate, limit)), ask.used, now)
    if ask.went_well:
        state = _raised(state, limit, now)
    if ask.complaint:
        state = _lowered(state, ask.after_seconds, now)
    start = max(state.next_at, now - _BURST_SECONDS, state.not_before)
    step = 1.0 / state.rate
    slots = min(ask.wanted, max(1, int(state.rate * BATCH_SECONDS)))
    if start - now > _HORIZON_SECONDS:
        slots = 0
    reserved = Reserved(slots=slots, in_seconds=start - now, step_seconds=step, rate=state.rate)
    return (replace(state, next_at=start + slots * step) if slots else state), reserved


def _counted(state: PaceState, used: int, now: float) -> PaceState:
    counted, elapsed = state.counted + used, now - state.counted_from
    if elapsed < 1.0:
        return replace(state, counted=counted)
    # by half at most: a pause in which nobody sent tells nothing of what the channel bears
    recent = max(counted / elapsed, state.recent / 2)
    return replace(state, counted=0, counted_from=now, recent=recent)


def _raised(state: PaceState, limit: float, now: float) -> PaceState:
    gain = min(limit * _STEP_SHARE, state.rate) * min(max(now - state.raised_at, 0.0), 1.0)
    return replace(state, rate=min(limit, state.rate + gain), raised_at=now)


def _lowered(state: PaceState, after_seconds: float | None, now: float) -> PaceState:
    if after_seconds is not None:
        state = replace(state, not_before=max(state.not_before, now + after_seconds))
    if now - state.complained_at < _COMPLAINT_SECONDS:
        return state  # what comes together is one complaint
    rate = max(_LEAST_RATE, min(state.rate, state.recent) / 2)
    return replace(state, rate=rate, complained_at=now, raised_at=now)
