"""The pages of errors: one sentence, never a traceback."""

import logging

from flask import Flask, Response, make_response, render_template
from werkzeug.exceptions import HTTPException

from broadcaster.errors import BroadcastError
from broadcaster.web.languages import _
from checker.api import crash_sentence

__all__ = ["init_errors"]

_log = logging.getLogger("broadcaster.web")


def init_errors(app: Flask) -> None:
    """Pages for what Flask refuses, for errors of the store, and for our own faults."""
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(BroadcastError, _broadcast_error)
    app.register_error_handler(Exception, _own_fault)


def _refused(error: HTTPException) -> Response:
    code = error.code or 500
    if error.response is not None:
        return make_response(error.response)
    return _page(code, _sentences().get(code, error.name))


def _broadcast_error(error: BroadcastError) -> Response:
    return _page(503, str(error))


def _own_fault(error: Exception) -> Response:
    # the error's text may hold a secret, so it is neither shown nor logged
    sentence = crash_sentence(error)
    _log.error("%s", sentence)
    return _page(500, _("An error of this program. Please report it: %(what)s", what=sentence))


def _page(code: int, sentence: str) -> Response:
    return make_response(render_template("error.html", code=code, sentence=sentence), code)


def _sentences() -> dict[int, str]:
    return {
        400: _("This request cannot be read."),
        403: _("This request came from another site, so it was refused."),
        404: _("There is nothing at this address. It may have been deleted, or mistyped."),
        405: _("This address cannot be used in this way."),
        413: _("This is too large to be opened here."),
        421: _("Unknown host name: use the address that the server printed."),
        429: _("Too many requests. Wait a minute and try again."),
        503: _("The server is busy. Wait a moment and try again."),
    }
