"""What every report says in the same words, and the result of each rule. Nothing here judges."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from checker.core.report import (
    Comparison,
    Counted,
    Example,
    Finding,
    NotJudged,
    Report,
    Severity,
    Verdict,
)
from checker.rules import all_rules
from checker.rules.base import Rule
from checker.text.display import plural

__all__ = [
    "FindingGroup",
    "Outcome",
    "RuleOutcome",
    "baseline_sentence",
    "closing_sentence",
    "comparison_sentences",
    "counts_sentence",
    "crawl_sentence",
    "explain_sentence",
    "fails",
    "gone",
    "groups",
    "known",
    "left_out_sentence",
    "not_judged_sentence",
    "origin_sentence",
    "outcomes",
    "place_of",
    "places_told",
    "ranges",
    "repeat_of",
    "stack_sentence",
    "standing",
    "unexplained_failure",
]

_SHORTEST_RANGE = 3


class Outcome(StrEnum):
    """What became of a rule in one check."""

    PASSED = "passed"
    FAILED = "failed"
    REPORTED = "reported"
    NOT_JUDGED = "not judged"
    CRASHED = "crashed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleOutcome:
    """A rule with what became of it: its finding, or why it was not judged."""

    rule: type[Rule]
    outcome: Outcome
    finding: Finding | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingGroup:
    """A finding with the findings that follow from it."""

    finding: Finding
    consequences: tuple[Finding, ...] = ()


def groups(report: Report, *, everything: bool = True) -> list[FindingGroup]:
    """The findings in their order, each consequence with its cause where that is reported too.

    Unless `everything` is wanted, without what `left_out_sentence` names.
    """
    hidden = set() if everything else {finding.rule for finding in _left_out(report)}
    shown = [finding for finding in report.findings if finding.rule not in hidden]
    rules = {finding.rule for finding in shown}
    followers: dict[str, list[Finding]] = {}
    heads = []
    for finding in shown:
        cause = finding.consequence_of
        if cause in rules and cause != finding.rule:
            followers.setdefault(str(cause), []).append(finding)
        else:
            heads.append(finding)
    return [
        FindingGroup(finding=head, consequences=tuple(_below(head.rule, followers)))
        for head in heads
    ]


def _below(rule: str, followers: dict[str, list[Finding]]) -> Iterator[Finding]:
    """What follows from a rule, directly or through another consequence."""
    for finding in followers.pop(rule, []):
        yield finding
        yield from _below(finding.rule, followers)


def _left_out(report: Report) -> list[Finding]:
    """Advice on speed, which helps nobody whose endpoint fails."""
    if report.verdict is Verdict.PASS:
        return []
    return [
        finding
        for finding in report.findings
        if finding.severity is Severity.INFO and finding.rule.startswith("PERF")
    ]


def left_out_sentence(report: Report) -> str | None:
    """What a short report does not show."""
    hidden = tuple(finding.rule for finding in _left_out(report))
    if not hidden:
        return None
    return f"--verbose also shows {plural(len(hidden), 'info')}: {ranges(hidden)}."


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
            outcome = Outcome.FAILED if fails(report, finding) else Outcome.REPORTED
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
    return " ".join(["Compared with the baseline:", *(told or ["no findings in either."])])


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
    return f"{crawl_sentence(report)} An incomplete crawl counts as a failure."


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
            (Severity.INFO, "info", "infos"),
        )
        if any(f.severity is severity for f in report.findings)
    ]
    found = ", ".join(counts) or "nothing to report"
    familiar = sum(known(report, finding) for finding in report.findings)
    return f"{found} ({familiar:,} known)" if familiar else found


def crawl_sentence(report: Report) -> str:
    """What was read at what cost, and whether that was all."""
    crawl = report.crawl
    read = f"Read {plural(crawl.pages, 'page')} with {plural(crawl.rows, 'row')}"
    cost = f"{plural(crawl.requests, 'request')} in {report.seconds:.1f} s"
    if report.complete:
        return f"{read}, to the end of the data; {cost}."
    if report.interrupted:
        return f"{read}, then the check was interrupted; {cost}."
    if not crawl.pages:
        return f"No page could be read ({crawl.ended_by}); {cost}."
    return f"{read}, not to the end of the data ({crawl.ended_by}); {cost}."


def origin_sentence(report: Report) -> str:
    """When, by which version and in which run: `2026-01-01 00:00:00 UTC, broadcast-check 1.0`."""
    started = report.started.replace("T", " ").replace("Z", " UTC")
    return f"{started}, {report.tool.name} {report.tool.version}, run {report.run}."


def closing_sentence(report: Report) -> str:
    """What to do next."""
    if report.crashes:
        return (
            f"The checker itself failed in {', '.join(report.crashes)}: "
            "please report it. The rest of this report holds."
        )
    if report.verdict is Verdict.PASS and any(known(report, item) for item in report.findings):
        return "Nothing new fails. The known findings still need to be fixed."
    if report.verdict is Verdict.PASS:
        return "The endpoint meets the contract and can go live."
    failing = sum(fails(report, group.finding) for group in groups(report))
    if failing > 1:
        return "Fix the findings in this order, and check again: one cause may hide another."
    if failing == 1:
        return "Fix it, and check again."
    return "An incomplete crawl counts as a failure: check again."


def explain_sentence(report: Report) -> str | None:
    """How to read more about a rule, once for the whole report."""
    if not report.findings:
        return None
    return f"More about a rule: broadcast-check explain {report.findings[0].rule}"


def not_judged_sentence(report: Report) -> str:
    """How many rules were not judged, and why most of them, in one line."""
    optional = [item for item in report.not_judged if item.option]
    others = [item for item in report.not_judged if not item.option]
    others.sort(key=lambda item: -len(item.rules))
    sentences = []
    for item in others[:1]:
        count = len(item.rules)
        were = "was" if count == 1 else "were"
        sentences.append(f"{plural(count, 'rule')} {were} not judged: {item.why}.")
    if rest := _rules_of(others[1:]):
        sentences.append(f"{rest:,} more for other reasons.")
    if count := _rules_of(optional):
        needs = "needs" if count == 1 else "need"
        options = ", ".join(dict.fromkeys(str(item.option) for item in optional))
        sentences.append(f"{plural(count, 'rule')} {needs} an option: {options}.")
    return " ".join([*sentences, "--verbose lists them."])


def _rules_of(items: list[NotJudged]) -> int:
    return sum(len(item.rules) for item in items)


def repeat_of(finding: Finding) -> str | None:
    """The command that reproduces what is reported, if a server can be asked."""
    return next((example.curl for example in finding.examples if example.curl), None)


def places_told(finding: Finding, limit: int) -> list[str]:
    """Where the first places are and what is there; nothing where the message says it all."""
    if finding.count == 1 and all(_is_told(item, finding.message) for item in finding.examples):
        return []
    places = [_place(example, finding.message) for example in finding.examples[:limit]]
    return [place for place in dict.fromkeys(places) if place]


def _place(example: Example, message: str) -> str:
    """Where, and what is there unless the message says so."""
    value = example.value or ""
    shown = "" if value.lower() in message.lower() else value
    return ": ".join(text for text in (place_of(example), shown) if text)


def _is_told(example: Example, message: str) -> bool:
    """Whether a sentence, with the command that repeats the request, names the place already."""
    if example.probe or (example.token is not None and example.curl is None):
        return False
    is_start = example.page == 1 and example.pointer is None
    if example.page is not None and not (is_start or _names_page(message.lower(), example.page)):
        return False
    steps = (example.pointer or "").split("/")
    is_deep = len(steps) > 2  # `/list` and `/next` say no more than the sentence
    if is_deep and "/".join(steps[:3]) not in message:
        return False
    return not example.value or example.value.lower() in message.lower()


def _names_page(message: str, page: int) -> bool:
    ordinals = {1: "first page", 2: "second page"}
    return bool(re.search(rf"\bpage {page}\b", message)) or ordinals.get(page, "\0") in message


def place_of(example: Example) -> str:
    """`page 2, requested with a made-up token, token abc, /list/3`; empty without a place."""
    parts = [f"page {example.page}"] if example.page is not None else []
    if example.probe is not None:
        parts.append(example.probe)
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
