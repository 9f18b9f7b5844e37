"""What the pages of a fleet show: the filtered endpoints, and the changes in words."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from broadcaster.fleet.changes import NO_REPORT, Changes, RuleChange
from broadcaster.reports.csv_report import csv_line
from broadcaster.status import moment
from broadcaster.store.fleet import FleetEndpoint, FleetResult
from broadcaster.web.languages import counted
from checker.api import all_rules

__all__ = [
    "OUTCOMES",
    "ChangeLine",
    "FleetFilter",
    "FleetRow",
    "change_lines",
    "rows_of",
    "rules_of",
    "standing_csv",
    "standing_document",
]

OUTCOMES = ("failing", "passing", "no-report", "unchecked")
"""What an endpoint can be filtered by."""

_BY_VERDICT = {"fail": "failing", "pass": "passing", None: "no-report"}
_HEADS = ("name", "endpoint", "outcome", "rules", "reason", "began_at", "ended_at")
_NAMES_SHOWN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetRow:
    """An endpoint, masked, and its newest result, if it was checked yet."""

    name: str
    endpoint: str
    result: FleetResult | None

    @property
    def outcome(self) -> str:
        """One of OUTCOMES."""
        return "unchecked" if self.result is None else _BY_VERDICT[self.result.verdict]


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetFilter:
    """What a visitor wants to see; an empty text wants all."""

    outcome: str = ""
    rule: str = ""
    text: str = ""

    def takes(self, row: FleetRow) -> bool:
        """Whether the row is wanted."""
        if self.outcome and row.outcome != self.outcome:
            return False
        if self.rule and (row.result is None or self.rule not in row.result.rules):
            return False
        wanted = self.text.casefold()
        return wanted in row.name.casefold() or wanted in row.endpoint.casefold()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLine:
    """A sentence such as "12 endpoints newly fail", the rule, and whom it is about."""

    sentence: str
    rule: str
    rule_name: str
    names: tuple[str, ...]
    more: int


def rows_of(endpoints: Iterable[FleetEndpoint], newest: Iterable[FleetResult]) -> list[FleetRow]:
    """By name."""
    found = {one.name: one for one in newest}
    rows = [
        FleetRow(name=one.name, endpoint=one.endpoint, result=found.get(one.name))
        for one in endpoints
    ]
    return sorted(rows, key=lambda row: row.name)


def rules_of(newest: Iterable[FleetResult]) -> list[tuple[str, str, int]]:
    """Each rule that is broken, its name, and by how many endpoints; most first."""
    counts = Counter(rule for one in newest for rule in one.rules)
    rules = all_rules()
    return [
        (rule, rules[rule].name if rule in rules else "", count)
        for rule, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]


def standing_document(rows: Sequence[FleetRow], at: float) -> dict[str, object]:
    """As JSON."""
    return {"standing_version": 1, "at": moment(at), "endpoints": [_document(row) for row in rows]}


def _document(row: FleetRow) -> Mapping[str, object]:
    result = row.result
    return {
        "name": row.name,
        "endpoint": row.endpoint,
        "outcome": row.outcome,
        "rules": {} if result is None else dict(result.rules),
        "reason": "" if result is None else result.reason,
        "began_at": None if result is None else moment(result.began_at),
        "ended_at": None if result is None else moment(result.ended_at),
    }


def standing_csv(rows: Iterable[FleetRow]) -> Iterator[str]:
    """The head and a line an endpoint."""
    yield csv_line(_HEADS)
    for row in rows:
        cells = {**_document(row), "rules": " ".join(row.result.rules if row.result else ())}
        yield csv_line([str(cells[head] or "") for head in _HEADS])


def change_lines(changes: Changes) -> list[ChangeLine]:
    """A line for each rule, what is newly broken first."""
    lines = [_line(one, _newly(one)) for one in changes.newly]
    return lines + [_line(one, _no_longer(one)) for one in changes.no_longer]


def _line(change: RuleChange, sentence: str) -> ChangeLine:
    names = change.endpoints
    known = change.rule != NO_REPORT
    return ChangeLine(
        sentence=sentence,
        rule=change.rule if known else "",
        rule_name=change.name if known else "",
        names=names[:_NAMES_SHOWN],
        more=max(len(names) - _NAMES_SHOWN, 0),
    )


def _newly(change: RuleChange) -> str:
    number = len(change.endpoints)
    if change.rule == NO_REPORT:
        return counted(
            "%(number)s endpoint can no longer be checked",
            "%(number)s endpoints can no longer be checked",
            number,
        )
    if change.severity == "error":
        return counted("%(number)s endpoint newly fails", "%(number)s endpoints newly fail", number)
    return counted("%(number)s endpoint newly shows", "%(number)s endpoints newly show", number)


def _no_longer(change: RuleChange) -> str:
    number = len(change.endpoints)
    if change.rule == NO_REPORT:
        return counted(
            "%(number)s endpoint can be checked again",
            "%(number)s endpoints can be checked again",
            number,
        )
    return counted(
        "%(number)s endpoint no longer shows", "%(number)s endpoints no longer show", number
    )
