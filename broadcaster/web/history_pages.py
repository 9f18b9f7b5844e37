"""The history of checks, newest first."""

import math

from flask import Blueprint, render_template, request

from broadcaster.store.checks import CheckRecord, Moment
from broadcaster.web.paging import slice_of
from broadcaster.web.window import window

__all__ = ["blueprint"]

blueprint = Blueprint("history", __name__)

_BETWEEN = "~"  # which no id has


@blueprint.get("/checks")
def checks() -> str:
    """A page of the history."""
    page = slice_of(
        window().store.checks.newest, _name_of, before=_moment("before"), after=_moment("after")
    )
    return render_template("check_history.html", page=page)


def _name_of(record: CheckRecord) -> str:
    return f"{record.created_at!r}{_BETWEEN}{record.id}"


def _moment(name: str) -> Moment | None:
    """What our own links hold; None for anything else."""
    at, _, found = request.args.get(name, "").partition(_BETWEEN)
    try:
        seconds = float(at)
    except ValueError:
        return None
    return (seconds, found.replace("\0", "")) if math.isfinite(seconds) else None
