"""What every finding of a rule shows as evidence, whether its cause is known or not. Pure."""

from itertools import pairwise

from checker.core.model import Exchange
from checker.diagnosis.facts import Facts
from checker.diagnosis.row_patterns import common_to_rows
from checker.diagnosis.words import (
    Mask,
    answered,
    beginning,
    error_words,
    header_line,
    masked,
)
from checker.text.prose import without_customers

__all__ = ["evidence_of"]

_HEADERS = {
    "HTTP001": ("Allow",),
    "HTTP006": ("WWW-Authenticate",),
    "HTTP008": ("Retry-After",),
    "HTTP012": ("Content-Type",),
    "NET008": ("Content-Encoding",),
    "PERF004": ("Content-Type",),
    "SEC004": ("Cache-Control", "Expires"),
    "SEC006": ("Access-Control-Allow-Origin",),
}
_STATUSES = ("HTTP001", "HTTP005", "HTTP006", "HTTP007", "HTTP008")


def evidence_of(rule: str, facts: Facts) -> tuple[str, ...]:
    """Lines in the server's own words: status line, error body, first bytes, header lines."""
    pattern = common_to_rows(rule, facts) if rule.startswith("ROW") else None
    exchange = facts.exchange(rule)
    if exchange is None:
        return (pattern,) if pattern else ()
    lines = [pattern] if pattern else []
    lines += _words(rule, facts, exchange)
    for name in _HEADERS.get(rule, ()):
        line = header_line(facts.mask, exchange, name)
        if line is not None:
            lines.append(line)
    return tuple(lines)


def _words(rule: str, facts: Facts, exchange: Exchange) -> tuple[str, ...]:
    mask = facts.mask
    if rule in _STATUSES:
        return (f"The server answered {answered(mask, exchange)}.",)
    if rule in ("HTTP009", "HTTP010", "HTTP011"):
        return _redirects(mask, exchange)
    if rule == "JSON001":
        shown = beginning(mask, exchange.body)
        return (f"The body begins with {shown}.",) if shown else ()
    if rule in ("PAGE001", "PAGE002", "PAGE005"):
        words = error_words(mask, exchange.body)
        return (f"The server says {words}.",) if words else ()
    if rule.startswith("NET") and exchange.failure is not None and exchange.failure.seen:
        shown = without_customers(masked(mask, exchange.failure.seen), is_error=True)
        return (f"What came: {shown}.",)
    return ()


def _redirects(mask: Mask, exchange: Exchange) -> tuple[str, ...]:
    stops = [*exchange.redirects, exchange.final_url]
    lines = [f"{_bare(mask, a)} redirects to {_bare(mask, b)}." for a, b in pairwise(stops)]
    location = exchange.header("Location")
    if location is not None:
        where = _bare(mask, location)
        lines.append(
            f"{_bare(mask, exchange.final_url)} answered {exchange.status}, Location: {where}."
        )
    return tuple(lines[:6])


def _bare(mask: Mask, url: str) -> str:
    """A URL without what its query holds, which may be a one-time secret."""
    bare, question, _ = masked(mask, url).partition("?")
    return f"{bare[:200]}{'?…' if question else ''}"
