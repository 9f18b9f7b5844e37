"""How templates write remote texts, messages, states and figures."""

import re

from flask import Flask

from broadcaster.model import Broadcast, StopCause
from broadcaster.web.languages import _, counted, figure
from checker import visible

__all__ = ["delivery_state", "init_words", "message_text", "pause_words"]

_LINES = re.compile(r"\r\n|\r|\n")


def init_words(app: Flask) -> None:
    """The filters and functions of the templates."""
    app.add_template_filter(visible)
    app.add_template_filter(figure)
    app.add_template_filter(message_text, "message")
    app.add_template_filter(delivery_state)
    app.add_template_filter(pause_words)
    app.jinja_env.globals["counted"] = counted


def message_text(text: str) -> str:
    """A message with its lines; other invisible characters are written as escapes."""
    return "\n".join(map(visible, _LINES.split(text)))


def delivery_state(value: str) -> str:
    """The state of a row in the visitor's language."""
    return {
        "ready": _("waiting"),
        "sending": _("being sent"),
        "accepted": _("accepted"),
        "refused": _("refused"),
        "unknown": _("outcome unknown"),
        "held": _("held for a decision"),
    }[value]


def pause_words(broadcast: Broadcast) -> str:
    """Why it is paused: known causes in the visitor's language, other reasons unchanged."""
    if broadcast.cause is StopCause.CANARY and broadcast.limit is not None:
        rows = figure(broadcast.limit)
        return _("the first %(rows)s rows were sent; the others are waiting", rows=rows)
    usual = {
        StopCause.PERSON: _("paused by a person"),
        StopCause.SERVER_STOPPED: _("the server was stopped"),
        StopCause.REOPENED: _("some rows are waiting to be sent again"),
    }
    known = None if broadcast.cause is None else usual.get(broadcast.cause)
    return known or visible(broadcast.reason)
