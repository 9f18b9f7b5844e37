"""The languages of the window: the visitor's choice, and its figures and times."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from flask import Flask, Response, g, request, url_for
from flask_babel import (
    Babel,
    format_date,
    format_datetime,
    format_decimal,
    format_time,
    format_timedelta,
    get_locale,
    gettext,
    ngettext,
)
from markupsafe import Markup
from werkzeug.exceptions import RequestEntityTooLarge

__all__ = [
    "LANGUAGES",
    "SHOW_AGAIN",
    "_",
    "counted",
    "current_language",
    "day_and_time",
    "duration_of",
    "figure",
    "init_languages",
    "language_mark",
    "weekday_and_time",
]

LANGUAGES = {"en": "English", "id": "Bahasa Indonesia", "th": "ไทย"}
"""The codes of the languages, each with its own name."""

SHOW_AGAIN = "show-again"
"""A field of a form that is to be shown in another language, and not to be carried out."""

_FORMS = frozenset({"checks.start", "files.start", "broadcasts.start"})
_TRANSLATED = "translated-texts"
_COOKIE = "language"
_YEAR_SECONDS = 365 * 24 * 3600


def init_languages(app: Flask) -> None:
    """Translate into the language that the visitor chose, or else the browser asks for."""
    Babel(app, locale_selector=_choose, default_locale="en")
    app.after_request(_remember)
    app.add_template_filter(day_and_time)
    app.add_template_filter(weekday_and_time)
    app.jinja_env.globals["languages"] = LANGUAGES
    app.jinja_env.globals["current_language"] = current_language
    app.jinja_env.globals["language_links"] = _links
    app.jinja_env.globals["language_mark"] = language_mark
    app.jinja_env.globals["typed_again"] = _typed_again


def _(message: str, **values: object) -> str:
    """The message in the visitor's language; the catalogues are in `translations/`."""
    return _noted(str(gettext(message, **values)))


def counted(one: str, many: str, num: int) -> str:
    """The same for a message that differs by a number, which is its `%(number)s`."""
    return _noted(str(ngettext(one, many, num, number=figure(num))))


def language_mark(text: str) -> Markup:
    """The attribute that marks a text as English on a page of another language: whatever was not
    translated in this request, such as a reason of the checker or of a channel.
    """
    english = current_language() == "en" or text in g.get(_TRANSLATED, ())
    return Markup() if english else Markup(' lang="en"')


def _noted(text: str) -> str:
    g.setdefault(_TRANSLATED, set()).add(text)
    return text


def figure(number: float) -> str:
    """A number in the format of the visitor's language."""
    return str(format_decimal(number))


def duration_of(seconds: float) -> str:
    """A duration in words, rounded to the largest unit of which it has three or more."""
    return str(format_timedelta(timedelta(seconds=max(1, round(seconds))), threshold=3))


def current_language() -> str:
    """The code of the language of the current request."""
    return str(get_locale() or "en")


def day_and_time(seconds: float) -> Markup:
    """A moment since 1970, as the visitor's language writes it: in UTC, which a script replaces by
    the visitor's own zone.
    """
    moment = datetime.fromtimestamp(seconds, UTC)
    text = _("%(moment)s UTC", moment=format_datetime(moment, "medium", rebase=False))
    exact = moment.isoformat(timespec="seconds")
    return Markup('<time datetime="{}" data-local>{}</time>').format(exact, text)


def weekday_and_time(seconds: float) -> str:
    """The same with the day of the week, in words."""
    moment = datetime.fromtimestamp(seconds, UTC)
    day = format_date(moment, "full", rebase=False)
    return _("%(day)s, %(time)s UTC", day=day, time=format_time(moment, "short", rebase=False))


def _choose() -> str:
    for wanted in (request.args.get("lang"), request.cookies.get(_COOKIE)):
        if wanted in LANGUAGES:
            return wanted
    return request.accept_languages.best_match(LANGUAGES) or "en"


def _links() -> list[tuple[str, str, str]]:
    """Code, name, and address of this page in each language."""
    query = request.args.to_dict() if request.method == "GET" else {}
    here = "" if request.method == "GET" else _page_of_answer()
    return [
        (code, name, f"{here}?{urlencode({**query, 'lang': code})}")
        for code, name in LANGUAGES.items()
    ]


def _page_of_answer() -> str:
    """Where the page is that is the answer to a form."""
    endpoint, name = request.endpoint or "", (request.view_args or {}).get("name")
    if endpoint.startswith("broadcast_actions.") and name is not None:
        return url_for("broadcasts.show", name=name)
    return url_for("login.form") if endpoint == "login.enter" else url_for("checks.form")


def _typed_again() -> list[tuple[str, str]] | None:
    """The fields of a form that is shown again; None where this page is not one."""
    if request.method == "GET" or request.endpoint not in _FORMS:
        return None
    try:
        typed = request.form
    except RequestEntityTooLarge:  # that is what the page is about
        return None
    return [pair for pair in typed.items(multi=True) if pair[0] != SHOW_AGAIN]


def _remember(response: Response) -> Response:
    wanted = request.args.get("lang")
    if wanted in LANGUAGES and request.cookies.get(_COOKIE) != wanted:
        response.set_cookie(
            _COOKIE,
            wanted,
            max_age=_YEAR_SECONDS,
            httponly=True,
            samesite="Lax",
            secure=request.is_secure,
        )
    return response
