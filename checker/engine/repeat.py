"""The command line that repeats a request of a check, to be shown in a report. Pure."""

import shlex

from checker.core.config import Config
from checker.core.endpoint import looks_secret
from checker.core.model import Exchange, Location, Purpose
from checker.text.redact import Redactor

__all__ = ["curl_of", "probe_words"]

_LONGEST_URL = 20_000
_PROBE_WORDS = {
    Purpose.METHOD: "requested with another method",
    Purpose.REPLAY: "requested again",
    Purpose.BAD_TOKEN: "requested with a made-up token",
    Purpose.NO_CREDENTIALS: "requested without the headers",
    Purpose.ALTERED_CREDENTIALS: "requested with altered credentials",
    Purpose.COOKIE: "requested with the server's cookies",
    Purpose.LOAD: "requested by several crawls at once",
}


def probe_words(exchange: Exchange | None) -> str | None:
    """How a probe's request differed from those of the crawl; None for one of the crawl."""
    return None if exchange is None else _PROBE_WORDS.get(exchange.purpose)


def curl_of(
    location: Location, token: str | None, config: Config, redactor: Redactor
) -> str | None:
    """The command, with a variable in place of each header's value; None where there is no server
    to ask, as for a saved page or an app in this process.

    It shows status and headers (-i) where the fault is not in the body, and follows redirects (-L)
    where there were some.
    """
    exchange = location.exchange
    no_request = exchange is None and location.page is None
    if no_request or config.endpoint.scheme == "file" or config.sender is not None:
        return None
    url = _url(exchange, token, config)
    if len(url) > _LONGEST_URL:
        return None
    words = ["curl", "-sS", "--compressed"]
    if location.pointer is None:
        words.append("-i")
    if exchange is not None and exchange.redirects:
        words.append("-L")
    if exchange is not None and exchange.method != "GET":
        words += ["-X", exchange.method]
    words += _headers(exchange, config)
    words.append(_quoted_url(url, config, redactor))
    return " ".join(words)


def _url(exchange: Exchange | None, token: str | None, config: Config) -> str:
    if exchange is not None and exchange.purpose is Purpose.METHOD:
        return exchange.url
    return config.endpoint.page_url(token)


def _headers(exchange: Exchange | None, config: Config) -> list[str]:
    purpose = Purpose.PAGE if exchange is None else exchange.purpose
    if purpose is Purpose.NO_CREDENTIALS:
        return []
    words = []
    for name, _ in config.headers:
        altered = purpose is Purpose.ALTERED_CREDENTIALS and looks_secret(name)
        value = "wrong" if altered else f"${variable_for(name)}"
        words += ["-H", f'"{name}: {value}"']
    return [*words, "-b", '"$COOKIE"'] if purpose is Purpose.COOKIE else words


def variable_for(name: str) -> str:
    """The environment variable that stands for a header's or parameter's value."""
    return "".join(char if char.isascii() and char.isalnum() else "_" for char in name).upper()


def _quoted_url(url: str, config: Config, redactor: Redactor) -> str:
    """The URL for a shell; a secret parameter's value is a variable, any other secret masked."""
    for name, value in config.endpoint.secret_parameters():
        url = url.replace(f"={value}", f"=\0{variable_for(name)}\0")
    parts = url.split("\0")
    if len(parts) == 1:
        return shlex.quote(redactor.text(url))
    quoted = [
        f'"${part}"' if index % 2 else shlex.quote(redactor.text(part)) if part else ""
        for index, part in enumerate(parts)
    ]
    return "".join(quoted)
