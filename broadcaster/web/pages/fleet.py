"""The pages of a fleet of checks: its endpoints, what changed, and the history of each."""

import json
import threading
import time
from collections.abc import Mapping

from flask import Blueprint, Response, abort, render_template, request, stream_with_context

from broadcaster.errors import StoreError, WrongCommand
from broadcaster.fleet.changes import Changes, changes_between, changes_document
from broadcaster.store import Store
from broadcaster.store.fleet import FleetRun
from broadcaster.terminal.durations import moment_of
from broadcaster.web.jobs.stored_report import report_of
from broadcaster.web.languages import _
from broadcaster.web.pages.fleet_view import (
    OUTCOMES,
    FleetFilter,
    FleetRow,
    change_lines,
    rows_of,
    rules_of,
    standing_csv,
    standing_document,
)
from broadcaster.web.pages.paging import MOST, number_of, slice_of
from broadcaster.web.pages.window import window
from checker import report_body

__all__ = ["FleetPresence", "blueprint"]

blueprint = Blueprint("fleet", __name__)

_ON_A_PAGE = 100
_LONGEST = 200
_USUAL_SINCE = "7d"


class FleetPresence:
    """Whether there is a fleet to show. Once there was one, the store is not asked again."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._seen = threading.Event()

    def __bool__(self) -> bool:
        if not self._seen.is_set():
            try:
                if self._store.fleet.holds_results():
                    self._seen.set()
            except StoreError:
                return False  # the error page has a menu, too
        return self._seen.is_set()


@blueprint.get("/fleet")
def standing() -> str:
    """A page of the filtered endpoints, and the totals by outcome."""
    store, now = window().store, time.time()
    newest = store.fleet.newest(now)
    wanted, after = _filter(), _text("after")
    rows = [row for row in rows_of(store.fleet.endpoints(), newest) if wanted.takes(row)]
    found = [row for row in rows if row.name > after] if after else rows
    page = found[:_ON_A_PAGE]
    return render_template(
        "fleet.html",
        standing=store.fleet.standing(now, newest),
        rows=page,
        count=len(rows),
        after=after,
        more=page[-1].name if len(found) > _ON_A_PAGE else None,
        outcomes=OUTCOMES,
        rules=rules_of(newest),
        chosen={"outcome": wanted.outcome, "rule": wanted.rule, "text": wanted.text},
    )


@blueprint.get("/fleet.json")
def as_json() -> Response:
    """All filtered endpoints."""
    now = time.time()
    return _json(standing_document(_wanted(now), now), "fleet.json")


@blueprint.get("/fleet.csv")
def as_csv() -> Response:
    """The same for a spreadsheet."""
    lines = standing_csv(_wanted(time.time()))
    response = Response(stream_with_context(lines), content_type="text/csv; charset=utf-8")
    return _as_file(response, "fleet.csv")


@blueprint.get("/fleet/changes")
def changes() -> Response:
    """What changed since a moment, or why that is not a moment."""
    since = _text("since") or _USUAL_SINCE
    found, error = None, ""
    try:
        found = _changes(since)
    except WrongCommand:
        error = _("Give a moment such as 24h, tuesday, 2026-11-24 or 2026-11-24T18:00.")
    text = render_template(
        "fleet_changes.html",
        since=since,
        error=error,
        changes=found,
        lines=[] if found is None else change_lines(found),
    )
    return Response(text, 422 if error else 200)


@blueprint.get("/fleet/changes.json")
def changes_as_json() -> Response:
    """As `broadcast checks changes --json` gives it."""
    try:
        found = _changes(_text("since") or _USUAL_SINCE)
    except WrongCommand:
        abort(400)
    return _json(changes_document(found), "fleet-changes.json")


@blueprint.get("/fleet/history")
def history() -> str:
    """An endpoint's results, the newest first."""
    store, name = window().store, _text("name")
    page = slice_of(
        lambda limit, **place: store.fleet.runs(name, limit, **place),
        lambda run: str(run.number),
        before=number_of("before"),
        after=number_of("after"),
    )
    endpoint = next((one.endpoint for one in store.fleet.endpoints() if one.name == name), None)
    if endpoint is None and not page.rows:
        abort(404)
    return render_template("fleet_history.html", name=name, endpoint=endpoint, page=page)


@blueprint.get("/fleet/results/<int:number>")
def result(number: int) -> str:
    """A result with its report."""
    run = _run(number)
    document = run.result.report
    report = None if document is None else report_of(document)
    body = None if report is None else report_body(report)
    return render_template("fleet_result.html", run=run, body=body)


@blueprint.get("/fleet/results/<int:number>.json")
def result_as_json(number: int) -> Response:
    """Its report alone."""
    report = _run(number).result.report
    if report is None:
        abort(404)
    return _json(report, f"check-{number}.json")


def _run(number: int) -> FleetRun:
    run = window().store.fleet.run(number) if number <= MOST else None
    if run is None:
        abort(404)
    return run


def _wanted(now: float) -> list[FleetRow]:
    fleet, wanted = window().store.fleet, _filter()
    return [row for row in rows_of(fleet.endpoints(), fleet.newest(now)) if wanted.takes(row)]


def _filter() -> FleetFilter:
    outcome = _text("outcome")
    return FleetFilter(
        outcome=outcome if outcome in OUTCOMES else "", rule=_text("rule"), text=_text("text")
    )


def _text(name: str) -> str:
    return request.args.get(name, "").strip()[:_LONGEST].replace("\0", "")


def _changes(since: str) -> Changes:
    """Raises WrongCommand for what is not a moment."""
    fleet, now = window().store.fleet, time.time()
    moment = moment_of(since, now, "since")
    return changes_between(fleet.newest(moment), fleet.newest(now), since=moment, until=now)


def _json(document: Mapping[str, object], name: str) -> Response:
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    return _as_file(Response(text, content_type="application/json; charset=utf-8"), name)


def _as_file(response: Response, name: str) -> Response:
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
