"""The report for a person at a terminal: the verdict first, the worst findings first."""

import textwrap

from checker.core.report import Example, Finding, Report, Severity, Verdict
from checker.reports.wording import (
    baseline_sentence,
    closing_sentence,
    counts_sentence,
    crawl_sentence,
    place_of,
    ranges,
    stack_sentence,
    standing,
)
from checker.text.display import visible

__all__ = ["Style", "render_terminal", "verdict_line"]

_CODES = {"red": "31", "yellow": "33", "cyan": "36", "green": "32", "bold": "1", "dim": "2"}
_SEVERITY_COLORS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}
_SHOWN_EXAMPLES = 3
_LABEL_WIDTH = 9


class Style:
    """How to print: with colors or without, and how wide."""

    def __init__(self, *, color: bool, width: int) -> None:
        self.color = color
        self.width = max(40, min(width, 100))

    def paint(self, text: str, *colors: str) -> str:
        """The text in these colors, or as it is."""
        if not self.color:
            return text
        return f"\x1b[{';'.join(_CODES[color] for color in colors)}m{text}\x1b[0m"

    def wrap(self, text: str, label: str = "", indent: int = 2) -> str:
        """A labelled paragraph of remote text made visible."""
        first = " " * indent + (f"{label}:".ljust(_LABEL_WIDTH) if label else "")
        return textwrap.fill(
            visible(text),
            self.width,
            initial_indent=first,
            subsequent_indent=" " * len(first),
            break_on_hyphens=False,
        )


def verdict_line(report: Report, style: Style) -> str:
    """`PASS` or `FAIL`, with the endpoint and the number of findings."""
    word = report.verdict.value.upper()
    color = "green" if report.verdict is Verdict.PASS else "red"
    found = counts_sentence(report)
    return f"{style.paint(word, color, 'bold')}  {visible(report.endpoint)}: {found}"


def render_terminal(report: Report, style: Style) -> str:
    """The whole report."""
    parts = [verdict_line(report, style), style.wrap(crawl_sentence(report), indent=0)]
    if compared := baseline_sentence(report):
        parts.append(style.wrap(compared, indent=0))
    parts += [_finding(finding, style, standing(report, finding)) for finding in report.findings]
    if sentence := stack_sentence(report):
        parts.insert(2, style.wrap(sentence, indent=0))
    if report.not_judged:
        lines = [style.paint("Not judged", "bold")]
        lines += [
            style.paint(style.wrap(f"{ranges(item.rules)}: {item.why}"), "dim")
            for item in report.not_judged
        ]
        parts.append("\n".join(lines))
    parts.append(style.wrap(closing_sentence(report), indent=0))
    return "\n\n".join(parts) + "\n"


def _finding(finding: Finding, style: Style, beside_baseline: str) -> str:
    color = _SEVERITY_COLORS[finding.severity]
    head = style.paint(f"{finding.severity.value.upper()}  {finding.rule}", color, "bold")
    lines = [
        f"{head}  {finding.name}{f' ({beside_baseline})' if beside_baseline else ''}",
        style.wrap(finding.message),
    ]
    lines += [
        style.wrap(place, "Where")
        for place in (_place(example, finding.message) for example in _shown(finding))
        if place
    ]
    if finding.count > _SHOWN_EXAMPLES:
        lines.append(f"  {'':{_LABEL_WIDTH}}… {finding.count:,} in all")
    if finding.cause:
        lines.append(style.wrap(finding.cause, "Cause"))
    lines += [style.wrap(line, "Seen") for line in finding.evidence]
    lines.append(style.wrap(finding.fix, "Fix"))
    repeat = next((example.curl for example in finding.examples if example.curl), None)
    if repeat:
        # never wrapped: the command must stay one line to be copied
        lines.append(f"  {'Repeat:'.ljust(_LABEL_WIDTH)}{visible(repeat)}")
    lines.append(style.wrap(f"broadcast-check explain {finding.rule}", "More"))
    return "\n".join(lines)


def _shown(finding: Finding) -> tuple[Example, ...]:
    return finding.examples[:_SHOWN_EXAMPLES]


def _place(example: Example, message: str) -> str:
    """Where, and what stands there unless the message says so."""
    where = place_of(example)
    if example.value is None or example.value in message:
        return where
    return f"{where}: {example.value}" if where else example.value
