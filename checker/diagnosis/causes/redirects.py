"""Redirects: who sends them, and what they lose."""

from checker.core.model import Exchange
from checker.diagnosis.cause import Cause, Seen
from checker.diagnosis.facts import Facts
from checker.diagnosis.looking import parts_of


def _is_script(exchange: Exchange) -> bool:
    """Whether this is a web app of Google Apps Script: its redirects go to one-time addresses."""
    urls = (*exchange.redirects, exchange.final_url, exchange.header("Location") or "")
    return any(
        parts_of(url).hostname == "script.google.com" or "macros/echo?user_content_key=" in url
        for url in (exchange.url, *urls)
    )


def _apps_script(facts: Facts, rule: str) -> Seen | None:
    exchange = facts.exchange(rule)
    if exchange is None or not _is_script(exchange):
        return None
    return Seen(("The redirect goes to a one-time address, …/macros/echo.",))


def _apps_script_headers(facts: Facts, rule: str) -> Seen | None:
    return _apps_script(facts, rule) if facts.config.headers else None


def _query_lost(facts: Facts, rule: str) -> Seen | None:
    """A redirected page whose final address has no token any more."""
    name = facts.config.endpoint.token_param
    if not facts.counts.keys() & {"NEXT003", "NEXT004", "NEXT005"}:
        return None
    for place in facts.places.get(rule, ()):
        exchange = place.exchange
        if exchange is None or exchange.token is None or not exchange.redirects:
            continue
        if f"{name}=" not in parts_of(exchange.final_url).query and not _is_script(exchange):
            return Seen(
                (f"Page {exchange.page} was asked for with {name}=…, which the redirect drops.",)
            )
    return None


def _slash(facts: Facts, rule: str) -> Seen | None:
    exchange = facts.exchange(rule)
    if exchange is None or not exchange.redirects:
        return None
    before, after = parts_of(exchange.redirects[0]), parts_of(exchange.final_url)
    if before.path.rstrip("/") == after.path.rstrip("/") and before.path != after.path:
        how = "with" if after.path.endswith("/") else "without"
        return Seen((), {"how": how})
    return None


def _to_https(facts: Facts, rule: str) -> Seen | None:
    exchange = facts.exchange(rule)
    if exchange is None or not exchange.redirects:
        return None
    before, after = parts_of(exchange.redirects[0]), parts_of(exchange.final_url)
    return Seen() if (before.scheme, after.scheme) == ("http", "https") else None


def _to_sign_in(facts: Facts, rule: str) -> Seen | None:
    exchange = facts.exchange(rule)
    target = (exchange.header("Location") or exchange.final_url) if exchange is not None else ""
    path = parts_of(target).path.lower()
    words = (
        "/login",
        "/signin",
        "/sign-in",
        "/sign_in",
        "/auth",
        "/sso",
        "servicelogin",
        "/users/sign",
    )
    return Seen() if exchange is not None and any(word in path for word in words) else None


apps_script_headers = Cause(
    name="apps-script-headers",
    rules=("HTTP010",),
    looks=_apps_script_headers,
    sentence=(
        "This is a Google Apps Script web app: it answers each request by a redirect to "
        "another host, where your headers must not go, and it cannot read request headers at all."
    ),
    fix=(
        "Check it again without the headers (-H). To keep others out, put a long secret into "
        "the URL (?key=…) and compare it in doGet(e) with e.parameter.key."
    ),
)
redirect_drops_query = Cause(
    name="redirect-drops-query",
    rules=("HTTP009",),
    looks=_query_lost,
    sentence="The redirect drops the query string, so the paging token never arrives.",
    fix=(
        "Give the final URL as the endpoint, and keep the query in the redirect (nginx: return "
        "301 https://$host$request_uri)."
    ),
    follows=("NEXT004", "NEXT003", "NEXT005"),
)
apps_script_redirect = Cause(
    name="apps-script-redirect",
    rules=("HTTP009",),
    looks=_apps_script,
    sentence=(
        "This is a Google Apps Script web app, which answers each request by a redirect "
        "to a one-time address."
    ),
    fix=(
        "Nothing needs to be changed: keep the /exec address as the endpoint; the one-time "
        "address must not be used in its place."
    ),
)
redirect_sign_in = Cause(
    name="redirect-to-sign-in",
    rules=("HTTP009", "HTTP010", "HTTP011"),
    looks=_to_sign_in,
    sentence=(
        "The endpoint redirects to a sign-in page: it wants a session that a program does "
        "not have, or did not accept the headers."
    ),
    fix=(
        "Take the endpoint out of the session login and guard it by a secret header; answer "
        "401 to requests without it, not a redirect."
    ),
)
redirect_to_https = Cause(
    name="redirect-to-https",
    rules=("HTTP009",),
    looks=_to_https,
    sentence="The endpoint is served over https, and the URL given begins with http.",
    fix="Give the https:// URL: until the redirect, headers and data go over the wire in clear.",
)
redirect_slash = Cause(
    name="redirect-slash",
    rules=("HTTP009",),
    looks=_slash,
    sentence="The path is registered {how} a slash at its end.",
    fix="Give the URL {how} the slash.",
)
