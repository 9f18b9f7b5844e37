"""Where LINE is, and with which token: read from the environment, and never shown."""

import ipaddress
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from broadcaster.errors import WrongCommand
from checker import Endpoint, UsageError

__all__ = ["TOKEN_VARIABLES", "LineSettings"]

_LINE = "https://api.line.me"
_TOKEN = "BROADCAST_LINE_TOKEN"  # noqa: S105  a variable's name
_TOKEN_FILE = "BROADCAST_LINE_TOKEN_FILE"  # noqa: S105
_BASE_URL = "BROADCAST_LINE_BASE_URL"
TOKEN_VARIABLES = (_TOKEN, _TOKEN_FILE)
"""The environment variables that say that LINE is set up."""


class LineSettings:
    """Raises WrongCommand for a base URL to which a token should not go."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._token = environ.get(_TOKEN, "")
        self._file = environ.get(_TOKEN_FILE, "")
        self.base_url = _base_url(environ.get(_BASE_URL, "").strip() or _LINE)
        self.name = "line" if self.base_url == _LINE else f"line at {self.base_url}"

    def __repr__(self) -> str:
        return f"LineSettings({self.name!r})"

    def token(self) -> str:
        """The channel access token. Raises WrongCommand without one, or with a malformed one."""
        if self._token and self._file:
            raise WrongCommand(f"Set {_TOKEN} or {_TOKEN_FILE}, not both.")
        text = self._of_file() if self._file else self._token
        token = text.strip().removeprefix("Bearer ").strip()
        if not token:
            raise WrongCommand(
                f"LINE needs a channel access token: set {_TOKEN}, or {_TOKEN_FILE} to a file "
                "that holds it. LINE Developers Console issues it, under Messaging API."
            )
        if not (token.isascii() and token.isprintable()) or " " in token:
            raise WrongCommand(
                "LINE's channel access token must be one word of printable ASCII characters."
            )
        return token

    def _of_file(self) -> str:
        try:
            return Path(self._file).read_text("utf-8")
        except (OSError, ValueError):
            raise WrongCommand(f"The file that {_TOKEN_FILE} names cannot be read.") from None


def _base_url(text: str) -> str:
    if "@" in text or "?" in text:
        raise WrongCommand(f"{_BASE_URL} must be a scheme and a host, such as {_LINE}.")
    try:
        url = Endpoint.parse(text).url.rstrip("/")
    except UsageError as error:
        raise WrongCommand(f"{_BASE_URL}: {error}") from None
    parts = urlsplit(url)
    if parts.scheme != "https" and not _is_near(parts.hostname or ""):
        raise WrongCommand(
            f"{_BASE_URL} must begin with https://, since the token goes there; "
            "http:// is for a stand-in on this machine."
        )
    return url


def _is_near(host: str) -> bool:
    """This machine, or a neighbour container, which has a name without a dot."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return "." not in host
