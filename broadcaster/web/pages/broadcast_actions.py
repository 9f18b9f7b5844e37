"""What a person does with a broadcast: send, pause, cancel, retry, stop its load."""

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
from broadcaster.web.languages import _
from broadcaster.web.pages.broadcast_view import channel_preview, waiting
from broadcaster.web.pages.broadcasts import broadcast_or_404, broadcast_page
from broadcaster.web.pages.window import window

__all__ = ["blueprint"]

blueprint = Blueprint("broadcast_actions", __name__)


class _QuotaTooSmall(NotNow):
    """The page then offers to begin anyway."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _SendOptions:
    """How to send: `via` is the channel's stored name, `rate` in calls a second."""

    via: str
    rate: float | None
    at_least_once: bool


@blueprint.post("/broadcasts/<name>/send")
def send(name: str) -> AnyResponse:
    """Begin to send, or resume; with `first` only that many rows for now."""
    broadcast = broadcast_or_404(name)

    def begin() -> None:
        if broadcast.state is BroadcastState.SENDING:
            return  # the button was pressed twice
        if broadcast.state not in (BroadcastState.READY, BroadcastState.PAUSED):
            raise NotNow(_("This broadcast cannot be sent now."))
        options = _send_options(broadcast)
        first = _positive(request.form.get("first", ""))
        rows = waiting(broadcast) if first is None else min(first, waiting(broadcast))
        _require_quota(options.via, rows)
        _start(broadcast, options, first)

    return _done(broadcast, begin)


@blueprint.post("/broadcasts/<name>/pause")
def pause(name: str) -> AnyResponse:
    """Finish the calls that have begun, and begin no more."""
    broadcast = broadcast_or_404(name)
    broadcasts = window().store.broadcasts
    return _done(
        broadcast, lambda: broadcasts.pause(broadcast.number, StopCause.PERSON, time.time())
    )


@blueprint.post("/broadcasts/<name>/cancel")
def cancel(name: str) -> AnyResponse:
    """Never send any more of it."""
    broadcast = broadcast_or_404(name)
    return _done(broadcast, lambda: delivery.cancel(window().store, broadcast))


@blueprint.post("/broadcasts/<name>/retry")
def retry(name: str) -> AnyResponse:
    """Resend the refused messages, with `held` also those whose outcome is unknown."""
    broadcast = broadcast_or_404(name)
    states = [DeliveryState.REFUSED, *([DeliveryState.HELD] if "held" in request.form else [])]

    def again() -> None:
        store = window().store
        if broadcast.state not in (BroadcastState.PAUSED, BroadcastState.DONE):
            raise NotNow(_("This broadcast cannot be sent now."))
        if rows_before_retry(broadcast):
            raise NotNow(_("Resume first: some messages were not sent yet."))
        options = _send_options(broadcast)
        _require_quota(options.via, sum(broadcast.counts.get(state, 0) for state in states))
        store.ledger.reopen(broadcast.number, states, now=time.time())
        _start(store.broadcasts.get(broadcast.id), options, broadcast.limit)

    return _done(broadcast, again)


@blueprint.post("/broadcasts/<name>/stop")
def stop(name: str) -> AnyResponse:
    """End a load, which can be resumed."""
    broadcast = broadcast_or_404(name)
    return _done(broadcast, lambda: window().loads.stop(name))


def _done(broadcast: Broadcast, action: Callable[[], object]) -> AnyResponse:
    """Redirect to the broadcast's page after the action, or show why it cannot be done."""
    try:
        action()
    except BroadcastError as error:
        short = isinstance(error, _QuotaTooSmall)
        page = broadcast_page(broadcast_or_404(broadcast.id), error=str(error), short=short)
        return Response(page, 409)
    return redirect(url_for("broadcasts.show", name=broadcast.id), 303)


def _start(broadcast: Broadcast, options: _SendOptions, first: int | None) -> None:
    window().sends.start(
        broadcast, options.via, first=first, rate=options.rate, at_least_once=options.at_least_once
    )


def _send_options(broadcast: Broadcast) -> _SendOptions:
    """Those it was begun with; of a new one, those of the form. Raises NotNow, WrongCommand."""
    if broadcast.first_sent_at is not None:
        return _SendOptions(
            via=broadcast.via, rate=broadcast.rate, at_least_once=broadcast.at_least_once
        )
    form = request.form
    via = form.get("via", "")
    if "multicast" in form:
        via = with_multicast(via)
    rate = _rate(form.get("rate", "").strip())
    require_rate(rate, window().sends.channel(via))
    return _SendOptions(via=via, rate=rate, at_least_once="at_least_once" in form)


def _rate(text: str) -> float | None:
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        raise NotNow(
            _("“%(label)s” must be a number.", label=_("Maximum calls a second"))
        ) from None


def _require_quota(via: str, rows: int) -> None:
    preview = channel_preview(window().sends.channel(via), via, rows)
    if preview.error:
        raise NotNow(preview.error)
    if preview.too_little_for(rows) and "over_quota" not in request.form:
        raise _QuotaTooSmall(_("The channel's quota is too small for all of these messages."))


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
