"""The pages of broadcasts: begin one, and follow it."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from broadcaster import delivery
from broadcaster.delivery.dry_run import DryRun
from broadcaster.delivery.retry import rows_before_retry
from broadcaster.errors import BroadcastError
from broadcaster.model import SENT_BEFORE_DAYS, Broadcast, BroadcastState, DeliveryState
from broadcaster.status import causes_to_show, warnings_of, warnings_to_accept
from broadcaster.web.jobs.stored_report import report_of
from broadcaster.web.languages import SHOW_AGAIN
from broadcaster.web.pages.broadcast_form import begin_load, with_headers_of_check
from broadcaster.web.pages.broadcast_view import (
    bars_of,
    ledger_fields,
    sending_fields,
    source_of,
    state_words,
    top_of,
    version_of,
    waiting,
)
from broadcaster.web.pages.check_form import CheckForm, FormError
from broadcaster.web.pages.crawl_progress import progress_fields
from broadcaster.web.pages.paging import number_of, slice_of
from broadcaster.web.pages.send_form import CANARY_ROWS, MOST_UNCONFIRMED_ROWS, preview_of
from broadcaster.web.pages.window import window
from checker import report_body

__all__ = ["blueprint", "broadcast_or_404", "broadcast_page"]

blueprint = Blueprint("broadcasts", __name__)

_TICK_SECONDS = 1.0
_CHART_SECONDS = 5.0
_SHOWN_MESSAGES = 3


@blueprint.get("/broadcasts")
def listed() -> str:
    """All broadcasts, the newest first."""
    store = window().store
    page = slice_of(
        store.broadcasts.newest,
        lambda row: str(row.number),
        before=number_of("before"),
        after=number_of("after"),
    )
    settled = delivery.settle_all_orphans(store, page.rows)
    rows = [(row, source_of(row), state_words(row), ledger_fields(row)) for row in settled]
    return render_template("broadcast_history.html", rows=rows, page=page)


@blueprint.get("/broadcasts/new")
def form() -> str:
    """The form of a load; with `check` the endpoint and the headers are those of that check."""
    typed = window().typed.get(request.args.get("check", ""))
    if typed is not None:
        return _form(replace(typed, headers=(("", ""),)), check=request.args["check"])
    return _form(CheckForm(url=request.args.get("url", "").strip()[:2000]))


@blueprint.post("/broadcasts")
def start() -> AnyResponse:
    """Begin to load, or resume a load."""
    typed = CheckForm.typed(request.form)
    changed = typed.with_changed_rows(request.form)
    if changed is not None or SHOW_AGAIN in request.form:
        return Response(_form(changed or typed))
    try:
        name = begin_load(window(), with_headers_of_check(window(), typed, request), request)
    except FormError as error:
        return Response(_form(typed, error=str(error)), 422)
    except BroadcastError as error:
        return Response(_form(typed, error=str(error)), 409)
    return redirect(url_for("broadcasts.show", name=name), 303)


@blueprint.get("/broadcasts/<name>")
def show(name: str) -> str:
    """The state of the broadcast, and what can be done with it."""
    return broadcast_page(broadcast_or_404(name))


@blueprint.get("/broadcasts/<name>/check")
def check(name: str) -> str:
    """What was found while it was loaded."""
    broadcast = broadcast_or_404(name)
    report = None if broadcast.report is None else report_of(broadcast.report)
    if report is None:
        abort(404)
    return render_template("broadcast_check.html", broadcast=broadcast, body=report_body(report))


@blueprint.get("/broadcasts/<name>/events")
def events(name: str) -> AnyResponse:
    """Its progress as events; `ended` when the page must be replaced by another."""
    here, first = window(), broadcast_or_404(name)
    if here.loads.look(name) is not None:
        return here.streams.answer(lambda: _load_events(name))
    seen = request.args.get("seen", "") or version_of(first)
    return here.streams.answer(lambda: _send_events(first, seen))


def broadcast_or_404(name: str) -> Broadcast:
    """The broadcast of exactly this id, or 404."""
    try:
        broadcast = window().store.broadcasts.get(name)
    except BroadcastError:
        abort(404)
    if broadcast.id != name:
        abort(404)
    return delivery.settle_orphans(window().store, broadcast)


def _form(form: CheckForm, error: str = "", check: str = "") -> str:
    here = window()
    check = check or request.form.get("check", "")
    checked = here.typed.get(check)
    return render_template(
        "broadcast_form.html",
        form=form,
        error=error,
        channels=here.sends.channels,
        source=request.form.get("source", "api"),
        budget=here.config.budget,
        limit=here.config.upload_limit_bytes // (1024 * 1024),
        check=check if checked is not None else "",
        checked_headers=[]
        if checked is None
        else [name for name, _value in checked.headers if name],
    )


def broadcast_page(
    broadcast: Broadcast,
    *,
    error: str = "",
    short: bool = False,
    tried: str = "",
    prepared: DryRun | None = None,
) -> str:
    """The page of its state. `error` says why something could not be done, `short` that the
    channel's quota was too small for it. `tried` is the person who got the first message to look at
    it, `prepared` what a dry run prepared.
    """
    here = window()
    shared = {
        "broadcast": broadcast,
        "source": source_of(broadcast),
        "state": state_words(broadcast),
        "error": error or here.sends.failure(broadcast.id) or here.loads.failure(broadcast.id),
    }
    if broadcast.state is BroadcastState.LOADING:
        progress = here.loads.look(broadcast.id)
        if progress is None:
            newer = broadcast_or_404(broadcast.id)  # its load may have ended since it was read
            if newer.state is not BroadcastState.LOADING:
                return broadcast_page(newer, error=error, short=short)
        fields = None if progress is None else progress_fields(progress)
        return render_template("broadcast_loading.html", fields=fields, **shared)
    if broadcast.state is BroadcastState.BLOCKED:
        report = None if broadcast.report is None else report_of(broadcast.report)
        body = None if report is None else report_body(report, level=2)
        return render_template("broadcast_blocked.html", body=body, **shared)
    if broadcast.state is BroadcastState.READY:
        return render_template(
            "broadcast_ready.html",
            tried=tried,
            prepared=prepared,
            **_before(broadcast),
            **shared,
        )
    points = here.store.outcomes.accepted_over_time(broadcast.number)
    return render_template(
        "broadcast_sent.html",
        fields=sending_fields(broadcast, here.sends.look(broadcast.id), 0.0),
        bars=bars_of(points),
        top=top_of(points),
        causes=causes_to_show(broadcast, here.store.outcomes.causes(broadcast.number)),
        left=waiting(broadcast),
        usable=here.sends.has(broadcast.via),
        through=not rows_before_retry(broadcast),
        short=short,
        live=version_of(broadcast),
        **shared,
    )


def _before(broadcast: Broadcast) -> Mapping[str, object]:
    """The summary before it is sent."""
    here = window()
    previews = [preview_of(broadcast, name) for name in here.sends.channels]
    return {
        "summary": broadcast.summary,
        "previews": previews,
        "typed": request.form,
        "canary": min(CANARY_ROWS, broadcast.rows),
        "unconfirmed": MOST_UNCONFIRMED_ROWS,
        "to_accept": warnings_to_accept(broadcast),
        "days": SENT_BEFORE_DAYS,
        "short": [one for one in previews if one.too_little_for(broadcast.rows)],
        "messages": here.store.loads.rows(broadcast.number, 0, _SHOWN_MESSAGES),
        "warnings": warnings_of(broadcast.report),
    }


def _load_events(name: str) -> Iterator[Mapping[str, object]]:
    loads = window().loads
    seen = -(10**9)
    while (progress := loads.wait(name, seen, _TICK_SECONDS)) is not None:
        seen = progress.version
        yield progress_fields(progress)
    yield {"ended": True}


def _send_events(first: Broadcast, seen: str) -> Iterator[Mapping[str, object]]:
    """From the ledger, so that it is right also where another program sends."""
    here = window()
    charted, before, asked = float("-inf"), first, time.monotonic()
    while True:
        now, moment = here.store.broadcasts.get(first.id), time.monotonic()
        if not version_of(now) or version_of(now) != seen:
            yield {"ended": True}
            return
        accepted = [it.counts.get(DeliveryState.ACCEPTED, 0) for it in (before, now)]
        rate = (accepted[1] - accepted[0]) / max(moment - asked, 0.5)
        fields = sending_fields(now, here.sends.look(first.id), rate)
        if moment - charted >= _CHART_SECONDS:
            points = here.store.outcomes.accepted_over_time(first.number)
            bars = [asdict(bar) for bar in bars_of(points)]
            yield {**fields, "bars": bars, "top": top_of(points)}
            charted = time.monotonic()
        else:
            yield fields
        before, asked = now, moment
        time.sleep(_TICK_SECONDS)
