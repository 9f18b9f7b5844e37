"""What a person does with a broadcast: send, pause, cancel, retry, stop its load."""

import time
from collections.abc import Callable

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from broadcaster import delivery
from broadcaster.channels.base import Verdict
from broadcaster.delivery.dry_run import dry_run
from broadcaster.delivery.retry import rows_before_retry
from broadcaster.errors import BroadcastError, NotNow
from broadcaster.model import Broadcast, BroadcastState, DeliveryState, StopCause
from broadcaster.web.languages import _
from broadcaster.web.pages.broadcast_form import name_typed
from broadcaster.web.pages.broadcast_view import refusal_of, source_of, waiting
from broadcaster.web.pages.broadcasts import broadcast_or_404, broadcast_page
from broadcaster.web.pages.send_form import QuotaTooSmall, SendForm, require_agreement
from broadcaster.web.pages.window import window

__all__ = ["blueprint"]

blueprint = Blueprint("broadcast_actions", __name__)


@blueprint.post("/broadcasts/<name>/send")
def send(name: str) -> AnyResponse:
    """Begin to send, or resume; with `first` only that many rows for now."""
    broadcast = broadcast_or_404(name)

    if broadcast.state is BroadcastState.SENDING:  # the button was pressed twice
        return redirect(url_for("broadcasts.show", name=name), 303)
    try:
        if broadcast.state not in (BroadcastState.READY, BroadcastState.PAUSED):
            raise NotNow(_("This broadcast cannot be sent now."))
        typed = SendForm.typed(broadcast)
        require_agreement(broadcast, typed, typed.rows(broadcast))
        if typed.must_be_confirmed(broadcast):
            return Response(_question(broadcast, typed))
        _start(broadcast, typed, typed.first)
    except BroadcastError as error:
        return _refused(broadcast, error)
    return redirect(url_for("broadcasts.show", name=name), 303)


def _question(broadcast: Broadcast, typed: SendForm) -> str:
    """The page that asks once more, with all that was typed as hidden fields."""
    return render_template(
        "broadcast_confirm.html",
        broadcast=broadcast,
        source=source_of(broadcast),
        typed=[pair for pair in request.form.items(multi=True) if pair[0] != "confirmed"],
        rows=typed.rows(broadcast),
        rest=waiting(broadcast) - typed.rows(broadcast),
        via=typed.via,
    )


@blueprint.post("/broadcasts/<name>/try")
def send_one(name: str) -> AnyResponse:
    """Send the first message to one person who asked for it, and say what the channel answered."""
    broadcast = broadcast_or_404(name)
    via, uid = request.form.get("via", ""), request.form.get("uid", "").strip()
    try:
        rows = window().store.loads.rows(broadcast.number, 0, 1)
        if broadcast.state is not BroadcastState.READY or not rows:
            raise NotNow(_("This broadcast cannot be sent now."))
        if not uid:
            raise NotNow(_("Type a user id first."))
        answer = window().sends.send_one(via, uid, rows[0][1])
    except BroadcastError as error:
        return _refused(broadcast, error)
    if answer.verdict is Verdict.ACCEPTED:
        return Response(broadcast_page(broadcast, tried=uid))
    reason = answer.reason or _("The channel gave no certain answer.")
    return Response(broadcast_page(broadcast, error=reason), 409)


@blueprint.post("/broadcasts/<name>/dry-run")
def try_all(name: str) -> AnyResponse:
    """Prepare every request and send none; some are shown to the channel."""
    broadcast = broadcast_or_404(name)
    try:
        if broadcast.state is not BroadcastState.READY:
            raise NotNow(_("This broadcast cannot be sent now."))
        channel = window().sends.channel(request.form.get("via", ""))
        made = dry_run(window().store, broadcast, channel, broadcast.rows)
        refusal = refusal_of(channel, made.samples)
    except BroadcastError as error:
        return _refused(broadcast, error)
    if refusal:
        return Response(broadcast_page(broadcast, error=refusal), 409)
    return Response(broadcast_page(broadcast, prepared=made))


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
        options = SendForm.typed(broadcast)
        rows = sum(broadcast.counts.get(state, 0) for state in states)
        require_agreement(broadcast, options, rows)
        store.ledger.reopen(broadcast.number, states, now=time.time())
        _start(store.broadcasts.get(broadcast.id), options, broadcast.limit)

    return _done(broadcast, again)


@blueprint.post("/broadcasts/<name>/rename")
def rename(name: str) -> AnyResponse:
    """Call it by a name, or by none."""
    broadcast = broadcast_or_404(name)
    window().store.broadcasts.rename(broadcast.number, name_typed(request))
    return redirect(url_for("broadcasts.show", name=name), 303)


@blueprint.post("/broadcasts/<name>/forget")
def forget(name: str) -> AnyResponse:
    """Erase the recipients and messages for good, and keep the counts."""
    broadcast = broadcast_or_404(name)

    def erase() -> None:
        if window().loads.look(name) is not None:
            raise NotNow(_("It is being loaded: stop that first."))
        window().store.erasure.forget(broadcast.number, time.time())

    return _done(broadcast, erase)


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
        return _refused(broadcast, error)
    return redirect(url_for("broadcasts.show", name=broadcast.id), 303)


def _refused(broadcast: Broadcast, error: BroadcastError) -> Response:
    short = isinstance(error, QuotaTooSmall)
    page = broadcast_page(broadcast_or_404(broadcast.id), error=str(error), short=short)
    return Response(page, 409)


def _start(broadcast: Broadcast, options: SendForm, first: int | None) -> None:
    window().sends.start(
        broadcast, options.via, first=first, rate=options.rate, at_least_once=options.at_least_once
    )
