"""What every report says in the same words, and how each rule came out. Nothing here judges."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from checker.core.report import Comparison, Counted, Example, Finding, Report, Severity, Verdict
from checker.rules import all_rules
from checker.rules.base import Rule
from checker.text.display import plural

__all__ = [
    "Outcome",
    "RuleOutcome",
    "baseline_sentence",
    "closing_sentence",
    "comparison_sentences",
    "counts_sentence",
    "crawl_sentence",
    "fails",
    "gone",
    "known",
    "outcomes",
    "place_of",
    "ranges",
    "stack_sentence",
    "standing",
    "unexplained_failure",
]

_SHORTEST_RANGE = 3


class Outcome(StrEnum):
    """What became of a rule in one check."""

    PASSED = "passed"
    FAILED = "failed"
    TOLD = "told"
    NOT_JUDGED = "not judged"
    CRASHED = "crashed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleOutcome:
    """A rule with what became of it: its finding, or why it was not judged."""

    rule: type[Rule]
    outcome: Outcome
    finding: Finding | None = None
    why: str = ""


def outcomes(report: Report) -> Iterator[RuleOutcome]:
    """Every rule, in the contract's order."""
    findings = {finding.rule: finding for finding in report.findings}
    reasons = {rule: item.why for item in report.not_judged for rule in item.rules}
    crashed = {crash.partition(" ")[0] for crash in report.crashes}
    for rule_id, rule in all_rules().items():
        finding = findings.get(rule_id)
        if rule_id in crashed:
            why = reasons.get(rule_id, "the checker itself failed here; please report it")
            yield RuleOutcome(rule=rule, outcome=Outcome.CRASHED, why=why)
        elif finding is not None:
            outcome = Outcome.FAILED if fails(report, finding) else Outcome.TOLD
            yield RuleOutcome(rule=rule, outcome=outcome, finding=finding)
        elif rule_id in reasons:
            yield RuleOutcome(rule=rule, outcome=Outcome.NOT_JUDGED, why=reasons[rule_id])
        else:
            yield RuleOutcome(rule=rule, outcome=Outcome.PASSED)


def fails(report: Report, finding: Finding) -> bool:
    """Whether the finding alone makes the verdict a fail."""
    if known(report, finding):
        return False
    strict = report.strict and finding.severity is Severity.WARNING
    return strict or finding.severity is Severity.ERROR


def known(report: Report, finding: Finding) -> bool:
    """Whether the baseline, if there is one, has the finding already."""
    return report.baseline is not None and report.baseline.knows(finding.rule)


def standing(report: Report, finding: Finding) -> str:
    """`new`, or `known`, with the older count where it changed; empty without a baseline."""
    if report.baseline is None:
        return ""
    item = next((item for item in report.baseline.known if item.rule == finding.rule), None)
    if item is None:
        return "new"
    return "known" if item.count == item.count_before else f"known, {item.count_before:,} before"


def gone(report: Report) -> Iterator[tuple[Counted, str]]:
    """What the baseline has and this report has not: whether it is fixed."""
    if report.baseline is not None:
        yield from ((item, "fixed") for item in report.baseline.fixed)
        yield from ((item, "not judged this time") for item in report.baseline.not_judged)


def baseline_sentence(report: Report) -> str | None:
    """How the findings stand to the baseline's."""
    if report.baseline is None:
        return None
    told = comparison_sentences(report.baseline)
    return (
        " ".join(["Beside the baseline:", *told]) if told else "As the baseline: without findings."
    )


def comparison_sentences(comparison: Comparison) -> list[str]:
    """What is new, known, fixed, and what cannot be told: a sentence for each that there is."""
    known_ones = tuple(item.rule for item in comparison.known)
    parts = [
        ("new", tuple(item.rule for item in comparison.new)),
        ("known", known_ones),
        ("fixed", tuple(item.rule for item in comparison.fixed)),
        ("not judged this time", tuple(item.rule for item in comparison.not_judged)),
    ]
    told = [f"{word}: {ranges(rules)}." for word, rules in parts if rules]
    changes = [
        f"{item.rule} from {item.count_before:,} to {item.count:,}" for item in comparison.changed
    ]
    return [*told, f"counts changed: {', '.join(changes)}."] if changes else told


def unexplained_failure(report: Report) -> str | None:
    """Why the endpoint fails although no finding says so, if so: no report may look green then."""
    if report.verdict is Verdict.PASS or any(fails(report, item) for item in report.findings):
        return None
    if report.crashes:
        return closing_sentence(report)
    return f"{crawl_sentence(report)} What was not read cannot pass."


def stack_sentence(report: Report) -> str | None:
    """What the endpoint is built with, as far as its answers tell; None where they do not."""
    stack = report.stack
    built = [part for part in (stack.framework, stack.language, stack.server) if part]
    front = f"behind {stack.in_front}" if stack.in_front else ""
    seen = " ".join(part for part in (", ".join(dict.fromkeys(built)), front) if part)
    return (
        f"The endpoint seems to run on: {seen}."
        if built
        else (f"The endpoint is {front}." if front else None)
    )


def counts_sentence(report: Report) -> str:
    """`1 error, 2 warnings`."""
    counts = [
        plural(sum(f.severity is severity for f in report.findings), name, many)
        for severity, name, many in (
            (Severity.ERROR, "error", "errors"),
            (Severity.WARNING, "warning", "warnings"),
            (Severity.INFO, "remark", "remarks"),
        )
        if any(f.severity is severity for f in report.findings)
    ]
    found = ", ".join(counts) or "nothing to report"
    familiar = sum(known(report, finding) for finding in report.findings)
    return f"{found} ({familiar:,} known)" if familiar else found


def crawl_sentence(report: Report) -> str:
    """What was read at what cost, and whether that was all."""
    crawl = report.crawl
    read = f"{plural(crawl.pages, 'page')} with {plural(crawl.rows, 'row')}"
    cost = f"{plural(crawl.requests, 'request')} in {report.seconds:.1f} s"
    if report.complete:
        end = "The crawl reached the end of the data."
    elif report.interrupted:
        end = "The check was interrupted before the end of the data; this is what was found so far."
    else:
        end = f"The crawl could not reach the end of the data ({crawl.ended_by})."
    return f"Read {read}; {cost} (run {report.run}). {end}"


def closing_sentence(report: Report) -> str:
    """What to do next."""
    if report.crashes:
        return (
            f"The checker itself failed in {', '.join(report.crashes)}: "
            "please report it. The rest of this report holds."
        )
    if report.verdict is Verdict.PASS and any(known(report, item) for item in report.findings):
        return "Nothing new makes it fail. What is known is still there to be fixed."
    if report.verdict is Verdict.PASS:
        return "The endpoint meets the contract and can go live."
    return "Fix the errors from the top down, and check again: one cause may hide another."


def place_of(example: Example) -> str:
    """`page 2, token abc, /list/3`; empty without a place."""
    parts = [f"page {example.page}"] if example.page is not None else []
    if example.token is not None:
        parts.append(f"token {example.token}")
    if example.pointer:
        parts.append(example.pointer)
    return ", ".join(parts)


def ranges(rules: tuple[str, ...]) -> str:
    """`ROW001 to ROW017, SEC004`: neighbours of one family in one word."""
    runs: list[list[str]] = []
    for rule in sorted(rules):
        if runs and _follows(runs[-1][-1], rule):
            runs[-1].append(rule)
        else:
            runs.append([rule])
    words = (run if len(run) < _SHORTEST_RANGE else [f"{run[0]} to {run[-1]}"] for run in runs)
    return ", ".join(word for run in words for word in run)


def _follows(rule: str, other: str) -> bool:
    return rule[:-3] == other[:-3] and int(rule[-3:]) + 1 == int(other[-3:])
