"""Tokens that have no effect, are not known, or never end."""

import re
from urllib.parse import quote, unquote

from checker.core.model import Purpose
from checker.diagnosis.cause import Cause, Seen, seen
from checker.diagnosis.facts import Facts, PageFacts
from checker.diagnosis.words import header_line, quoted
from checker.text.display import plural

_REPEATS = ("NEXT003", "NEXT004", "NEXT005")


_UNKNOWN_TOKEN = (*_REPEATS, "HTTP005", "HTTP007", "NEXT007")


_CACHE_HEADERS = (
    "X-Cache",
    "CF-Cache-Status",
    "Cache-Status",
    "X-Cache-Status",
    "X-Drupal-Cache",
    "X-FastCGI-Cache",
    "X-LiteSpeed-Cache",
    "X-NextJS-Cache",
    "X-Nginx-Cache",
    "X-Proxy-Cache",
    "X-Varnish-Cache",
    "X-Vercel-Cache",
    "X-WP-Cache",
)


_HIT = re.compile(r"\bhit\b", re.IGNORECASE)


_NOTHINGS = (
    "None",
    "null",
    "undefined",
    "nil",
    "NULL",
    "False",
    "false",
    "NaN",
    "0",
    "[object Object]",
)


_SAFE_INTEGER = 2**53


def _cached(facts: Facts, _rule: str) -> Seen | None:
    """A later page whose headers say that a cache answered."""
    for page in facts.pages[1:]:
        exchange = page.exchange
        for name in _CACHE_HEADERS:
            if _HIT.search(exchange.header(name) or ""):
                lines = [
                    header_line(facts.mask, exchange, name),
                    header_line(facts.mask, exchange, "Age"),
                ]
                return _cache_seen(facts, page, [line for line in lines if line])
        if re.fullmatch(r"\d{1,20} \d{1,20}", exchange.header("X-Varnish") or ""):
            return _cache_seen(facts, page, ["two numbers in X-Varnish, its sign of a hit"])
        age = exchange.header("Age") or ""
        if age.isdigit() and int(age[:9]) > 0:
            return _cache_seen(facts, page, [f"Age: {age[:9]}"])
    return None


def _cache_seen(facts: Facts, page: PageFacts, lines: list[str]) -> Seen:
    front = facts.stack.in_front or "a CDN or cache"
    return seen(f"Page {page.number} came with {'; '.join(lines)}.", cache=front)


def _undecoded(facts: Facts, rule: str) -> Seen | None:
    """Tokens that need percent-encoding fail, and nothing else speaks against it."""
    place = facts.first(rule)
    token = place.token if place.exchange is None else place.exchange.token
    if rule in _REPEATS and token is None:
        token = next(iter(facts.tokens()), None)
    if token is None or quote(token, safe="") == token or unquote(token) != token:
        return None
    odd = sorted({char for char in token if quote(char, safe="") != char})
    followed = [t for t in facts.tokens() if t != token]
    if any(quote(t, safe="") != t for t in followed):
        return None  # another such token worked
    plain_form = " ".join(odd[:6])
    sent_form = " ".join(quote(char, safe="") for char in odd[:6])
    lines = [f"The token holds {plain_form}, which is sent as {sent_form}."]
    words = {"chars": plain_form}
    bad = next(facts.probed(Purpose.BAD_TOKEN), None)
    exchange = place.exchange
    if rule in ("HTTP005", "HTTP007", "NEXT007"):
        if bad is None or exchange is None or bad.exchange.status != exchange.status:
            return None
        lines.append(
            f"A made-up token is also answered {bad.exchange.status}: this one is not known either."
        )
    else:
        if bad is not None and not bad.same_rows:
            return None
        if bad is not None:
            lines.append("A made-up token also gets the first page: this one is not known either.")
    plain = [t for t in facts.tokens() if quote(t, safe="") == t]
    if plain:
        lines.append("Tokens without such characters worked.")
    return Seen(tuple(lines), words)


def _expired(facts: Facts, rule: str) -> Seen | None:
    """A token refused like a made-up one, where it needs no encoding."""
    place = facts.first(rule)
    exchange = place.exchange
    bad = next(facts.probed(Purpose.BAD_TOKEN), None)
    if exchange is None or exchange.token is None or bad is None:
        return None
    if bad.exchange.status != exchange.status or bad.exchange.body != exchange.body:
        return None
    return seen(f"A made-up token gets the same answer, {exchange.status}.")


def _word_for_nothing(facts: Facts, _rule: str) -> Seen | None:
    for page in facts.pages:
        if isinstance(page.next, str) and page.next in _NOTHINGS and page.number > 1:
            shown = quoted(facts.mask, page.next)
            rows = plural(page.rows, "row")
            return seen(f"Page {page.number} ({rows}) has the next {shown}.", word=shown)
    return None


def _rounded(facts: Facts, _rule: str) -> Seen | None:
    for page in facts.pages:
        if isinstance(page.next, int) and abs(page.next) > _SAFE_INTEGER:
            return seen(
                f"Page {page.number} has a next of {len(str(page.next))} digits, as a number."
            )
    numbers = [t for t in facts.tokens() if re.fullmatch(r"\d{17,19}", t) and t.endswith("00")]
    if len(numbers) > 1:
        return seen("All tokens are numbers of 17 digits or more that end in zeros.")
    return None


def _clamped(facts: Facts, _rule: str) -> Seen | None:
    """Page numbers that count on, and the last page again."""
    last = facts.pages[-1] if facts.pages else None
    numbers = [int(t) for t in facts.tokens() if t.isdigit()]
    if (
        last is None
        or last.exchange.token is None
        or not last.exchange.token.isdigit()
        or len(numbers) < 2
    ):
        return None
    before = [page for page in facts.pages[:-1] if page.row_hashes == last.row_hashes and last.rows]
    if not before or before[-1].number != last.number - 1:
        return None
    return seen(
        f"Page {last.number} (next={last.exchange.token}) has the rows of page "
        f"{before[-1].number} again."
    )


def _other_parameter(facts: Facts, _rule: str) -> Seen | None:
    """A page that links to another parameter itself."""
    known = facts.config.endpoint.token_param
    for page in facts.pages[:2]:
        for value in _texts(page):
            match = re.search(r"[?&]([A-Za-z_\[\]-]{2,30})=", value)
            if (
                match
                and match[1] != known
                and match[1] not in ("limit", "per_page", "page_size", "size")
            ):
                name = quoted(facts.mask, match[1], 40).strip('"')
                return seen(f"Page {page.number} itself links to ?{name}=….", name=name)
    return None


def _texts(page: PageFacts) -> list[str]:
    found: list[str] = []
    for value in (page.members or {}).values():
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, dict):
            found += [item for item in value.values() if isinstance(item, str)]
    link = page.exchange.header("Link")
    return [*found, link] if link else found


def _ignored(facts: Facts, _rule: str) -> Seen | None:
    bad = next(facts.probed(Purpose.BAD_TOKEN), None)
    if bad is None or not bad.same_rows:
        return None
    return seen(
        "A made-up token also gets the first page: the parameter is not read at all, or "
        "not under this name.",
        name=facts.config.endpoint.token_param,
    )


cache_without_query = Cause(
    name="cache-without-query",
    rules=_REPEATS,
    looks=_cached,
    sentence=(
        "{cache} answers from its cache and leaves the query string out of the key, so "
        "every page is the cached first one."
    ),
    fix=(
        "Put the query string into the cache key, or better: let the endpoint send "
        "Cache-Control: private, no-store and exclude it from the cache, since customers' data "
        "must not be in a shared one."
    ),
    follows=("SEC004",),
)


word_for_nothing = Cause(
    name="end-printed-as-text",
    rules=(*_REPEATS, "NEXT014", "HTTP005", "HTTP007", "NEXT001"),
    looks=_word_for_nothing,
    sentence="The end of the data is printed as the text {word} in place of an empty next.",
    fix=(
        'Send "next": "" (or null) on the last page, not a value turned into text; in PHP mind '
        "that empty('0') is true, so a cursor 0 starts again."
    ),
    snippets={
        "python": '"next": token or "" in place of str(token).',
        "javascript": 'next: token ?? "" in place of String(token).',
        "node": 'next: token ?? "" in place of `${token}`.',
    },
    follows=("NEXT004", "NEXT005", "NEXT006"),
)


rounded_integer = Cause(
    name="rounded-integer",
    rules=(*_REPEATS, "NEXT002", "NEXT006", "HTTP005"),
    looks=_rounded,
    sentence=(
        "The token is an integer beyond 2^53, which JavaScript rounds, so it comes back "
        "as another number."
    ),
    fix="Send the token as a string: BigInt(id).toString(), or the id as text from the database.",
)


undecoded_token = Cause(
    name="token-not-decoded",
    rules=_UNKNOWN_TOKEN,
    looks=_undecoded,
    sentence=(
        "The server most likely compares the token without percent-decoding it: {chars} "
        "arrives encoded, as the query string of a Lambda function behind a load balancer "
        "(ALB) does."
    ),
    fix=(
        "Decode the query parameter once (decodeURIComponent, urllib.parse.unquote, "
        "urldecode), or make tokens of letters, digits, - and _ alone (base64url)."
    ),
    follows=("NEXT009",),
)


clamped = Cause(
    name="clamped-page-number",
    rules=_REPEATS,
    looks=_clamped,
    sentence=(
        "A page number beyond the last page is taken for the last page, as paginators do, "
        "and next keeps counting."
    ),
    fix=(
        'Send "next": "" on the last page: compare the page number with the number of pages, '
        "or ask for one row more than the page holds."
    ),
)


other_parameter = Cause(
    name="other-parameter",
    rules=_REPEATS,
    looks=_other_parameter,
    sentence="The endpoint reads another query parameter than next: its own links use {name}.",
    fix="Read the token from the parameter next, or check with --token-param {name}.",
)


ignored_parameter = Cause(
    name="parameter-not-read",
    rules=("NEXT004",),
    looks=_ignored,
    sentence="The program does not read the query parameter {name}.",
    fix=(
        "Read the token from the query string's parameter {name}, and start the page after "
        "the row that it names."
    ),
    snippets={
        "laravel": "$request->query('next').",
        "php": "$_GET['next'] ?? null.",
        "express": "req.query.next.",
        "node": "new URL(req.url, 'http://x').searchParams.get('next').",
        "flask": "request.args.get('next').",
        "fastapi": "def recipients(next: str | None = None).",
        "django": "request.GET.get('next').",
        "go": 'r.URL.Query().Get("next").',
        "spring": "@RequestParam(required = false) String next.",
        "ruby": "params[:next].",
    },
    follows=("NEXT009",),
)
