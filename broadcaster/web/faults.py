"""What a visitor sees when something goes wrong: one sentence on a page, never a traceback."""

import logging

from flask import Flask, Response, make_response, render_template
from werkzeug.exceptions import HTTPException

from broadcaster.errors import BroadcastError
from broadcaster.web.languages import _
from checker.api import crash_sentence

__all__ = ["init_faults"]

_log = logging.getLogger("broadcaster.web")


def init_faults(app: Flask) -> None:
    """Pages for what Flask refuses, for the store's troubles, and for our own mistakes."""
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(BroadcastError, _troubled)
    app.register_error_handler(Exception, _mistaken)


def _refused(error: HTTPException) -> Response:
    code = error.code or 500
    if error.response is not None:
        return make_response(error.response)
    return _page(code, _sentences().get(code, error.name))


def _troubled(error: BroadcastError) -> Response:
    return _page(503, str(error))


def _mistaken(error: Exception) -> Response:
    # the error's text may hold a secret, so it is neither shown nor logged
    sentence = crash_sentence(error)
    _log.error("%s", sentence)
    return _page(500, _("The window itself failed here. Please report it: %(what)s", what=sentence))


def _page(code: int, sentence: str) -> Response:
    return make_response(render_template("fault.html", code=code, sentence=sentence), code)


def _sentences() -> dict[int, str]:
    return {
        400: _("This request cannot be read."),
        403: _("This request came from another site, so it was refused."),
        404: _("There is nothing at this address. It may have been deleted, or mistyped."),
        405: _("This address cannot be asked in that way."),
        413: _("That is too large to be opened here."),
        421: _("This server does not answer to that name."),
        429: _("That is too often. Wait a minute and try again."),
        503: _("The server is busy. Wait a moment and try again."),
    }
