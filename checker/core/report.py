"""The outcome of a check: what every report is made of. Frozen, and without I/O.

Times are in seconds, sizes in bytes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

__all__ = [
    "Comparison",
    "Counted",
    "CrawlSummary",
    "Example",
    "Finding",
    "NotJudged",
    "PageSeconds",
    "Recurring",
    "Report",
    "Severity",
    "Stack",
    "Summary",
    "TimelinePoint",
    "Tool",
    "Transcript",
    "Verdict",
]


class Severity(StrEnum):
    """How bad a finding is, worst first (contract, section 4)."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Verdict(StrEnum):
    """The answer to "can this endpoint go live?"."""

    PASS = "pass"  # noqa: S105  a verdict, not a password
    FAIL = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """An exchange as it is shown, masked and cut short: heads as lines, and the body's outline."""

    sent: str
    received: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A place as it is shown: masked, cut short, with the command that repeats it.

    `probe` says how a probe's request differed from the crawl's, None for a request of the crawl.
    """

    page: int | None
    token: str | None
    pointer: str | None
    value: str | None
    curl: str | None
    transcript: Transcript | None = None
    probe: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """All that one rule found, and why (contract, section 8).

    `cause` is the likeliest mistake in the server's code, None where the evidence does not tell;
    `evidence` what was seen, in short lines, also without a cause. `fix` is for the cause where
    there is one. `consequence_of` names the rule whose finding this one follows from.
    """

    rule: str
    name: str
    severity: Severity
    count: int
    message: str
    fix: str
    help: str
    examples: tuple[Example, ...]
    cause: str | None = None
    evidence: tuple[str, ...] = ()
    consequence_of: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotJudged:
    """Rules that could not be judged, with the reason, and the option that would change it."""

    rules: tuple[str, ...]
    why: str
    option: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSeconds:
    """Percentiles of the pages' times, from request to last byte."""

    p50: float
    p95: float
    p99: float
    max: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelinePoint:
    """A page, or some that follow each other: rows of all, time of the slowest."""

    first_page: int
    pages: int
    rows: int
    max_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlSummary:
    """The crawl in figures; `rows` counts every element of every list."""

    pages: int
    rows: int
    requests: int
    bytes: int
    ended_by: str
    page_seconds: PageSeconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """What the endpoint is built with, as far as its answers tell; None where they do not."""

    language: str | None = None
    framework: str | None = None
    server: str | None = None
    in_front: str | None = None

    def known(self) -> dict[str, str]:
        """The members that were recognized, by their names in the JSON report."""
        members = {
            "language": self.language,
            "framework": self.framework,
            "server": self.server,
            "in_front": self.in_front,
        }
        return {name: value for name, value in members.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """Who made the report."""

    name: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The outcome of one check, as `schemas/report.schema.json` describes it.

    `crashes` are failures of our own rules, told among `not_judged`, too; `interrupted` says that a
    person stopped the run. `strict` is how the verdict came about, `timeline` the crawl in points.
    With a `baseline` the verdict is on what is new.
    """

    tool: Tool
    run: str
    endpoint: str
    started: str
    seconds: float
    verdict: Verdict
    complete: bool
    crawl: CrawlSummary
    findings: tuple[Finding, ...]
    not_judged: tuple[NotJudged, ...]
    report_version: int = 1
    crashes: tuple[str, ...] = ()
    interrupted: bool = False
    strict: bool = False
    timeline: tuple[TimelinePoint, ...] = ()
    stack: Stack = Stack()
    baseline: "Comparison | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A finding in short."""

    rule: str
    name: str
    severity: Severity
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurring(Counted):
    """A finding that the older report has, too."""

    count_before: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What became of each finding; of `not_judged` the newer report cannot tell."""

    new: tuple[Counted, ...] = ()
    known: tuple[Recurring, ...] = ()
    fixed: tuple[Counted, ...] = ()
    not_judged: tuple[Counted, ...] = ()

    @property
    def changed(self) -> tuple[Recurring, ...]:
        """What is known with another count."""
        return tuple(item for item in self.known if item.count != item.count_before)

    def knows(self, rule: str) -> bool:
        """Whether the older report has a finding of that rule, too."""
        return any(item.rule == rule for item in self.known)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Reports by the endpoints' names, in the order of the settings file.

    `not_checked` says of an endpoint without a report why there is none.
    """

    reports: Mapping[str, Report]
    not_checked: Mapping[str, str]
    interrupted: bool = False
    crashed: bool = False

    @property
    def verdict(self) -> Verdict:
        """A pass needs a pass of every endpoint."""
        passed = all(report.verdict is Verdict.PASS for report in self.reports.values())
        return Verdict.PASS if passed and not self.not_checked else Verdict.FAIL
