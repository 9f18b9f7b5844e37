"""The pages of broadcasts: begin one, see how it goes, send, pause, cancel, retry."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from broadcaster.errors import BroadcastError, NotNow
from broadcaster.model import Broadcast, BroadcastState, DeliveryState
from broadcaster.status import warnings_of
from broadcaster.web.broadcast_form import begin_load
from broadcaster.web.broadcast_view import (
    Outlook,
    bars_of,
    ledger_fields,
    outlook_of,
    sending_fields,
    source_of,
    state_words,
    top_of,
    waiting,
)
from broadcaster.web.check_form import CheckForm, FormError
from broadcaster.web.crawl_fields import progress_fields
from broadcaster.web.kept_reports import report_of
from broadcaster.web.languages import _
from broadcaster.web.window import window
from checker import report_body

__all__ = ["blueprint", "the_broadcast"]

blueprint = Blueprint("broadcasts", __name__)

_TICK_SECONDS = 1.0
_CHART_SECONDS = 5.0
_SHOWN_MESSAGES = 3
_ON_A_PAGE = 200
_PAUSED_BY_PERSON = "paused by a person"


@blueprint.get("/broadcasts")
def listed() -> str:
    """The newest first."""
    found = window().store.broadcasts.all(_ON_A_PAGE)
    rows = [(one, source_of(one), state_words(one), ledger_fields(one)) for one in found]
    return render_template("broadcast_history.html", rows=rows)


@blueprint.get("/broadcasts/new")
def form() -> str:
    """The form of a load."""
    return _form(CheckForm(url=request.args.get("url", "").strip()[:2000]))


@blueprint.post("/broadcasts")
def start() -> AnyResponse:
    """Begin to load, or go on with it."""
    typed = CheckForm.typed(request.form)
    changed = typed.with_changed_rows(request.form)
    if changed is not None:
        return Response(_form(changed))
    try:
        name = begin_load(window(), typed, request)
    except FormError as error:
        return Response(_form(typed, error=str(error)), 422)
    except BroadcastError as error:
        return Response(_form(typed, error=str(error)), 409)
    return redirect(url_for("broadcasts.show", name=name), 303)


@blueprint.get("/broadcasts/<name>")
def show(name: str) -> str:
    """Where the broadcast stands, and what can be done about it."""
    return _page(the_broadcast(name))


@blueprint.get("/broadcasts/<name>/check")
def check(name: str) -> str:
    """What was found while it was loaded."""
    broadcast = the_broadcast(name)
    report = None if broadcast.report is None else report_of(broadcast.report)
    if report is None:
        abort(404)
    return render_template("broadcast_check.html", broadcast=broadcast, body=report_body(report))


@blueprint.get("/broadcasts/<name>/events")
def events(name: str) -> AnyResponse:
    """How far it is, as it goes on; `ended` when the page itself is another now."""
    here, first = window(), the_broadcast(name)
    if here.loads.look(name) is not None:
        return here.streams.answer(lambda: _load_events(name))
    return here.streams.answer(lambda: _send_events(first))


@blueprint.post("/broadcasts/<name>/send")
def send(name: str) -> AnyResponse:
    """Begin to send, or go on; with `first` only so many rows for now."""
    broadcast = the_broadcast(name)
    via = broadcast.via or request.form.get("via", "")

    def begin() -> None:
        if broadcast.state is BroadcastState.SENDING:
            return  # a button that was pressed twice
        if broadcast.state not in (BroadcastState.READY, BroadcastState.PAUSED):
            raise NotNow(_("This broadcast cannot be sent now."))
        first = _positive(request.form.get("first", ""))
        rows = waiting(broadcast) if first is None else min(first, waiting(broadcast))
        _heed_quota(via, rows)
        again = broadcast.first_sent_at is not None
        careless = broadcast.at_least_once if again else "at_least_once" in request.form
        window().sends.start(
            broadcast, via, first=first, rate=broadcast.rate, at_least_once=careless
        )

    return _done(broadcast, begin)


@blueprint.post("/broadcasts/<name>/pause")
def pause(name: str) -> AnyResponse:
    """What is under way is finished, and no more begun."""
    broadcast = the_broadcast(name)
    broadcasts = window().store.broadcasts
    return _done(
        broadcast, lambda: broadcasts.pause(broadcast.number, _PAUSED_BY_PERSON, time.time())
    )


@blueprint.post("/broadcasts/<name>/cancel")
def cancel(name: str) -> AnyResponse:
    """Nothing more of it is sent, ever."""
    broadcast = the_broadcast(name)
    return _done(broadcast, lambda: window().store.broadcasts.cancel(broadcast.number, time.time()))


@blueprint.post("/broadcasts/<name>/retry")
def retry(name: str) -> AnyResponse:
    """The refused once more, with `held` also those of whom nobody knows."""
    broadcast = the_broadcast(name)
    held = [DeliveryState.HELD] if "held" in request.form else []

    def again() -> None:
        here = window()
        if not broadcast.via:
            raise NotNow(_("This broadcast cannot be sent now."))
        trouble = outlook_of(here.sends.channel(broadcast.via), broadcast.via, 0).trouble
        if trouble:
            raise NotNow(trouble)
        states = [DeliveryState.REFUSED, *held]
        here.store.ledger.reopen(broadcast.number, states, now=time.time())
        here.sends.start(
            here.store.broadcasts.get(broadcast.id), broadcast.via, rate=broadcast.rate,
            at_least_once=broadcast.at_least_once,
        )  # fmt: skip

    return _done(broadcast, again)


@blueprint.post("/broadcasts/<name>/stop")
def stop(name: str) -> AnyResponse:
    """End a load; it can be gone on with."""
    broadcast = the_broadcast(name)
    return _done(broadcast, lambda: window().loads.stop(name))


def the_broadcast(name: str) -> Broadcast:
    """The broadcast of exactly this id, or 404."""
    try:
        broadcast = window().store.broadcasts.get(name)
    except BroadcastError:
        abort(404)
    if broadcast.id != name:
        abort(404)
    return broadcast


def _done(broadcast: Broadcast, act: Callable[[], object]) -> AnyResponse:
    """To the broadcast's page after the act, or the page with why it cannot be done."""
    try:
        act()
    except BroadcastError as error:
        return Response(_page(the_broadcast(broadcast.id), error=str(error)), 409)
    return redirect(url_for("broadcasts.show", name=broadcast.id), 303)


def _heed_quota(via: str, rows: int) -> None:
    outlook = outlook_of(window().sends.channel(via), via, rows)
    if outlook.trouble:
        raise NotNow(outlook.trouble)
    if outlook.too_little_for(rows) and "over_quota" not in request.form:
        raise NotNow(_("The channel's quota has not enough room for all of these messages."))


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


def _form(form: CheckForm, error: str = "") -> str:
    here = window()
    return render_template(
        "broadcast_form.html",
        form=form,
        error=error,
        channels=here.sends.channels,
        source=request.form.get("source", "api"),
        budget=here.config.budget,
        limit=here.config.upload_limit_bytes // (1024 * 1024),
    )


def _page(broadcast: Broadcast, error: str = "") -> str:
    here = window()
    shared = {
        "broadcast": broadcast,
        "source": source_of(broadcast),
        "state": state_words(broadcast),
        "error": error or here.sends.failure(broadcast.id) or here.loads.failure(broadcast.id),
    }
    if broadcast.state is BroadcastState.LOADING:
        progress = here.loads.look(broadcast.id)
        fields = None if progress is None else progress_fields(progress)
        return render_template("broadcast_loading.html", fields=fields, **shared)
    if broadcast.state is BroadcastState.BLOCKED:
        report = None if broadcast.report is None else report_of(broadcast.report)
        body = None if report is None else report_body(report, level=2)
        return render_template("broadcast_blocked.html", body=body, **shared)
    if broadcast.state is BroadcastState.READY:
        return render_template("broadcast_ready.html", **_before(broadcast), **shared)
    points = here.store.reporting.accepted_over_time(broadcast.number)
    return render_template(
        "broadcast_sent.html",
        fields=sending_fields(broadcast, here.sends.look(broadcast.id), 0.0),
        bars=bars_of(points),
        top=top_of(points),
        causes=[one for one in here.store.reporting.causes(broadcast.number) if one.reason],
        left=waiting(broadcast),
        usable=broadcast.via in here.sends.channels,
        **shared,
    )


def _before(broadcast: Broadcast) -> Mapping[str, object]:
    """The summary before it is sent."""
    here = window()
    outlooks: list[Outlook] = [
        outlook_of(here.sends.channel(name), name, broadcast.rows) for name in here.sends.channels
    ]
    return {
        "summary": broadcast.summary,
        "outlooks": outlooks,
        "short": [one for one in outlooks if one.too_little_for(broadcast.rows)],
        "messages": here.store.loading.rows(broadcast.number, 0, _SHOWN_MESSAGES),
        "warnings": warnings_of(broadcast.report),
    }


def _load_events(name: str) -> Iterator[Mapping[str, object]]:
    loads = window().loads
    seen = -(10**9)
    while (progress := loads.wait(name, seen, _TICK_SECONDS)) is not None:
        seen = progress.version
        yield progress_fields(progress)
    yield {"ended": True}


def _send_events(first: Broadcast) -> Iterator[Mapping[str, object]]:
    """By the ledger, so that it is right whoever sends."""
    here = window()
    charted, before, asked = float("-inf"), first, time.monotonic()
    while True:
        now, moment = here.store.broadcasts.get(first.id), time.monotonic()
        if now.state is not BroadcastState.SENDING:
            yield {"ended": True}
            return
        accepted = [one.counts.get(DeliveryState.ACCEPTED, 0) for one in (before, now)]
        rate = (accepted[1] - accepted[0]) / max(moment - asked, 0.5)
        fields = sending_fields(now, here.sends.look(first.id), rate)
        if moment - charted >= _CHART_SECONDS:
            points = here.store.reporting.accepted_over_time(first.number)
            bars = [asdict(bar) for bar in bars_of(points)]
            yield {**fields, "bars": bars, "top": top_of(points)}
            charted = time.monotonic()
        else:
            yield fields
        before, asked = now, moment
        time.sleep(_TICK_SECONDS)
