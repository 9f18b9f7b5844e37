"""From what the rules found to the report: precedence, what was not judged, the verdict."""

from datetime import datetime
from typing import TYPE_CHECKING

from checker.core.model import CrawlEnd, PageKind
from checker.core.report import CrawlSummary, Finding, NotJudged, Report, Severity, Tool, Verdict
from checker.engine.findings import finding_of
from checker.parsing.streamed_body import ROWS_KEPT
from checker.rules.precedence import not_judged_after
from checker.rules.selection import left_out
from schemas import __version__

if TYPE_CHECKING:
    from checker.engine.run import Check

__all__ = ["PROBED_RULES", "Judgement"]

PROBED_RULES = {
    "method": ("HTTP002", "HTTP003", "HTTP004"),
    "replay": ("NEXT007", "NEXT008"),
    "bad-token": ("NEXT009", "NEXT010"),
    "no-credentials": ("SEC001",),
    "altered-credentials": ("SEC007",),
}
_WHOLE_CRAWL = ("NEXT003", "NEXT005", "NEXT006", "NEXT014", "PAGE006", "PERF003", "ROW013")
_NEEDS_SECOND_PAGE = ("NEXT003", "NEXT004", "NEXT005", "NEXT006", "NEXT007", "NEXT008", "NEXT011")
_NEEDS_A_PAGE = ("JSON", "PAGE", "ROW", "NEXT")
_SEVERITIES = list(Severity)


class Judgement:
    """The end of one check."""

    def __init__(self, check: "Check", end: CrawlEnd) -> None:
        self._check = check
        self._end = end
        self._unanswered = {rule: why for rules, why in check.client.not_judged() for rule in rules}

    def report(self, started: datetime, seconds: float) -> Report:
        """All of it, worst findings first."""
        check = self._check
        chosen = check.chosen()
        hidden, caused = not_judged_after(check.tallies)
        shown = [
            rule
            for rule in check.tallies
            if rule in chosen
            and rule not in hidden
            and rule not in check.crashes
            and rule not in self._unanswered
        ]
        findings, broken = self._findings(shown)
        end = self._end_as_reported(hidden)
        check.crashes.update(broken)
        complete = self._end.complete
        return Report(
            tool=Tool(name="broadcast-check", version=__version__),
            run=check.run_id,
            endpoint=check.redactor.text(check.config.endpoint.url),
            started=started.strftime("%Y-%m-%dT%H:%M:%SZ"),
            seconds=round(seconds, 3),
            verdict=self._verdict(findings, complete=complete),
            complete=complete,
            crawl=CrawlSummary(
                pages=check.pages,
                rows=check.rows,
                requests=check.client.requests + check.extra_requests,
                bytes=check.client.bytes + check.extra_bytes,
                ended_by=end,
                page_seconds=check.times.summary(),
            ),
            findings=tuple(findings),
            not_judged=self._not_judged(caused, {*shown, *hidden}),
            crashes=tuple(f"{rule} ({error})" for rule, error in sorted(check.crashes.items())),
            interrupted=check.interrupted,
            strict=check.config.strict,
            timeline=check.timeline.points(),
        )

    def _findings(self, rules: list[str]) -> tuple[list[Finding], dict[str, str]]:
        check = self._check
        findings: list[Finding] = []
        broken: dict[str, str] = {}
        for rule_id in rules:
            rule, tally = check.rules[rule_id], check.tallies[rule_id]
            try:
                findings.append(finding_of(rule, tally, check.redactor))
            except Exception as error:  # noqa: BLE001  a rule's sentence is the rule's own code
                broken[rule_id] = type(error).__name__
        order = list(check.rules)
        findings.sort(key=lambda f: (_SEVERITIES.index(f.severity), order.index(f.rule)))
        return findings, broken

    def _end_as_reported(self, hidden: dict[str, str]) -> str:
        """The cause's name where the symptom that stopped the crawl is not judged."""
        cause = hidden.get(self._end.rule or "")
        return self._end.ended_by if cause is None else self._check.rules[cause].name

    def _verdict(self, findings: list[Finding], *, complete: bool) -> Verdict:
        """Never kinder than what was judged: what was not read to its end cannot pass."""
        check = self._check
        failing = {Severity.ERROR, Severity.WARNING} if check.config.strict else {Severity.ERROR}
        failed = any(finding.severity in failing for finding in findings)
        unsure = not complete or check.interrupted or bool(check.crashes)
        return Verdict.FAIL if failed or unsure else Verdict.PASS

    def _not_judged(self, caused: list[NotJudged], settled: set[str]) -> tuple[NotJudged, ...]:
        """Each reason once; a rule that fired, or was left out for a cause, has no other reason."""
        check = self._check
        reasons = [
            NotJudged(rules=tuple(r for r in item.rules if r in check.rules), why=item.why)
            for item in caused
        ]
        for rules, why in [*self._crashed(), *self._left_out(), *self._circumstances()]:
            left = tuple(rule for rule in rules if rule not in settled and rule in check.rules)
            if left:
                settled.update(left)
                reasons.append(NotJudged(rules=left, why=why))
        return _each_reason_once(reasons)

    def _crashed(self) -> list[tuple[tuple[str, ...], str]]:
        return [
            ((rule,), f"the checker itself failed here ({error}); please report it")
            for rule, error in sorted(self._check.crashes.items())
        ]

    def _left_out(self) -> list[tuple[tuple[str, ...], str]]:
        check = self._check
        reasons = left_out(check.config, check.rules)
        return [((rule,), check.redactor.text(why)) for rule, why in reasons.items()]

    def _circumstances(self) -> list[tuple[tuple[str, ...], str]]:
        """Reasons that lie in this run: what was asked for, and how far the crawl came."""
        check = self._check
        found: list[tuple[tuple[str, ...], str]] = [
            ((rule,), why) for rule, why in self._unanswered.items()
        ]
        if not self._end.complete:
            found += self._ended_early()
        elif check.pages == 1:
            found.append((_NEEDS_SECOND_PAGE, "there was only one page"))
        found += self._unasked_probes()
        if check.abridged:
            rows = tuple(rule for rule in check.rules if rule.startswith("ROW"))
            found.append(
                (rows, f"of a page with very many rows only the first {ROWS_KEPT:,} are judged")
            )
        by_reason: dict[str, list[str]] = {}
        for rule in check.rules.values():
            reason = rule.cannot_judge()
            if reason is not None:
                by_reason.setdefault(reason, []).append(rule.id)
        return found + [(tuple(rules), reason) for reason, rules in by_reason.items()]

    def _ended_early(self) -> list[tuple[tuple[str, ...], str]]:
        check = self._check
        why = check.unrecorded or f"the crawl ended early ({self._end.ended_by})"
        first = check.first
        if first is None or first.kind is PageKind.UNREADABLE:
            unread = [r for r in check.rules if r.rstrip("0123456789") in _NEEDS_A_PAGE]
            others = ("HTTP012", "PERF002", "PERF003", "PERF004", "SEC004", "SEC006")
            return [((*unread, *others), "no page could be read")]
        return [(_WHOLE_CRAWL, why)]

    def _unasked_probes(self) -> list[tuple[tuple[str, ...], str]]:
        check = self._check
        found = [
            (rules, self._why_not_asked(name))
            for name, rules in PROBED_RULES.items()
            if name not in check.asked_probes
        ]
        if "NEXT011" in check.rules and not check.config.probes:
            found.append((("NEXT011",), "the probes were turned off"))
        return found

    def _why_not_asked(self, probe: str) -> str:
        check = self._check
        if not check.config.probes:
            return "the probes were turned off"
        if check.interrupted:
            return "the run was interrupted"
        if not check.reached:
            return "the server was not reached"
        if probe in ("no-credentials", "altered-credentials"):
            return "no header that looks like a credential was given"
        return "there was no second page to compare with"


def _each_reason_once(reasons: list[NotJudged]) -> tuple[NotJudged, ...]:
    merged: dict[str, list[str]] = {}
    for reason in reasons:
        merged.setdefault(reason.why, []).extend(reason.rules)
    return tuple(NotJudged(rules=tuple(rules), why=why) for why, rules in merged.items())
