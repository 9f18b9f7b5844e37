"""The history of checks, newest first."""

import math

from flask import Blueprint, render_template, request

from broadcaster.store.checks import CheckRecord, Moment
from broadcaster.web.pages.paging import slice_of
from broadcaster.web.pages.window import window

__all__ = ["blueprint"]

blueprint = Blueprint("history", __name__)

_SEPARATOR = "~"  # it is in no id


@blueprint.get("/checks")
def checks() -> str:
    """A page of the history."""
    page = slice_of(
        window().store.checks.newest, _key_of, before=_moment("before"), after=_moment("after")
    )
    return render_template("check_history.html", page=page)


def _key_of(record: CheckRecord) -> str:
    return f"{record.created_at!r}{_SEPARATOR}{record.id}"


def _moment(name: str) -> Moment | None:
    """The moment in a link of ours; None for anything else."""
    at, _, name = request.args.get(name, "").partition(_SEPARATOR)
    try:
        seconds = float(at)
    except ValueError:
        return None
    return (seconds, name.replace("\0", "")) if math.isfinite(seconds) else None
