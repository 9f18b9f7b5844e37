"""The endpoint's URL: validated once, and the URL of each page made from it. Pure."""

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, unquote_plus, urlsplit, urlunsplit

import idna

from checker.core.errors import UsageError

__all__ = ["Endpoint", "looks_secret", "origin_of"]

_DEFAULT_PORTS = {"http": 80, "https": 443}
_KEPT = "%/:=&?~+!$,;'@()*[]"
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_SECRET_WORD = re.compile(
    r"(?:api|access|auth|app|client|private|secret|session|refresh|user|web|x)*"
    r"(?:keys?|tokens?|secrets?|pass(?:word|wd|phrase|code)?|pwd|auth(?:orization|entication)?"
    r"|sig(?:n|ned|nature)?|credentials?|jwt|bearer)"
)
_OTHER_KEYS = frozenset(
    {
        "cache",
        "foreign",
        "group",
        "hash",
        "index",
        "order",
        "partition",
        "primary",
        "public",
        "range",
        "row",
        "shift",
        "sort",
    }
)
"""With one of these words before it, a key names a column or a place, not a credential."""
_CONTROL = re.compile(r"[\x00-\x20\x7f-\x9f]")


def looks_secret(name: str) -> bool:
    """Whether a header or query parameter of that name is likely to hold a credential: one of its
    whole words says so, as in api_key and accessToken, not in keyword and author.
    """
    words = [word.lower() for word in _WORD.findall(name)]
    if words and words[-1] in ("key", "keys") and _OTHER_KEYS & set(words):
        return False
    return any(_SECRET_WORD.fullmatch(word) for word in words)


def origin_of(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of a URL (RFC 6454). Raises ValueError for a bad one."""
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    return scheme, (parts.hostname or "").lower(), parts.port or _DEFAULT_PORTS.get(scheme, 0)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An http or https URL without credentials and fragment, and the paging parameter."""

    url: str
    token_param: str = "next"  # noqa: S105  a parameter's name

    @classmethod
    def parse(cls, url: str, token_param: str = "next") -> "Endpoint":  # noqa: S107
        """Raises UsageError: one sentence that says what to give instead."""
        if not token_param:
            raise UsageError("--token-param is empty. Give a name, such as next.")
        if not url.strip():
            raise UsageError("Give the endpoint's URL, such as https://api.example.com/recipients.")
        url = url.strip()
        if _CONTROL.search(url):
            raise UsageError(
                "The URL contains a blank or a control character. Percent-encode it, such as %20."
            )
        try:
            return cls(_normal(url), token_param)
        except UsageError:
            raise
        except ValueError:
            raise UsageError(
                "The URL cannot be read: check its host, its port and its brackets."
            ) from None

    def without_token(self, url: str) -> str:
        """A URL that the endpoint redirects to, without the paging parameter."""
        parts = urlsplit(url)
        return urlunsplit(parts._replace(query="&".join(_kept(parts.query, self.token_param))))

    def page_url(self, token: str | None) -> str:
        """The URL of a page: the endpoint's own, or with the token in its parameter."""
        if token is None:
            return self.url
        return _up_to_the_token(self.url, self.token_param) + quote(token, safe="")

    @property
    def scheme(self) -> str:
        """`http` or `https`."""
        return urlsplit(self.url).scheme

    @property
    def path(self) -> str:
        """The path alone."""
        return urlsplit(self.url).path

    def secret_parameters(self, url: str | None = None) -> list[tuple[str, str]]:
        """Name and raw value of each query parameter that looks like a credential, of the
        endpoint's URL or of one that it redirects to.
        """
        found = []
        for item in urlsplit(url or self.url).query.split("&"):
            name, _, value = item.partition("=")
            plain_name = unquote_plus(name)
            if value and plain_name != self.token_param and looks_secret(plain_name):
                found.append((plain_name, value))
        return found


@lru_cache(maxsize=16)
def _up_to_the_token(url: str, token_param: str) -> str:
    """The URL of any page but the first, without the token at its end."""
    parts = urlsplit(url)
    kept = [*_kept(parts.query, token_param), f"{quote(token_param, safe='')}="]
    return urlunsplit(parts._replace(query="&".join(kept)))


def _kept(query: str, token_param: str) -> list[str]:
    """The items of a query without the paging parameter's."""
    return [
        item
        for item in query.split("&")
        if item and unquote_plus(item.partition("=")[0]) != token_param
    ]


def _normal(url: str) -> str:
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORTS or not parts.netloc:
        raise UsageError(
            "The URL must begin with http:// or https://, such as https://api.example.com/."
        )
    if "@" in parts.netloc:
        raise UsageError(
            "The URL contains credentials. Give them as a header instead, "
            "such as -H 'Authorization: Basic …'."
        )
    if "#" in url:
        raise UsageError("The URL has a fragment (#…), which is never sent. Leave it out.")
    if not parts.hostname:
        raise UsageError("The URL has no host name.")
    if parts.port == 0:
        raise UsageError("The URL has port 0, which no server uses.")
    port = "" if parts.port is None else f":{parts.port}"
    path = quote(parts.path or "/", safe=_KEPT)
    query = quote(parts.query, safe=_KEPT)
    return urlunsplit((scheme, _ascii_host(parts.hostname) + port, path, query, ""))


def _ascii_host(host: str) -> str:
    if ":" in host:
        return f"[{host}]"
    if host.isascii():
        if any(len(label) > 63 for label in host.split(".")) or len(host) > 253:
            raise UsageError("The URL's host name is too long.")
        return host
    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError:
        raise UsageError("The URL's host name is not a valid international name.") from None
