"""Where a redirect leads, and whether it may be followed (HTTP009 to HTTP011). Pure."""

import re
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from checker.core.endpoint import origin_of
from checker.core.model import Failure, Reply
from checker.text.redact import Redactor

__all__ = ["redirect_target"]

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MAX_REDIRECTS = 5


def redirect_target(
    url: str, reply: Reply, redirects: list[str], redactor: Redactor, *, may_leave: bool
) -> tuple[str | None, Failure | None]:
    """Where to go on, or why not to. `may_leave` allows another origin: no header is sent."""
    location = next((v for k, v in reply.headers if k.lower() == "location"), None)
    if reply.failure is not None or reply.status not in _REDIRECTS or not location:
        return None, None
    try:
        target = _absolute(url, location)
        here, there = origin_of(url), origin_of(target)
        shown = _shown(url, redactor.text(location))
    except ValueError:
        unread = "the server redirects to a URL that cannot be read"
        return None, Failure(rule="HTTP010", detail=unread)
    upgraded = here[0] == "http" and there[0] == "https" and here[1] == there[1]
    kept = there[0] in ("https", here[0])  # a scheme that encrypts no less
    if here != there and not upgraded and not (may_leave and kept):
        leaves = f"the server redirects ({reply.status}) to {shown}"
        return None, Failure(rule="HTTP010", detail=leaves)
    if target in (url, *redirects):
        return None, Failure(rule="HTTP011", detail="the server redirects in a loop")
    if len(redirects) >= _MAX_REDIRECTS:
        return None, Failure(rule="HTTP011", detail=f"more than {_MAX_REDIRECTS} redirects")
    return target, None


def _shown(url: str, masked: str) -> str:
    """The target without credentials and query. Masked before, since a cut may leave half a secret
    that nobody would recognize.
    """
    whole = re.split("[?#]", urljoin(url, masked.strip()))[0]
    return re.sub("(?<=//)[^/]*@", "", whole)


def _absolute(url: str, location: str) -> str:
    """The Location as a URL to ask: resolved, without credentials and fragment, in ASCII."""
    target = urlsplit(urljoin(url, location.strip()))
    netloc = target.netloc.rpartition("@")[2]
    path = quote(target.path or "/", safe="%/:=&?~+!$,;'@()*[]")
    query = quote(target.query, safe="%/:=&?~+!$,;'@()*[]")
    return urlunsplit((target.scheme.lower(), netloc, path, query, ""))
