"""A page that is blank, or an end without any row."""

from checker.core.model import Probe, Purpose
from checker.diagnosis.cause import Cause, Seen
from checker.diagnosis.facts import Facts

_RULES = ("PAGE010",)
_FOLLOWS = ("PAGE006", "PERF003")


def _asked_again(facts: Facts, rule: str) -> Probe | None:
    """The answer to the blank page, asked once more."""
    place = facts.first(rule)
    token = place.exchange.token if place.exchange is not None else place.token
    page = place.exchange.page if place.exchange is not None else place.page
    for probe in (*facts.probed(Purpose.BLANK), *facts.probed(Purpose.REPLAY)):
        if probe.exchange.token == token and probe.exchange.page == page:
            return probe
    return None


def _lines(facts: Facts, rule: str) -> list[str]:
    exchange = facts.exchange(rule)
    if exchange is None:
        return []
    kind = exchange.header("Content-Type")
    shown = f" with Content-Type: {facts.mask(kind)[:80]}" if kind else " without a Content-Type"
    lines = [f"The server answered {exchange.status}{shown} and not a single character."]
    before = [page for page in facts.pages if page.rows and page.number < (exchange.page or 0)]
    if before:
        rows = [page.rows for page in before]
        full = "each" if len(set(rows)) == 1 else "up to"
        lines.append(
            f"The {len(rows)} pages before it have {full} {max(rows)} rows, so the data "
            "probably goes on."
            if len(rows) > 1
            else f"The page before it has {rows[0]} rows and promised another page."
        )
    return lines


def _passing(facts: Facts, rule: str) -> Seen | None:
    again = _asked_again(facts, rule)
    if again is None or again.page is None or not again.page.row_count:
        return None
    return Seen((*_lines(facts, rule), f"Asked again, it had {again.page.row_count} rows."))


def _lasting(facts: Facts, rule: str) -> Seen | None:
    exchange = facts.exchange(rule)
    if exchange is None or exchange.body.strip():
        return None
    again = _asked_again(facts, rule)
    lines = _lines(facts, rule)
    if again is not None and again.exchange.succeeded and not again.exchange.body.strip():
        lines.append("Asked again, it is blank again.")
    return Seen(tuple(lines))


blank_once = Cause(
    name="blank-once",
    rules=_RULES,
    looks=_passing,
    sentence=(
        "The program died in the middle of one request (out of memory, a time limit, a lost "
        "database "
        "connection) and the server sent what there was: nothing."
    ),
    fix=(
        "Look in the server's log at the time of the request, and let a failure answer with "
        "status 500, never with an empty 200."
    ),
    follows=_FOLLOWS,
)
blank_always = Cause(
    name="blank-always",
    rules=_RULES,
    looks=_lasting,
    sentence=(
        "A program that fails silently answers like this. In PHP it is most often json_encode, "
        "which "
        "gives false, printed as nothing, when one row holds a byte that is not UTF-8; or a fatal "
        "error with display_errors off, or an early exit."
    ),
    fix=(
        "Let json_encode fail loudly: json_encode($page, JSON_THROW_ON_ERROR | "
        "JSON_INVALID_UTF8_SUBSTITUTE), read the database in utf8mb4, and look in the error "
        "log. End the data "
        'by "next": "" on the last page or by status 204.'
    ),
    snippets={
        "node": "In Node: a handler that calls res.end() in its catch block answers the same way.",
        "python": "In Python: a view that returns an empty response in its except block does, too.",
    },
    follows=_FOLLOWS,
)
