"""From what a run knows to its report: precedence, what was not judged, the verdict. Pure."""

from collections.abc import Iterable

from checker.core.report import CrawlSummary, Finding, NotJudged, Report, Severity, Tool, Verdict
from checker.diagnosis.diagnose import diagnosed
from checker.engine.findings import finding_of
from checker.engine.state import RunState
from checker.engine.unmet import OPTION_FOR, reasons_not_judged
from checker.rules.precedence import ENDS_IN_SILENCE, not_judged_after
from checker.rules.selection import left_out
from schemas import __version__

__all__ = ["build_report"]

_SEVERITIES = list(Severity)


def build_report(state: RunState) -> Report:
    """The report of a run, its worst findings first."""
    hidden, caused = not_judged_after(state.tallies)
    unmet = reasons_not_judged(state, state.rules)
    shown = [rule for rule in state.tallies if _is_shown(rule, state, hidden)]
    findings, broken = _findings(state, shown)
    crashes = {**state.crashes, **broken}
    return Report(
        tool=Tool(name="broadcast-check", version=__version__),
        run=state.run_id,
        endpoint=state.redactor.text(state.config.endpoint.url),
        started=state.started.strftime("%Y-%m-%dT%H:%M:%SZ"),
        seconds=round(state.seconds, 3),
        verdict=_verdict(state, findings, has_crashed=bool(crashes)),
        complete=state.end.complete,
        crawl=CrawlSummary(
            pages=state.pages,
            rows=state.rows,
            requests=state.requests,
            bytes=state.bytes,
            ended_by=_end_as_reported(state, hidden),
            page_seconds=state.page_seconds,
        ),
        findings=tuple(findings),
        not_judged=_not_judged(state, caused, {*shown, *hidden}, crashes, unmet),
        crashes=tuple(f"{rule} ({error})" for rule, error in sorted(crashes.items())),
        interrupted=state.interrupted,
        strict=state.config.strict,
        timeline=state.timeline,
        stack=state.facts.stack,
    )


def _is_shown(rule: str, state: RunState, hidden: dict[str, str]) -> bool:
    """A rule that fired is shown unless it was left out, hidden, broken, or fired on what the
    source of the pages cannot tell.
    """
    lacking = state.rules[rule].needs & state.lacks.keys()
    return rule in state.chosen and rule not in hidden and rule not in state.crashes and not lacking


def _findings(state: RunState, shown: list[str]) -> tuple[list[Finding], dict[str, str]]:
    findings: list[Finding] = []
    broken: dict[str, str] = {}
    for rule_id in shown:
        rule, tally = state.rules[rule_id], state.tallies[rule_id]
        try:
            findings.append(finding_of(rule, tally, state.config, state.redactor))
        except Exception as error:  # noqa: BLE001  a rule's sentence is the rule's own code
            broken[rule_id] = type(error).__name__
    order = list(state.rules)
    ends = ENDS_IN_SILENCE | {state.end.rule}
    findings.sort(
        key=lambda f: (_SEVERITIES.index(f.severity), f.rule not in ends, order.index(f.rule))
    )
    explained, undiagnosed = diagnosed(findings, state.facts)
    return explained, broken | undiagnosed


def _end_as_reported(state: RunState, hidden: dict[str, str]) -> str:
    """The cause's name where the symptom that stopped the crawl is not judged."""
    cause = hidden.get(state.end.rule or "")
    return state.end.ended_by if cause is None else state.rules[cause].name


def _verdict(state: RunState, findings: list[Finding], *, has_crashed: bool) -> Verdict:
    """Never kinder than what was judged: what was not read to its end cannot pass."""
    failing = {Severity.ERROR, Severity.WARNING} if state.config.strict else {Severity.ERROR}
    failed = any(finding.severity in failing for finding in findings)
    unsure = not state.end.complete or state.interrupted or has_crashed
    return Verdict.FAIL if failed or unsure else Verdict.PASS


def _not_judged(
    state: RunState,
    caused: list[NotJudged],
    settled: set[str],
    crashes: dict[str, str],
    unmet: dict[str, str],
) -> tuple[NotJudged, ...]:
    """Each reason once; a rule that fired, or was left out for a cause, has no other reason."""
    crashed = {
        rule: f"the checker itself failed here ({error}); please report it"
        for rule, error in sorted(crashes.items())
        if rule in state.rules
    }
    left = {
        rule: state.redactor.text(why) for rule, why in left_out(state.config, state.rules).items()
    }
    reasons = {**unmet, **left, **crashed}
    by_why: dict[str, list[str]] = {}
    for item in caused:
        by_why.setdefault(item.why, []).extend(r for r in item.rules if r in state.rules)
    for rule in _ordered(reasons, crashed, left, unmet):
        if rule not in settled:
            by_why.setdefault(reasons[rule], []).append(rule)
    return tuple(
        NotJudged(rules=tuple(rules), why=why, option=OPTION_FOR.get(why))
        for why, rules in by_why.items()
    )


def _ordered(reasons: dict[str, str], *groups: dict[str, str]) -> Iterable[str]:
    """The rules, those of the weightier reasons first."""
    return dict.fromkeys(rule for group in groups for rule in group if rule in reasons)
