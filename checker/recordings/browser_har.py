"""Judges a HAR that a browser's developer tools exported: finds the endpoint's requests in it."""

import ipaddress
import re
from collections import Counter
from collections.abc import Hashable, Iterator
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlsplit, urlunsplit

from checker.core.endpoint import Endpoint, looks_secret
from checker.core.errors import UsageError
from checker.core.model import Headers, Purpose
from checker.core.needs import Need
from checker.recordings.har import BadEntryError, body_of, exchange_of, headers_of
from checker.recordings.har_file import HarFile, entries_of
from checker.recordings.replay import Reasons, Recording, ReplayClient

__all__ = ["read_browser_har"]

_MEMBER = re.compile(rb'"(?:list|next)"\s*:')
_NO_RESPONSE = (0, 304)


def read_browser_har(name: str, url: str | None, token_param: str) -> Recording:
    """The endpoint of this URL, or else the one that is asked most often. Raises UsageError."""
    address = _address(url) if url is not None else _likeliest(name)
    tape = HarFile()
    with tape.closed_on_failure():
        first, bodiless = _taken_up(name, address, token_param, tape)
        plain = _without_token(str(first["request"]["url"]), token_param)
    return Recording(
        client=_client(name, tape, first, token_param, bodiless),
        endpoint=plain,
        headers=_credentials(first),
    )


def _taken_up(
    name: str, address: str, token_param: str, tape: HarFile
) -> tuple[dict[str, Any], int]:
    """Puts the answers on the tape by their tokens; gives the first page's, and how many lack
    their bodies.
    """
    first: dict[str, Any] | None = None
    bodiless = 0
    for entry in _asked(name, address):
        token = _token(entry, token_param)
        if first is None or (token is None and _token(first, token_param) is not None):
            first = entry
        if body_of(entry["response"]) is None and entry["response"]["status"] != 204:
            bodiless += 1
            continue
        entry["_broadcast"] = {"local_peer": _is_local(entry)}
        tape.add((Purpose.PAGE, token), entry)
    if first is None:
        raise UsageError(
            f"{name} holds no answered GET request to {address}; give the endpoint's URL "
            "as the browser asked for it."
        )
    if not len(tape):
        raise UsageError(
            f"{name} holds none of the {bodiless} bodies of {address}: keep the developer "
            "tools open while the pages load, and export the HAR with content."
        )
    return first, bodiless


def _client(
    name: str, tape: HarFile, first: dict[str, Any], token_param: str, bodiless: int
) -> ReplayClient:
    start = _token(first, token_param)

    def key(purpose: Purpose, page: int | None, token: str | None, _method: str) -> Hashable:
        return purpose, start if page == 1 and token is None else token

    missing = f"{name} holds no answer to the request of page " + "{page}"
    if bodiless:
        lacking = "1 answer lacks its body" if bodiless == 1 else f"{bodiless} lack their bodies"
        missing += f" ({lacking}: export the HAR with content)"
    return ReplayClient(tape, key, lacking=_beyond_a_browser(first), missing=missing)


def _beyond_a_browser(first: dict[str, Any]) -> Reasons:
    """What a browser hides or does by itself."""
    reasons = {
        Need.CONNECTION: "a browser's HAR does not tell how a connection failed",
        Need.REDIRECTS: "a browser follows redirects by itself",
        Need.RAW_BYTES: "a browser's HAR holds text, not the bytes that were sent",
        Need.KEPT_CONNECTION: "a browser keeps its own connections",
        Need.LOAD_TEST: "the crawls of --load are not recorded",
        Need.COOKIE_PROBE: "the browser had sent its cookies",
    }
    if _is_local(first) is None:
        reasons[Need.SERVER_ADDRESS] = "the HAR does not tell the server's address"
    return reasons


def _asked(name: str, address: str) -> Iterator[dict[str, Any]]:
    """The answered GET requests to this address."""
    for number, entry in enumerate(entries_of(name), 1):
        try:
            exchange = exchange_of(entry)
        except BadEntryError as error:
            if _address(_url_of(entry)) == address:
                raise UsageError(f"{name}: entry {number} of log.entries is not {error}.") from None
            continue
        answered = (exchange.status or 0) not in _NO_RESPONSE
        if exchange.method == "GET" and answered and _address(exchange.url) == address:
            yield entry


def _url_of(entry: dict[str, Any]) -> str:
    request = entry.get("request")
    return str(request.get("url", "")) if isinstance(request, dict) else ""


def _address(url: str) -> str:
    """A URL without its query."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return urlunsplit((parts.scheme.lower(), parts.netloc.lower(), parts.path or "/", "", ""))


def _likeliest(name: str) -> str:
    """The address whose answers most often hold a list or a next."""
    asked: Counter[str] = Counter()
    for entry in entries_of(name):
        try:
            exchange = exchange_of(entry)
        except BadEntryError:
            continue
        if exchange.method == "GET" and _MEMBER.search(
            exchange.body[:65_536] + exchange.body[-4096:]
        ):
            asked[_address(exchange.url)] += 1
    if not asked:
        raise UsageError(
            f"{name} holds no answer with list and next; give the endpoint's URL, too, "
            "and export the HAR with content."
        )
    return asked.most_common(1)[0][0]


def _token(entry: dict[str, Any], token_param: str) -> str | None:
    query = parse_qs(urlsplit(entry["request"]["url"]).query, keep_blank_values=True)
    values = query.get(token_param)
    return values[0] if values and values[0] else None


def _without_token(url: str, token_param: str) -> str:
    parts = urlsplit(url)
    kept = [
        item
        for item in parts.query.split("&")
        if item and unquote_plus(item.partition("=")[0]) != token_param
    ]
    plain = urlunsplit(
        (parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "&".join(kept), "")
    )
    return Endpoint.parse(plain, token_param).url


def _credentials(entry: dict[str, Any]) -> Headers:
    """The headers whose values are secrets, to be masked in the report."""
    found = dict[str, str]()
    for name, value in headers_of(entry["request"]):
        credential = looks_secret(name) and not name.startswith(":")  # HTTP/2 has :authority
        if credential or name.lower() == "cookie":
            found.setdefault(name, value)
    return tuple(found.items())


def _is_local(entry: dict[str, Any]) -> bool | None:
    try:
        return ipaddress.ip_address(str(entry.get("serverIPAddress", "")).strip("[]")).is_loopback
    except ValueError:
        return None
