"""Members of the root that have another name, or are left out."""

import re

from checker.diagnosis.cause import Cause, Seen, seen
from checker.diagnosis.facts import Facts
from checker.diagnosis.looking import root_of
from checker.diagnosis.words import quoted

_RULES = ("PAGE002", "PAGE005")


_FOLLOWS = ("PAGE002", "PAGE005", "PAGE008", "PAGE006", "NEXT013")


_LIKE_NEXT = re.compile(
    r"next_?(?:page|cursor|token|page_?token|link|id|key)|(?:end_?)?cursor|continuation(?:_?token)?"
    r"|page_?token|last_?key",
    re.IGNORECASE,
)


_LIST_NAMES = (
    "data",
    "items",
    "rows",
    "results",
    "result",
    "records",
    "content",
    "value",
    "recipients",
    "users",
    "lists",
)


def _other_case(facts: Facts, rule: str) -> Seen | None:
    root = root_of(facts, rule)
    wrong = [
        name for name in root if name.lower() in ("list", "next") and name not in ("list", "next")
    ]
    return (
        Seen((f"The root has {' and '.join(wrong)}.",), {"names": ", ".join(wrong)})
        if wrong
        else None
    )


def _other_name(facts: Facts, rule: str) -> Seen | None:
    if rule != "PAGE002":
        return None
    root = root_of(facts, rule)
    arrays = [name for name, value in root.items() if isinstance(value, list)]
    known = [name for name in arrays if name.lower() in _LIST_NAMES]
    if len(arrays) != 1 or not known:
        return None
    name = quoted(facts.mask, known[0], 40).strip('"')
    return Seen((f"The only array of the root is its member {name}.",), {"name": name})


def _other_next(facts: Facts, rule: str) -> Seen | None:
    root = root_of(facts, rule)
    names = [name for name in root if _LIKE_NEXT.fullmatch(name)]
    if rule != "PAGE005" or len(names) != 1:
        return None
    name = quoted(facts.mask, names[0], 40).strip('"')
    return seen(f"The root has the member {name} and no next.", name=name)


def _only_last_without_next(facts: Facts, rule: str) -> Seen | None:
    """`next` left out of the last page, as serializers that drop nulls do."""
    if rule != "PAGE005" or facts.pages_read < 2:
        return None
    place = facts.first(rule)
    page = facts.page(place.exchange.page if place.exchange is not None else None)
    before = [p for p in facts.pages if page is not None and p.number < page.number]
    if page is None or not before or not page.rows or facts.counts.get(rule) != 1:
        return None
    fuller = max(p.rows for p in before)
    if not all(isinstance(p.next, str) and p.next for p in before):
        return None
    if page.rows >= fuller:
        return None
    lines = [f"Pages 1 to {page.number - 1} have a next, page {page.number} has none."]
    lines.append(f"It has {page.rows} rows, the pages before it {fuller}: it seems to be the last.")
    return Seen(tuple(lines))


other_case = Cause(
    name="other-case",
    rules=_RULES,
    looks=_other_case,
    sentence=(
        "The members are spelt with other capitals ({names}); names in JSON are case-sensitive."
    ),
    fix=(
        'Name them exactly list and next: in Go by the tags `json:"list"` and `json:"next"`, '
        "in .NET by JsonPropertyName or PropertyNamingPolicy.CamelCase."
    ),
    follows=_FOLLOWS,
)


other_name = Cause(
    name="other-name",
    rules=_RULES,
    looks=_other_name,
    sentence="The rows are there, under the name {name} in place of list.",
    fix="Name the member list.",
    follows=("PAGE008",),
)


other_next_name = Cause(
    name="other-next-name",
    rules=("PAGE005",),
    looks=_other_next,
    sentence="The token is there, under the name {name} in place of next.",
    fix="Name the member next, and send an empty string on the last page.",
    follows=("PAGE008",),
)


next_dropped_at_end = Cause(
    name="next-dropped-at-end",
    rules=("PAGE005",),
    looks=_only_last_without_next,
    sentence="The last page leaves next out, as serializers do that skip null or empty members.",
    fix=(
        'Send "next": "" on the last page, too: no omitempty in Go, no JsonInclude(NON_NULL) '
        'in Java, no exclude_none in Python; in JavaScript undefined is left out, "" is not.'
    ),
)
