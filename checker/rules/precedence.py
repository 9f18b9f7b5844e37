"""One cause, one finding: which rules a fault makes meaningless, stated here and nowhere else.

When the rule on the left has fired, the rules on the right are not reported and are listed as not
judged. `docs/precedence.md` is generated from this table.
"""

from collections.abc import Collection
from dataclasses import dataclass

from checker.core.report import NotJudged

__all__ = ["ENDS_IN_SILENCE", "PRECEDENCE", "Cause", "not_judged_after"]

ENDS_IN_SILENCE = frozenset({"PAGE010"})
"""Rules whose finding goes before all others of its severity, as that of an error which ended the
crawl does: what came after it was not read.
"""

_PAGING = (
    "NEXT003",
    "NEXT004",
    "NEXT005",
    "NEXT006",
    "NEXT007",
    "NEXT008",
    "NEXT009",
    "PERF002",
    "ROW013",
)
_REST_OF_CRAWL = ("NEXT005", "NEXT006", "NEXT014", "PAGE006", "PERF002", "PERF003", "ROW013")
_STATUSES = ("HTTP001", "HTTP005", "HTTP006", "HTTP007", "HTTP008")
_UNREACHED = ("HTTP002", "HTTP003", "HTTP004", "NEXT009", "NEXT010", "SEC001", "SEC005", "SEC007")


@dataclass(frozen=True, slots=True)
class Cause:
    """A rule whose fault makes others true, or hides them; `why` ends the sentence."""

    rule: str
    hides: tuple[str, ...]
    why: str


PRECEDENCE: tuple[Cause, ...] = (
    Cause("NET001", _UNREACHED, "the host name does not resolve"),
    Cause("NET002", _UNREACHED, "the connection failed"),
    Cause("NET003", _UNREACHED, "no secure connection was made"),
    Cause(
        "NEXT011",
        ("NEXT004", "NEXT003", "NEXT005", "NEXT007", "NEXT008", "JSON001", *_STATUSES, *_PAGING),
        "without the server's cookies the pages do not follow each other",
    ),
    Cause(
        "NEXT004",
        tuple(rule for rule in _PAGING if rule != "NEXT004"),
        "the token is ignored",
    ),
    Cause("NEXT008", ("NEXT003", "NEXT006", "NEXT007"), "the server keeps the position itself"),
    Cause("NEXT003", _REST_OF_CRAWL, "the crawl stopped at a token loop"),
    Cause("NEXT005", ("NEXT003", "NEXT014", "PERF002"), "the crawl stopped at a repeated page"),
    Cause("PAGE003", ("PAGE006",), "the rows are not in an array"),
    Cause("JSON002", ("ROW010", "ROW015"), "the text was read in another encoding than UTF-8"),
    Cause("HTTP010", _UNREACHED, "the endpoint redirects away"),
    Cause("HTTP011", _UNREACHED, "the endpoint's redirects do not end"),
    Cause("HTTP006", ("NEXT009", "SEC001", "SEC007"), "the endpoint refuses the headers given"),
    Cause("HTTP007", ("HTTP003",), "the server also fails on GET"),
    Cause("NEXT014", ("PAGE007", "PERF003"), "the crawl does not end"),
    Cause("PAGE010", ("PAGE006",), "a blank page ended the crawl"),
    Cause("PAGE002", ("PAGE006",), "the rows could not be found"),
)


def not_judged_after(fired: Collection[str]) -> tuple[dict[str, str], list[NotJudged]]:
    """The rules to leave out, each with its cause, and the reasons in words.

    A rule that is itself left out is no cause: the table is read from the top.
    """
    hidden: dict[str, str] = {}
    reasons: list[NotJudged] = []
    for cause in PRECEDENCE:
        if cause.rule in fired and cause.rule not in hidden:
            rules = tuple(dict.fromkeys(rule for rule in cause.hides if rule not in hidden))
            hidden.update(dict.fromkeys(rules, cause.rule))
            if rules:
                why = f"{cause.why} ({cause.rule})"
                reasons.append(NotJudged(rules=tuple(sorted(rules)), why=why))
    return hidden, reasons
