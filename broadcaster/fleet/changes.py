"""What changed in a fleet between two moments, by rule: as data, as text, as JSON. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from broadcaster.store.fleet import FleetResult
from checker.api import all_rules

__all__ = [
    "NO_REPORT",
    "Changes",
    "RuleChange",
    "changes_between",
    "changes_document",
    "changes_text",
    "moment_text",
]

_SHOWN = 5
NO_REPORT = "no report"
"""In the place of a rule, where an endpoint could not be checked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleChange:
    """Endpoints that break a rule now and did not, or the other way round."""

    rule: str
    name: str
    severity: str
    endpoints: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """`newly` and `no_longer`: most endpoints first. `first_checked` had no result before."""

    since: float
    until: float
    endpoints: int
    newly: tuple[RuleChange, ...]
    no_longer: tuple[RuleChange, ...]
    first_checked: tuple[str, ...]


def changes_between(
    before: Iterable[FleetResult], after: Iterable[FleetResult], *, since: float, until: float
) -> Changes:
    """`before` and `after` are each endpoint's last result at each of the two moments."""
    old = {one.name: one for one in before}
    new = {one.name: one for one in after}
    newly: dict[str, list[str]] = defaultdict(list)
    gone: dict[str, list[str]] = defaultdict(list)
    severities: dict[str, str] = {}
    for name in sorted(new.keys() & old.keys()):
        broken, broke = _broken(new[name]), _broken(old[name])
        severities |= {**broke, **broken}
        for rule in broken.keys() - broke.keys():
            newly[rule].append(name)
        for rule in broke.keys() - broken.keys() - _unknown(new[name], broke):
            gone[rule].append(name)
    return Changes(
        since=since,
        until=until,
        endpoints=len(new),
        newly=_by_rule(newly, severities),
        no_longer=_by_rule(gone, severities),
        first_checked=tuple(sorted(new.keys() - old.keys())),
    )


def _broken(result: FleetResult) -> Mapping[str, str]:
    return result.rules if result.verdict is not None else {NO_REPORT: "error"}


def _unknown(result: FleetResult, rules: Iterable[str]) -> set[str]:
    """Those of the rules of which the check does not say whether they are broken, as when the
    endpoint was down.
    """
    away = any(rule.startswith("NET") and s == "error" for rule, s in result.rules.items())
    if result.verdict is None or away:
        return set(rules)
    return set(result.not_judged or ())


def _by_rule(
    found: Mapping[str, list[str]], severities: Mapping[str, str]
) -> tuple[RuleChange, ...]:
    rules = all_rules()
    changes = [
        RuleChange(
            rule=rule,
            name=rules[rule].name if rule in rules else "could-not-be-checked",
            severity=severities[rule],
            endpoints=tuple(names),
        )
        for rule, names in found.items()
    ]
    return tuple(sorted(changes, key=lambda one: (-len(one.endpoints), one.rule)))


def changes_text(changes: Changes) -> str:
    """A line for each rule, such as "12 endpoints newly fail NEXT006 overlapping-pages: a, b"."""
    lines = [
        _line(one, "newly fail" if one.severity == "error" else "newly show")
        for one in changes.newly
    ]
    lines += [_line(one, "no longer show") for one in changes.no_longer]
    if changes.first_checked:
        names = changes.first_checked
        lines.append(f"{_many(len(names))} first checked since: {_names(names)}")
    since = moment_text(changes.since)
    if not lines:
        return f"Nothing changed since {since} ({_many(changes.endpoints)}).\n"
    return "\n".join([f"Since {since}, of {_many(changes.endpoints)}:", *lines]) + "\n"


def _line(change: RuleChange, verb: str) -> str:
    count = len(change.endpoints)
    ending = "s" if count == 1 else ""
    return f"{_many(count)} {verb}{ending} {change.rule} {change.name}: {_names(change.endpoints)}"


def _many(count: int) -> str:
    return f"{count:,} endpoint{'' if count == 1 else 's'}"


def _names(names: tuple[str, ...]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more:,} more" if more > 0 else "")


def moment_text(at: float) -> str:
    """A moment since 1970 with its day of the week, in UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%A %Y-%m-%d %H:%M UTC")


def changes_document(changes: Changes) -> dict[str, object]:
    """As JSON."""

    def shown(found: Iterable[RuleChange]) -> list[dict[str, object]]:
        return [
            {
                "rule": one.rule,
                "name": one.name,
                "severity": one.severity,
                "count": len(one.endpoints),
                "endpoints": list(one.endpoints),
            }
            for one in found
        ]

    return {
        "changes_version": 1,
        "since": datetime.fromtimestamp(changes.since, UTC).isoformat(),
        "until": datetime.fromtimestamp(changes.until, UTC).isoformat(),
        "endpoints": changes.endpoints,
        "newly": shown(changes.newly),
        "no_longer": shown(changes.no_longer),
        "first_checked": list(changes.first_checked),
    }
