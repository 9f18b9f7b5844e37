"""How templates write what is not theirs: remote texts, messages, states, figures."""

import re

from flask import Flask

from broadcaster.web.languages import _, counted, figure
from broadcaster.web.send_line import SERVER_ENDED
from checker import visible

__all__ = ["PAUSED_BY_PERSON", "delivery_state", "init_words", "message_text", "pause_reason"]

PAUSED_BY_PERSON = "paused by a person"
"""Why a broadcast is paused that a visitor paused, as the store keeps it."""

_CANARY = re.compile(r"the first ([0-9,]+) rows are sent; the others wait")
_LINES = re.compile(r"\r\n|\r|\n")


def init_words(app: Flask) -> None:
    """The filters and functions of the templates."""
    app.add_template_filter(visible)
    app.add_template_filter(figure)
    app.add_template_filter(message_text, "message")
    app.add_template_filter(delivery_state)
    app.add_template_filter(pause_reason)
    app.jinja_env.globals["counted"] = counted


def message_text(text: str) -> str:
    """A message with its lines; what else cannot be seen is written as an escape."""
    return "\n".join(map(visible, _LINES.split(text)))


def delivery_state(value: str) -> str:
    """The state of a row in the visitor's language."""
    return {
        "ready": _("waiting"),
        "sending": _("under way"),
        "accepted": _("accepted"),
        "refused": _("refused"),
        "unknown": _("to be repeated"),
        "held": _("held for a person"),
    }[value]


def pause_reason(reason: str) -> str:
    """Why it is paused: our own usual reasons in the visitor's language, others as they are."""
    if canary := _CANARY.fullmatch(reason):
        rows = figure(int(canary[1].replace(",", "")))
        return _("the first %(rows)s rows are sent; the others wait", rows=rows)
    usual = {
        PAUSED_BY_PERSON: _("paused by a person"),
        SERVER_ENDED: _("the server was stopped"),
        "rows of it wait again": _("rows of it wait again"),
    }
    return usual.get(reason) or visible(reason)
