"""The history of checks, newest first."""

from flask import Blueprint, render_template, request

from broadcaster.web.window import window

__all__ = ["blueprint"]

blueprint = Blueprint("history", __name__)

_ON_A_PAGE = 50
_MOST_PAGES = 1_000_000  # beyond, no database could count


@blueprint.get("/checks")
def checks() -> str:
    """A page of the history."""
    page = min(max(1, request.args.get("page", 1, type=int)), _MOST_PAGES)
    found = window().store.checks.newest(_ON_A_PAGE + 1, offset=(page - 1) * _ON_A_PAGE)
    return render_template(
        "check_history.html", records=found[:_ON_A_PAGE], page=page, more=len(found) > _ON_A_PAGE
    )
