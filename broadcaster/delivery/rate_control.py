"""At what rate a channel is called: one rule, for one process and for many workers. Pure.

What asks for fewer calls (429, Retry-After) halves the rate, as TCP finds the rate of a path
(additive increase, multiplicative decrease: RFC 5681). A lost answer alone does not: networks lose
answers at any rate. Losses lower the rate in two cases:

- most answers of a window are lost: the rate halves with each such window, down to one call a
  second, and doubles with each good one up to the rate before;
- a greater share is lost than usual: the rate is lowered by three tenths as a probe. Where clearly
  less is lost then, the calls themselves are the cause and the rate stays low; otherwise they are
  not, the rate comes back at once, and this share is the usual one from now on.
"""

import math
from dataclasses import dataclass, replace
from enum import StrEnum

__all__ = [
    "LEAST_RATE",
    "UNLIMITED_RATE",
    "Feedback",
    "LowRate",
    "RateState",
    "first_state",
    "raised_limit",
    "updated",
    "why_low",
]

LEAST_RATE = 1.0
"""Calls a second to a channel that answers nothing: enough to see that it is back."""
UNLIMITED_RATE = 1_000_000.0
"""Calls a second where there is no limit."""
_START_SHARE = 0.1
_STEP_SHARE = 0.1  # of the limit, for each second of good answers
_NEAR_SHARE = 0.7  # of the ceiling: from there on the rate grows by a twentieth a second,
_NEAR_STEP_SHARE = 0.05
_FAR_SHARE = 1.2  # and from here on as if there had been none
_RISE_SECONDS = 10.0  # from a tenth of the limit to all of it
_SLOW_DOWN_SECONDS = 0.5  # what asks for fewer calls within so long is one request
_WINDOW_SECONDS = 0.5
_LEAST_ANSWERS = 20  # of a window that is judged
_ALL_LOST = 5  # so many, and none answered, need no more
_MOST_SHARE = 0.5
_PROBE_KEPT = 0.7
_MORE_SHARE = 0.1  # less than this is not worth a probe
_CLEARLY_LESS = 0.6
_DEVIATIONS = 2.5  # standard deviations that are not chance
_FEW_SHARE = 0.02
_FIRST_GUESS = 50.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """What came back since the last time. `answered` and `lost` are calls; `slow_down` says that
    the channel asked for fewer calls, and `after_seconds` for how long it asked to be left alone.
    """

    answered: int = 0
    lost: int = 0
    slow_down: bool = False
    after_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RateState:
    """`rate` is in calls a second; before `not_before` there are none. Moments are of one clock.

    `answered` and `lost` are those of the window that began at `window_from`; `recent` is the rate
    of answers in the last one. The rate comes back quickly to `recover_to`, and slowly to
    `ceiling`, at which the calls themselves were the cause of losses. `usual_share` of the calls is
    lost whatever the rate. A probe was begun at `probed_rate` with `probed_share` lost;
    without one, `probed_rate` is 0.
    """

    rate: float
    not_before: float
    raised_at: float
    slowed_at: float
    window_from: float
    answered: int = 0
    lost: int = 0
    recent: float = 0.0
    recover_to: float = 0.0
    ceiling: float = 0.0
    usual_share: float = 0.0
    probed_rate: float = 0.0
    probed_share: float = 0.0


def first_state(limit: float | None, now: float) -> RateState:
    """A gentle start: a tenth of the limit; without a limit there is nothing to start from."""
    rate = UNLIMITED_RATE if limit is None else max(_least(limit), limit * _START_SHARE)
    return RateState(
        rate=rate,
        not_before=now,
        raised_at=now,
        slowed_at=now - _RISE_SECONDS,
        window_from=now,
        recent=0.0 if limit is None else rate,
    )


def updated(state: RateState, limit: float | None, feedback: Feedback, now: float) -> RateState:
    """The state after what came back until now."""
    most = UNLIMITED_RATE if limit is None else limit
    state = replace(
        state,
        rate=min(state.rate, most),
        answered=state.answered + feedback.answered,
        lost=state.lost + feedback.lost,
    )
    if feedback.slow_down:
        return _slowed(state, most, feedback.after_seconds, now)
    state = _judged(state, most, now)
    if feedback.answered and not state.probed_rate:
        state = _raised(state, most, now)
    return replace(state, raised_at=now) if feedback.answered or feedback.lost else state


class LowRate(StrEnum):
    """Why a rate is lower than it may be. `WAIT`: the channel asked to be left alone for a time.
    `FEWER`: it asked for fewer calls a moment ago. `NO_ANSWERS`: it answered nothing, and the rate
    is coming back. `LOST`: more answers were lost at a higher rate, or that is being tried.
    """

    WAIT = "wait"
    FEWER = "fewer"
    NO_ANSWERS = "no-answers"
    LOST = "lost"


def why_low(state: RateState, now: float) -> LowRate | None:
    """Why the rate is low; None where it is not, and while it rises at the start."""
    if now < state.not_before:
        return LowRate.WAIT
    if state.rate < state.recover_to:
        return LowRate.NO_ANSWERS
    if state.probed_rate or state.ceiling:
        return LowRate.LOST
    return LowRate.FEWER if now - state.slowed_at < _RISE_SECONDS else None


def raised_limit(state: RateState, limit: float | None, now: float) -> RateState:
    """The state once its limit is a higher one: it goes on from a tenth of that, unless the channel
    is the reason for a low rate.
    """
    if why_low(state, now) is not None:
        return state
    return replace(state, rate=max(state.rate, first_state(limit, now).rate), raised_at=now)


def _least(limit: float) -> float:
    return min(LEAST_RATE, limit)


def _base(state: RateState) -> float:
    """Without a limit the rate is far above what is really called, and only that can be less."""
    return max(state.recent, _FIRST_GUESS) if state.rate >= UNLIMITED_RATE else state.rate


def _slowed(state: RateState, limit: float, after_seconds: float | None, now: float) -> RateState:
    if after_seconds is not None:
        state = replace(state, not_before=max(state.not_before, now + after_seconds))
    if now - state.slowed_at < _SLOW_DOWN_SECONDS:
        return replace(state, raised_at=now)
    rate = max(_least(limit), _base(state) / 2)
    state = replace(state, rate=rate, slowed_at=now, raised_at=now, recover_to=0.0)
    return _new_window(state, now)


def _new_window(state: RateState, now: float) -> RateState:
    return replace(state, window_from=now, answered=0, lost=0, probed_rate=0.0, probed_share=0.0)


def _judged(state: RateState, limit: float, now: float) -> RateState:
    answers, elapsed = state.answered + state.lost, now - state.window_from
    enough = answers >= _LEAST_ANSWERS or (state.lost >= _ALL_LOST and not state.answered)
    if elapsed < _WINDOW_SECONDS or not enough:
        return state
    # by half at most: a pause in which nobody called says nothing of what the channel bears
    state = replace(state, recent=max(answers / elapsed, state.recent / 2))
    share = state.lost / answers
    fresh = _new_window(state, now)
    if share > _MOST_SHARE:
        return _lowered(state, limit, now)
    if state.probed_rate:
        return _after_probe(state, share, limit, now)
    if share > state.usual_share * 1.5 + _MORE_SHARE:
        before = _base(state)
        rate = max(_least(limit), before * _PROBE_KEPT)
        return replace(fresh, rate=rate, probed_rate=before, probed_share=share)
    return replace(fresh, usual_share=0.9 * state.usual_share + 0.1 * share)


def _lowered(state: RateState, limit: float, now: float) -> RateState:
    """Most answers were lost. All of them: the channel is down, and comes back as it was."""
    before = max(_base(state), state.probed_rate)
    lowered = replace(_new_window(state, now), rate=max(_least(limit), _base(state) / 2))
    if state.answered:
        return replace(lowered, recover_to=0.0, ceiling=before)
    return replace(lowered, recover_to=max(before, state.recover_to))


def _after_probe(state: RateState, share: float, limit: float, now: float) -> RateState:
    fresh = _new_window(state, now)
    if not _is_clearly_less(share, state.probed_share, state.answered + state.lost):
        usual = max(share, state.probed_share)
        return replace(fresh, rate=min(state.probed_rate, limit), usual_share=usual)
    fresh = replace(fresh, recover_to=0.0, ceiling=state.probed_rate)
    if share <= _FEW_SHARE:
        return fresh
    rate = max(_least(limit), state.rate * _PROBE_KEPT)
    return replace(fresh, rate=rate, probed_rate=state.rate, probed_share=share)


def _is_clearly_less(share: float, before: float, answers: int) -> bool:
    """Whether fewer were lost than before, by more than chance makes of so many answers."""
    chance = _DEVIATIONS * math.sqrt(before * (1.0 - before) / answers)
    return share < min(before * _CLEARLY_LESS, before - chance)


def _raised(state: RateState, limit: float, now: float) -> RateState:
    elapsed = min(max(now - state.raised_at, 0.0), 1.0)
    if state.rate < state.recover_to:
        rate = min(state.recover_to, state.rate * 2.0 ** (elapsed / _WINDOW_SECONDS))
    elif state.rate >= state.ceiling * _NEAR_SHARE and state.ceiling:
        rate = state.rate * (1.0 + _NEAR_STEP_SHARE * elapsed)
    else:
        rate = state.rate + min(limit * _STEP_SHARE, state.rate) * elapsed
    ceiling = 0.0 if rate >= state.ceiling * _FAR_SHARE else state.ceiling
    return replace(state, rate=min(limit, rate), ceiling=ceiling)
