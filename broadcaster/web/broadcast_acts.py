"""What a person does about a broadcast: send, pause, cancel, retry, stop its load."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from broadcaster import delivery
from broadcaster.channels.rate_limit import require_rate
from broadcaster.channels.stored_channel import with_multicast
from broadcaster.delivery.retry import rows_before_retry
from broadcaster.errors import BroadcastError, NotNow
from broadcaster.model import Broadcast, BroadcastState, DeliveryState, StopCause
from broadcaster.web.broadcast_pages import page_of, the_broadcast
from broadcaster.web.broadcast_view import outlook_of, waiting
from broadcaster.web.languages import _
from broadcaster.web.window import window

__all__ = ["blueprint"]

blueprint = Blueprint("acts", __name__)


class _TooLittleQuota(NotNow):
    """The page then offers to begin all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Manner:
    """How to send: `via` is the channel's kept name, `rate` in calls a second."""

    via: str
    rate: float | None
    at_least_once: bool


@blueprint.post("/broadcasts/<name>/send")
def send(name: str) -> AnyResponse:
    """Begin to send, or go on; with `first` only so many rows for now."""
    broadcast = the_broadcast(name)

    def begin() -> None:
        if broadcast.state is BroadcastState.SENDING:
            return  # a button that was pressed twice
        if broadcast.state not in (BroadcastState.READY, BroadcastState.PAUSED):
            raise NotNow(_("This broadcast cannot be sent now."))
        manner = _manner_of(broadcast)
        first = _positive(request.form.get("first", ""))
        rows = waiting(broadcast) if first is None else min(first, waiting(broadcast))
        _heed_quota(manner.via, rows)
        _start(broadcast, manner, first)

    return _done(broadcast, begin)


@blueprint.post("/broadcasts/<name>/pause")
def pause(name: str) -> AnyResponse:
    """What is under way is finished, and no more begun."""
    broadcast = the_broadcast(name)
    broadcasts = window().store.broadcasts
    return _done(
        broadcast, lambda: broadcasts.pause(broadcast.number, StopCause.PERSON, time.time())
    )


@blueprint.post("/broadcasts/<name>/cancel")
def cancel(name: str) -> AnyResponse:
    """Nothing more of it is sent, ever."""
    broadcast = the_broadcast(name)
    return _done(broadcast, lambda: delivery.cancel(window().store, broadcast))


@blueprint.post("/broadcasts/<name>/retry")
def retry(name: str) -> AnyResponse:
    """The refused once more, with `held` also those of whom nobody knows."""
    broadcast = the_broadcast(name)
    states = [DeliveryState.REFUSED, *([DeliveryState.HELD] if "held" in request.form else [])]

    def again() -> None:
        store = window().store
        if broadcast.state not in (BroadcastState.PAUSED, BroadcastState.DONE):
            raise NotNow(_("This broadcast cannot be sent now."))
        if rows_before_retry(broadcast):
            raise NotNow(_("Resume first: there are messages that were not sent yet."))
        manner = _manner_of(broadcast)
        _heed_quota(manner.via, sum(broadcast.counts.get(state, 0) for state in states))
        store.ledger.reopen(broadcast.number, states, now=time.time())
        _start(store.broadcasts.get(broadcast.id), manner, broadcast.limit)

    return _done(broadcast, again)


@blueprint.post("/broadcasts/<name>/stop")
def stop(name: str) -> AnyResponse:
    """End a load; it can be gone on with."""
    broadcast = the_broadcast(name)
    return _done(broadcast, lambda: window().loads.stop(name))


def _done(broadcast: Broadcast, act: Callable[[], object]) -> AnyResponse:
    """To the broadcast's page after the act, or the page with why it cannot be done."""
    try:
        act()
    except BroadcastError as error:
        short = isinstance(error, _TooLittleQuota)
        page = page_of(the_broadcast(broadcast.id), error=str(error), short=short)
        return Response(page, 409)
    return redirect(url_for("broadcasts.show", name=broadcast.id), 303)


def _start(broadcast: Broadcast, manner: _Manner, first: int | None) -> None:
    window().sends.start(
        broadcast, manner.via, first=first, rate=manner.rate, at_least_once=manner.at_least_once
    )


def _manner_of(broadcast: Broadcast) -> _Manner:
    """As it was begun; of what was never sent, as the form says. Raises NotNow, WrongCommand."""
    if broadcast.first_sent_at is not None:
        return _Manner(
            via=broadcast.via, rate=broadcast.rate, at_least_once=broadcast.at_least_once
        )
    form = request.form
    via = form.get("via", "")
    if "multicast" in form:
        via = with_multicast(via)
    rate = _rate(form.get("rate", "").strip())
    require_rate(rate, window().sends.channel(via))
    return _Manner(via=via, rate=rate, at_least_once="at_least_once" in form)


def _rate(text: str) -> float | None:
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        raise NotNow(_("“%(label)s” must be a number.", label=_("Most calls a second"))) from None


def _heed_quota(via: str, rows: int) -> None:
    outlook = outlook_of(window().sends.channel(via), via, rows)
    if outlook.trouble:
        raise NotNow(outlook.trouble)
    if outlook.too_little_for(rows) and "over_quota" not in request.form:
        raise _TooLittleQuota(
            _("The channel's quota has not enough room for all of these messages.")
        )


def _positive(text: str) -> int | None:
    if not text.strip():
        return None
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise NotNow(_("Give a whole number, 1 or more."))
    return number
