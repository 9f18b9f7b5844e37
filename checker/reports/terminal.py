"""The report for a person at a terminal: the verdict first, the worst findings first."""

import textwrap

from checker.model import Example, Finding, Report, Severity, Verdict
from checker.text import plural, visible

__all__ = ["Style", "render_terminal", "verdict_line"]

_CODES = {"red": "31", "yellow": "33", "cyan": "36", "green": "32", "bold": "1", "dim": "2"}
_SEVERITY_COLORS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}
_SHOWN_EXAMPLES = 3
_LABEL_WIDTH = 9
_SHORTEST_RANGE = 3


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
    return f"{style.paint(word, color, 'bold')}  {visible(report.endpoint)}: {found}"


def render_terminal(report: Report, style: Style) -> str:
    """The whole report."""
    parts = [verdict_line(report, style), style.wrap(_crawl_sentence(report), indent=0)]
    parts += [_finding(finding, style) for finding in report.findings]
    if report.not_judged:
        lines = [style.paint("Not judged", "bold")]
        lines += [
            style.paint(style.wrap(f"{_ranges(item.rules)}: {item.why}"), "dim")
            for item in report.not_judged
        ]
        parts.append("\n".join(lines))
    parts.append(style.wrap(_closing_sentence(report), indent=0))
    return "\n\n".join(parts) + "\n"


def _crawl_sentence(report: Report) -> str:
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


def _finding(finding: Finding, style: Style) -> str:
    color = _SEVERITY_COLORS[finding.severity]
    head = style.paint(f"{finding.severity.value.upper()}  {finding.rule}", color, "bold")
    lines = [f"{head}  {finding.name}", style.wrap(finding.message)]
    lines += [
        style.wrap(place, "Where")
        for place in (_place(example, finding.message) for example in _shown(finding))
        if place
    ]
    if finding.count > _SHOWN_EXAMPLES:
        lines.append(f"  {'':{_LABEL_WIDTH}}… {finding.count:,} in all")
    lines.append(style.wrap(finding.fix, "Fix"))
    repeat = next((example.curl for example in finding.examples if example.curl), None)
    if repeat:
        # never wrapped: the command must stay one line to be copied
        lines.append(f"  {'Repeat:'.ljust(_LABEL_WIDTH)}{visible(repeat)}")
    lines.append(style.wrap(f"broadcast-check explain {finding.rule}", "More"))
    return "\n".join(lines)


def _shown(finding: Finding) -> tuple[Example, ...]:
    return finding.examples[:_SHOWN_EXAMPLES]


def _ranges(rules: tuple[str, ...]) -> str:
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


def _place(example: Example, message: str) -> str:
    """Where, and what stands there unless the message says so."""
    parts = [f"page {example.page}"] if example.page is not None else []
    if example.token is not None:
        parts.append(f"token {example.token}")
    if example.pointer:
        parts.append(example.pointer)
    where = ", ".join(parts)
    if example.value is None or example.value in message:
        return where
    return f"{where}: {example.value}" if where else example.value


def _closing_sentence(report: Report) -> str:
    if report.crashes:
        return (
            f"The checker itself failed in {', '.join(report.crashes)}: "
            "please report it. The rest of this report holds."
        )
    if report.verdict is Verdict.PASS:
        return "The endpoint meets the contract and can go live."
    return "Fix the errors from the top down, and check again: one cause may hide another."
