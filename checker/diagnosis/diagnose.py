"""From findings to findings with their causes, evidence, and what follows from what. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from checker.core.report import Finding, Severity
from checker.diagnosis.cause import Cause, Seen
from checker.diagnosis.causes import all_causes
from checker.diagnosis.evidence import evidence_of
from checker.diagnosis.facts import Facts
from checker.text.display import cut

__all__ = ["cause_of", "diagnosed"]

_LINES = 8
_LINE_LENGTH = 400
_SAME_START = len("The body")  # a second line about the same says less than the cause's own
_SEVERITIES = list(Severity)


def diagnosed(findings: Sequence[Finding], facts: Facts) -> tuple[list[Finding], dict[str, str]]:
    """The findings with what can be said of each; a consequence stands right behind its cause.

    A cause that fails is our failure, not the endpoint's: its error's name comes back under
    what failed, and the finding stays without a cause.
    """
    found: list[Finding] = []
    broken: dict[str, str] = {}
    follows: dict[str, tuple[str, ...]] = {}
    for finding in findings:
        try:
            told, follows[finding.rule] = _explained(finding, facts)
        except Exception as error:  # noqa: BLE001  whatever it is, it is our failure
            broken[f"the diagnosis of {finding.rule}"] = type(error).__name__
            told = finding
        found.append(told)
    followers = _followers(follows)
    return _in_order([_as_consequence(f, followers.get(f.rule)) for f in found], followers), broken


def _followers(follows: dict[str, tuple[str, ...]]) -> dict[str, str]:
    """Which reported rule follows from which; of two that name each other, the second."""
    found: dict[str, str] = {}
    for head in sorted(follows):
        for rule in follows[head]:
            if rule in follows and _root(head, found) != rule:
                found.setdefault(rule, head)
    return found


def cause_of(rule: str, facts: Facts) -> tuple[Cause, Seen] | None:
    """The first cause of that rule that the facts tell of."""
    for cause in all_causes():
        if rule in cause.rules:
            seen = cause.looks(facts, rule)
            if seen is not None:
                return cause, seen
    return None


def _explained(finding: Finding, facts: Facts) -> tuple[Finding, tuple[str, ...]]:
    told = cause_of(finding.rule, facts)
    generic = evidence_of(finding.rule, facts)
    if told is None:
        return replace(finding, evidence=_lines(generic)), ()
    cause, seen = told
    known = {line[:_SAME_START] for line in seen.evidence}
    generic = tuple(line for line in generic if line[:_SAME_START] not in known)
    return (
        replace(
            finding,
            cause=cause.sentence.format_map(seen.words),
            evidence=_lines((*seen.evidence, *generic)),
            fix=cause.fix_for(facts, seen),
        ),
        cause.follows,
    )


def _lines(lines: Sequence[str]) -> tuple[str, ...]:
    return tuple(cut(line, _LINE_LENGTH) for line in dict.fromkeys(lines) if line.strip())[:_LINES]


def _as_consequence(finding: Finding, of: str | None) -> Finding:
    if of is None:
        return finding
    fix = f"Fix {of} first: this is expected to go away with it."
    return replace(finding, consequence_of=of, fix=fix if finding.cause is None else finding.fix)


def _in_order(findings: list[Finding], followers: dict[str, str]) -> list[Finding]:
    """As they were, but a cause as early as the worst of what follows from it."""

    def rank(finding: Finding) -> int:
        return _SEVERITIES.index(finding.severity)

    heads = [finding for finding in findings if finding.consequence_of is None]
    after = {
        head.rule: [f for f in findings if _root(f.rule, followers) == head.rule and f is not head]
        for head in heads
    }
    heads.sort(key=lambda head: min(map(rank, [head, *after[head.rule]])))
    return [finding for head in heads for finding in (head, *after[head.rule])]


def _root(rule: str, followers: dict[str, str]) -> str:
    seen = set[str]()
    while rule in followers and rule not in seen:
        seen.add(rule)
        rule = followers[rule]
    return rule
