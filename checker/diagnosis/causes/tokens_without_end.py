"""Tokens that are given where there are no more rows."""

from itertools import pairwise

from checker.core.model import ABSENT
from checker.diagnosis.cause import Cause, Seen, seen
from checker.diagnosis.facts import Facts
from checker.text.display import plural


def _own_token(facts: Facts, _rule: str) -> Seen | None:
    """A page that names itself as the next one."""
    last = facts.pages[-1] if facts.pages else None
    if last is None or last.exchange.token is None or str(last.next) != last.exchange.token:
        return None
    return seen(
        f"Page {last.number} has {plural(last.rows, 'row')} and gives the token with which it was "
        "asked for."
    )


def _counts_on(facts: Facts, _rule: str) -> Seen | None:
    empty = [page for page in facts.pages if not page.rows and page.next is not ABSENT]
    filled = [page for page in facts.pages if page.rows]
    numbers = [
        int(page.next)
        for page in facts.pages
        if isinstance(page.next, str | int) and str(page.next).isdigit()
    ]
    if len(empty) < 2:
        return None
    last = filled[-1].number if filled else 0
    counting = len(numbers) > 2 and len({b - a for a, b in pairwise(numbers)}) == 1
    line = f"The last rows are on page {last}; every page after it is empty and has a next"
    return seen(
        f"{line}, always {numbers[-1] - numbers[-2]} more." if counting else f"{line}.",
        last=str(last),
    )


own_token = Cause(
    name="own-token-again",
    rules=("NEXT003",),
    looks=_own_token,
    sentence=(
        "When there are no more rows the program gives back the token that it got: the "
        "variable is only set anew by a row."
    ),
    fix=(
        'Send "next": "" when the page has no rows, or fewer than asked for; begin with an '
        "empty token in place of the given one."
    ),
    follows=("PAGE007",),
)


counts_on = Cause(
    name="next-always-counts-on",
    rules=("NEXT014", "PAGE007"),
    looks=_counts_on,
    sentence="next is always the page number plus one, also when there are no more rows.",
    fix=(
        'Send "next": "" when a page has fewer rows than asked for, or ask the database for '
        "one row more to know whether another page follows."
    ),
    follows=("PAGE007",),
)
