"""The report for a person at a terminal: the verdict first, then each cause and what follows."""

from collections.abc import Mapping

from checker.core.report import Finding, Report, Severity, Summary, Verdict
from checker.reports.format import ReportFormat, Style
from checker.reports.summary import counts_of, found_of
from checker.reports.wording import (
    FindingGroup,
    baseline_sentence,
    closing_sentence,
    counts_sentence,
    crawl_sentence,
    explain_sentence,
    groups,
    left_out_sentence,
    not_judged_sentence,
    origin_sentence,
    places_told,
    ranges,
    repeat_of,
    stack_sentence,
    standing,
)
from checker.text.display import plural, visible

__all__ = [
    "FORMAT",
    "finding_text",
    "render_summary_text",
    "render_text",
    "verdict_line",
]

_SEVERITY_COLORS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}
_SHOWN_EXAMPLES = 3


def verdict_line(report: Report, style: Style) -> str:
    """`PASS` or `FAIL`, with the endpoint and the number of findings."""
    word = report.verdict.value.upper()
    color = "green" if report.verdict is Verdict.PASS else "red"
    found = counts_sentence(report)
    return f"{style.paint(word, color, 'bold')}  {visible(report.endpoint)}: {found}"


def render_text(report: Report, style: Style) -> str:
    """The whole report; when quiet, its first line."""
    head = verdict_line(report, style)
    if style.quiet:
        return head + "\n"
    figures = [crawl_sentence(report), origin_sentence(report)]
    parts = ["\n".join([head, *(style.wrap(sentence, indent=0) for sentence in figures)])]
    told = [baseline_sentence(report), stack_sentence(report)]
    parts += [style.wrap(sentence, indent=0) for sentence in told if sentence]
    shown = groups(report, everything=style.verbose)
    parts += [_group(report, group, style) for group in shown]
    parts += [_not_judged(report, style)] if report.not_judged else []
    closing = [
        closing_sentence(report),
        None if style.verbose else left_out_sentence(report),
        explain_sentence(report),
    ]
    parts.append("\n".join(style.wrap(sentence, indent=0) for sentence in closing if sentence))
    return "\n\n".join(parts) + "\n"


def _group(report: Report, group: FindingGroup, style: Style) -> str:
    """A finding, and below it in short what follows from it."""
    blocks = [finding_text(group.finding, style, standing(report, group.finding))]
    blocks += [_consequence(report, finding, style) for finding in group.consequences]
    return "\n".join(blocks)


def finding_text(finding: Finding, style: Style, compared: str = "") -> str:
    """One finding: what is wrong, why, what to change, where, and how to repeat it."""
    lines = [_head(finding, style, compared), style.wrap(finding.message)]
    if finding.cause:
        lines.append(style.wrap(finding.cause, "Cause"))
    lines += _listed(list(finding.evidence), "Seen", style)
    lines.append(style.wrap(finding.fix, "Fix"))
    lines += _listed(places_told(finding, _SHOWN_EXAMPLES), "Where", style)
    if finding.count > _SHOWN_EXAMPLES:
        lines.append(f"{style.label('')}{'':9}… {finding.count:,} in all")
    if repeat := repeat_of(finding):
        # never wrapped: the command must stay one line to be copied
        lines.append(f"{style.label('Repeat')}{visible(repeat)}")
    return "\n".join(lines)


def _consequence(report: Report, finding: Finding, style: Style) -> str:
    compared = standing(report, finding)
    follows = f"follows from {finding.consequence_of}"
    note = f"{follows}, {compared}" if compared else follows
    lines = [f"  {_head(finding, style, note)}", style.wrap(finding.message, indent=4)]
    if finding.count > _SHOWN_EXAMPLES:
        lines.append(f"    … {finding.count:,} in all")
    return "\n".join(lines)


def _head(finding: Finding, style: Style, note: str) -> str:
    color = _SEVERITY_COLORS[finding.severity]
    word = style.paint(f"{finding.severity.value.upper()}  {finding.rule}", color, "bold")
    return f"{word}  {finding.name}{f' ({note})' if note else ''}"


def _listed(texts: list[str], label: str, style: Style) -> list[str]:
    """Each text a paragraph, the first with the label."""
    lines = [style.wrap(text, label) for text in texts[:1]]
    margin = len(style.label(label))
    return lines + [style.wrap(text, indent=margin) for text in texts[1:]]


def _not_judged(report: Report, style: Style) -> str:
    if not style.verbose:
        return style.paint(style.wrap(not_judged_sentence(report), indent=0), "dim")
    lines = [style.paint("Not judged", "bold")]
    lines += [
        style.paint(style.wrap(f"{ranges(item.rules)}: {item.why}"), "dim")
        for item in report.not_judged
    ]
    return "\n".join(lines)


def render_summary_text(summary: Summary, style: Style) -> str:
    """A line for each endpoint, then the reports of those that failed; when quiet, the lines."""
    width = max(map(len, [*summary.reports, *summary.not_checked]), default=0)
    lines = [_line(name, report, style, width) for name, report in summary.reports.items()]
    lines += [
        f"{style.paint('----', 'dim')}  {name.ljust(width)}  not checked: {visible(why)}"
        for name, why in summary.not_checked.items()
    ]
    if style.quiet:
        return "\n".join(lines) + "\n"
    parts = ["\n".join(lines), style.wrap(counts_of(summary), indent=0)]
    failed = {n: r for n, r in summary.reports.items() if r.verdict is not Verdict.PASS}
    parts += _details(failed, style)
    return "\n\n".join(part.rstrip("\n") for part in parts) + "\n"


def _line(name: str, report: Report, style: Style, width: int) -> str:
    color = "green" if report.verdict is Verdict.PASS else "red"
    word = style.paint(report.verdict.value.upper(), color, "bold")
    read = f"{plural(report.crawl.pages, 'page')}, {plural(report.crawl.rows, 'row')}"
    return f"{word}  {name.ljust(width)}  {found_of(report)}; {read}, {report.seconds:.1f} s"


def _details(reports: Mapping[str, Report], style: Style) -> list[str]:
    return [
        style.paint(f"== {name} ==", "bold") + "\n\n" + render_text(report, style)
        for name, report in reports.items()
    ]


FORMAT = ReportFormat(
    label="Text",
    extension="txt",
    media_type="text/plain",
    render=render_text,
    render_summary=render_summary_text,
)
