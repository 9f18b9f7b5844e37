"""Ways to look at answers that several causes share. Pure."""

import re
from collections.abc import Callable, Mapping
from urllib.parse import SplitResult, urlsplit

from checker.diagnosis.cause import Seen
from checker.diagnosis.facts import Facts, json_of
from checker.diagnosis.words import masked, quoted
from checker.text.display import cut

__all__ = ["Looks", "answering", "either", "parts_of", "root_of", "saying"]

Looks = Callable[[Facts, str], Seen | None]
_SHOWN = 80


def saying(*patterns: str, header: str = "", status: str = "", first_page: bool = False) -> Looks:
    """Sees an answer whose body, or whose header of that name, matches one of the patterns.

    `status` is a pattern, too; with `first_page` an answer to a token is not looked at. The words
    of what was seen hold the status.
    """
    wanted = [re.compile(pattern, re.IGNORECASE | re.DOTALL) for pattern in patterns]

    def looks(facts: Facts, rule: str) -> Seen | None:
        exchange = facts.exchange(rule)
        if exchange is None or (status and not re.fullmatch(status, str(exchange.status))):
            return None
        if first_page and exchange.token is not None:
            return None
        value = exchange.header(header) or "" if header else ""
        text = facts.text(rule)
        words = {"status": str(exchange.status or "")}
        for pattern in wanted:
            if value and (match := pattern.search(value)):
                return Seen((f"{header}: {cut(masked(facts.mask, match.group()), _SHOWN)}",), words)
            if match := pattern.search(text):
                bare = re.sub(r"<[^<>]*>?", " ", masked(facts.mask, match.group()))
                shown = quoted(facts.mask, bare, _SHOWN)
                return Seen((f"The answer says {shown}.",) if len(shown) > 2 else (), words)
        return None

    return looks


def answering(status: str, header: str = "", value: str = "") -> Looks:
    """Sees an answer with such a status and, where asked for, such a header."""

    def looks(facts: Facts, rule: str) -> Seen | None:
        exchange = facts.exchange(rule)
        if exchange is None or not re.fullmatch(status, str(exchange.status)):
            return None
        found = exchange.header(header) if header else ""
        if found is None or not re.search(value, found, re.IGNORECASE):
            return None
        lines = (f"{header}: {cut(masked(facts.mask, found), _SHOWN)}",) if header else ()
        return Seen(
            lines, {"status": str(exchange.status), "value": cut(masked(facts.mask, found), _SHOWN)}
        )

    return looks


def either(*all_looks: Looks) -> Looks:
    """The first of several ways that sees something."""

    def looks(facts: Facts, rule: str) -> Seen | None:
        return next((seen for one in all_looks if (seen := one(facts, rule)) is not None), None)

    return looks


def parts_of(url: str) -> SplitResult:
    """The parts of a URL; all empty where a server sent what is none."""
    try:
        parts = urlsplit(url)
        _ = parts.hostname
    except ValueError:
        return SplitResult("", "", "", "", "")
    return parts


def root_of(facts: Facts, rule: str) -> Mapping[str, object]:
    """The root object of the first faulty page."""
    value = facts.first(rule).value
    if isinstance(value, Mapping):
        return value
    document = json_of(facts.body(rule))
    return document if isinstance(document, dict) else {}
