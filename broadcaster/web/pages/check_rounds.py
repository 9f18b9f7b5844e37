"""The rounds of one endpoint: its earlier checks, and what changed since the last of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from broadcaster.store import Store
from broadcaster.store.checks import CheckRecord
from broadcaster.web.jobs.stored_report import report_of
from checker import Finding, Report, Severity

__all__ = ["Comparison", "RuleCount", "compared", "rounds_before"]

_ROUNDS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCount:
    """A rule, and in how many places it was broken before and is now."""

    rule: str
    name: str
    before: int
    now: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What was fixed since the check `before`, what is new, and what remains."""

    before: CheckRecord
    fixed: Sequence[RuleCount]
    new: Sequence[RuleCount]
    remaining: Sequence[RuleCount]


def rounds_before(store: Store, record: CheckRecord) -> list[CheckRecord]:
    """The checks of the same endpoint before this one, the newest first, without reports."""
    if not record.endpoint_key:
        return []
    return store.checks.of_endpoint(record.endpoint_key, before=record.created_at, at_most=_ROUNDS)


def compared(store: Store, rounds: Sequence[CheckRecord], report: Report) -> Comparison | None:
    """Beside the last round that came to its end; None where there is none."""
    for one in rounds:
        if one.state == "done" and not one.reason:
            whole = store.checks.get(one.id)
            document = None if whole is None else whole.report
            earlier = None if document is None else report_of(document)
            if earlier is not None:
                return _comparison(one, earlier, report)
    return None


def _comparison(before: CheckRecord, earlier: Report, now: Report) -> Comparison:
    old, new = _by_rule(earlier), _by_rule(now)
    counts = [
        RuleCount(
            rule=rule,
            name=(new.get(rule) or old[rule]).name,
            before=old[rule].count if rule in old else 0,
            now=new[rule].count if rule in new else 0,
        )
        for rule in sorted({*old, *new})
    ]
    return Comparison(
        before=before,
        fixed=[one for one in counts if not one.now],
        new=[one for one in counts if not one.before],
        remaining=[one for one in counts if one.before and one.now],
    )


def _by_rule(report: Report) -> dict[str, Finding]:
    return {one.rule: one for one in report.findings if one.severity is not Severity.INFO}
