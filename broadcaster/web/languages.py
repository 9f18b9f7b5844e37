"""The languages of the window: the visitor's choice, and its figures and times."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from flask import Flask, Response, request
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

__all__ = [
    "LANGUAGES",
    "_",
    "counted",
    "current_language",
    "day_and_time",
    "duration_of",
    "figure",
    "init_languages",
    "weekday_and_time",
]

LANGUAGES = {"en": "English", "id": "Bahasa Indonesia", "th": "ไทย"}
"""The codes of the languages, each with its own name."""

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


def _(message: str, **values: object) -> str:
    """The message in the visitor's language; the catalogues are in `translations/`."""
    return str(gettext(message, **values))


def counted(one: str, many: str, num: int) -> str:
    """The same for a message that differs by a number, which is its `%(number)s`."""
    return str(ngettext(one, many, num, number=figure(num)))


def figure(number: float) -> str:
    """A number in the format of the visitor's language."""
    return str(format_decimal(number))


def duration_of(seconds: float) -> str:
    """A duration in words, rounded to its largest unit."""
    return str(format_timedelta(timedelta(seconds=max(1, round(seconds))), "second", 1.5))


def current_language() -> str:
    """The code of the language of the current request."""
    return str(get_locale() or "en")


def day_and_time(seconds: float) -> str:
    """A moment since 1970, in UTC, as the visitor's language writes it."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return _("%(moment)s UTC", moment=format_datetime(moment, "medium", rebase=False))


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
    kept = (
        {}
        if request.method != "GET"
        else {name: value for name, value in request.args.items() if name != "lang"}
    )
    return [(code, name, _address({**kept, "lang": code})) for code, name in LANGUAGES.items()]


def _address(query: dict[str, str]) -> str:
    return f"?{urlencode(query)}"


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
