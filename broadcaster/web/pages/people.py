"""Who did not get the message, and why: a table with filters, and all of it as CSV."""

from collections.abc import Iterator

from flask import Blueprint, Response, render_template, request, stream_with_context

from broadcaster.model import DeliveryState
from broadcaster.reports.csv_report import csv_lines
from broadcaster.web.pages.broadcast_view import source_of
from broadcaster.web.pages.broadcasts import broadcast_or_404
from broadcaster.web.pages.window import window

__all__ = ["blueprint"]

blueprint = Blueprint("people", __name__)

_ON_A_PAGE = 100
_LONGEST_UID = 1000
_MOST_ROWS = 2**53  # a database cannot count further
_NOT_ACCEPTED = tuple(state for state in DeliveryState if state is not DeliveryState.ACCEPTED)


@blueprint.get("/broadcasts/<name>/people")
def table(name: str) -> str:
    """A page of the filtered table."""
    broadcast = broadcast_or_404(name)
    reporting = window().store.outcomes
    states, reason, uid = _filters()
    after = min(max(-1, request.args.get("after", -1, type=int)), _MOST_ROWS)
    found = reporting.outcomes(
        broadcast.number,
        states=states,
        reason=reason or None,
        uid_prefix=uid,
        after=after,
        at_most=_ON_A_PAGE + 1,
    )
    rows = found[:_ON_A_PAGE]
    return render_template(
        "broadcast_people.html",
        broadcast=broadcast,
        source=source_of(broadcast),
        rows=rows,
        after=after,
        more=rows[-1].row if len(found) > _ON_A_PAGE else None,
        states=[state.value for state in _NOT_ACCEPTED],
        causes=[cause for cause in reporting.causes(broadcast.number) if cause.reason],
        chosen={"state": request.args.get("state", ""), "reason": reason, "uid": uid},
    )


@blueprint.get("/broadcasts/<name>/person")
def person(name: str) -> str:
    """All rows of one person, whatever became of them."""
    broadcast = broadcast_or_404(name)
    uid = request.args.get("uid", "").strip()[:_LONGEST_UID].replace("\0", "")
    rows = window().store.outcomes.outcomes(broadcast.number, uid=uid, at_most=_ON_A_PAGE)
    return render_template(
        "broadcast_person.html",
        broadcast=broadcast,
        source=source_of(broadcast),
        uid=uid,
        rows=rows,
    )


@blueprint.get("/broadcasts/<name>/people.csv")
def download(name: str) -> Response:
    """The filtered table as CSV, one row at a time."""
    broadcast = broadcast_or_404(name)
    states, reason, uid = _filters()
    every = window().store.outcomes.each(
        broadcast.number, states=states, reason=reason or None, uid_prefix=uid
    )

    def lines() -> Iterator[str]:
        yield from csv_lines(every, show_data=False)

    response = Response(stream_with_context(lines()), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = (
        f'attachment; filename="broadcast-{broadcast.id}-not-accepted.csv"'
    )
    return response


def _filters() -> tuple[tuple[DeliveryState, ...], str, str]:
    wanted = request.args.get("state", "")
    states = tuple(state for state in _NOT_ACCEPTED if wanted in ("", state.value))
    uid = request.args.get("uid", "").strip()[:200]
    reason = request.args.get("reason", "")[:1000].replace("\0", "")  # no reason is stored with it
    return states or _NOT_ACCEPTED, reason, uid
