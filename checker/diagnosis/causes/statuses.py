"""Statuses that are no page, where no page in place of it says whose they are."""

import re

from checker.core.model import Purpose
from checker.diagnosis.cause import Cause, Seen, seen
from checker.diagnosis.facts import Facts
from checker.diagnosis.looking import Looks, answering, either, saying


def _no_header(facts: Facts, rule: str) -> Seen | None:
    exchange = facts.exchange(rule)
    if exchange is None or exchange.page != 1 or facts.config.headers:
        return None
    asks = exchange.header("WWW-Authenticate") or ""
    scheme = asks.split(" ")[0][:20] if asks else ""
    if exchange.status != 401 and not scheme:
        return None
    how = "-H 'Authorization: Bearer …'"
    if scheme.lower() == "basic":
        how = '-H "Authorization: Basic $(printf user:password | base64)"'
    return seen("The request carried no header of yours.", how=how)


def _only_later(facts: Facts, rule: str) -> Seen | None:
    """A later page refused though the first came with the same headers."""
    exchange = facts.exchange(rule)
    if exchange is None or exchange.page in (None, 1) or exchange.token is None:
        return None
    if not facts.config.headers:
        return None
    return seen(
        f"Page 1 came with the same headers, page {exchange.page} is answered {exchange.status}."
    )


def _query_refused(facts: Facts, rule: str) -> Seen | None:
    exchange = facts.exchange(rule)
    if exchange is None or exchange.token is None or facts.config.headers:
        return None
    return seen(
        f"Page 1 came without any header, a page with a token is answered {exchange.status}."
    )


def _from_handler(facts: Facts, rule: str) -> Seen | None:
    """GET answered 404 where another method says that the route exists."""
    exchange = facts.exchange(rule)
    if exchange is None or exchange.status != 404 or exchange.page != 1:
        return None
    for probe in facts.probed(Purpose.METHOD):
        allow = probe.exchange.header("Allow") or ""
        if probe.exchange.status == 405 and "GET" in allow.upper():
            return seen(
                f"{probe.exchange.method} is answered 405 with Allow: "
                f"{facts.mask(allow)[:60]}, so the route exists."
            )
    return None


def _same_as_made_up(facts: Facts, rule: str) -> Seen | None:
    """A token refused just as one that was never issued."""
    exchange = facts.exchange(rule)
    if exchange is None or exchange.token is None:
        return None
    for probe in facts.probed(Purpose.BAD_TOKEN):
        same = probe.exchange.status == exchange.status and probe.exchange.body == exchange.body
        if same and exchange.status is not None and 400 <= exchange.status < 500:
            return seen(
                f"A made-up token gets the very same answer, {exchange.status}: this one is "
                f"not known either."
            )
    return None


def _database(facts: Facts, rule: str) -> Seen | None:
    text = facts.text(rule)
    match = re.search(
        r"SQLSTATE\[\w+\][^\n<]{0,160}|ORA-\d{5}[^\n<]{0,120}|PG::\w+[^\n<]{0,120}"
        r"|ECONNREFUSED[^\n<]{0,60}|OperationalError[^\n<]{0,120}|Too many connections",
        text,
    )
    if match is None:
        return None
    return Seen()


def _later_page_dies(facts: Facts, rule: str) -> Seen | None:
    exchange = facts.exchange(rule)
    if exchange is None or exchange.page is None or exchange.page < 2:
        return None
    return seen(
        f"Pages 1 to {exchange.page - 1} came; page {exchange.page} fails, also when asked again."
        if exchange.attempts > 1
        else f"Pages 1 to {exchange.page - 1} came; page {exchange.page} fails."
    )


def _status(name: str, rules: tuple[str, ...], looks: Looks, sentence: str, fix: str) -> Cause:
    return Cause(name=name, rules=rules, looks=looks, sentence=sentence, fix=fix)


header_missing = _status(
    "credential-not-given",
    ("HTTP006",),
    _no_header,
    "The endpoint asks for a credential, and none was given.",
    "Give the header that your server expects: {how}.",
)
auth_on_later_page = _status(
    "refused-on-later-page",
    ("HTTP006",),
    _only_later,
    "The credential is accepted on the first page and not with a token: the token, a signature "
    "over the URL, or a short-lived session is checked.",
    "Check what the handler does when the parameter next is there: a signature must cover the "
    "whole query, and a session must not be needed.",
)
query_refused = _status(
    "query-refused",
    ("HTTP006",),
    _query_refused,
    "The first page is open and a page with a token is refused: a firewall rule that looks at "
    "the query string, or a handler that takes next for something private.",
    "Look at the rules of the firewall for the token's characters; tokens of letters, digits, "
    "- and _ alone pass everywhere.",
)
handler_404 = _status(
    "handler-answers-404",
    ("HTTP005",),
    _from_handler,
    "The route exists, so the 404 comes from the handler itself: it found nothing and says so "
    "by its status.",
    'Answer 200 with "list": [] and "next": "" where there is nobody to send to.',
)
unknown_token = _status(
    "token-not-known",
    ("HTTP005",),
    _same_as_made_up,
    "The server does not know the token that it gave itself: it was not stored, expired, or "
    "belongs to another instance's memory.",
    "Make tokens that say by themselves where the page starts (the last row's id), not keys "
    "into memory; with several instances share the store.",
)
rate_limit = _status(
    "rate-limit",
    ("HTTP008",),
    answering("429"),
    "A rate limit is lower than the pace of a crawl, one request after another.",
    "Raise the limit for this endpoint or caller, give more rows a page (up to 499), and send "
    "Retry-After; to check at a slower pace use --delay SECONDS.",
)
database_error = _status(
    "database-error",
    ("HTTP007",),
    _database,
    "The program fails at its database.",
    "Mend what the server's words name: the query, the connection or its limits; and keep such "
    "words out of answers (SEC005).",
)
get_refused = _status(
    "get-not-registered",
    ("HTTP001",),
    either(answering("405", "Allow", r"POST"), saying(r"Method Not Allowed", status="405")),
    "The route is registered for another method only.",
    "Register it for GET (Route::get, app.get, @GetMapping, methods=['GET']) and read the "
    "token from the query string.",
)
later_page_fails = _status(
    "later-page-fails",
    ("HTTP007",),
    _later_page_dies,
    "The handler fails only with a token: reading the token, or a row of that page, raises an "
    "error.",
    "Ask for this page with the command below and read the server's log: look at how the token "
    "is parsed, and at the rows after it.",
)
