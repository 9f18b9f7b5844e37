"""Markdown for tickets and for the summary of a CI job.

Remote text becomes code, where no Markdown, HTML, mention, reference or link is read; in a
sentence, each word that could be more than a word. A rule's fix is our own Markdown.
"""

import re

from checker.core.report import Example, Finding, Report, Summary, Verdict
from checker.reports.format import ReportFormat
from checker.reports.summary import counts_of, found_of
from checker.reports.wording import (
    FindingGroup,
    baseline_sentence,
    closing_sentence,
    counts_sentence,
    crawl_sentence,
    explain_sentence,
    fails,
    gone,
    groups,
    origin_sentence,
    place_of,
    places_told,
    ranges,
    repeat_of,
    stack_sentence,
    standing,
)
from checker.rules import all_rules
from checker.rules.help import fix_section
from checker.text.display import plural, visible

__all__ = ["FORMAT", "render_markdown", "render_summary_markdown"]

_PLAIN = re.compile(r"[^\W_]+(?:['’.,-][^\W_]+)*\Z")
_WORD = re.compile(r"(?P<before>[('\"„“‘«]*)(?P<core>.*?)(?P<after>[)'\"”“’»,.;:?…]*)\Z", re.DOTALL)
_DIGIT_AND_LETTER = re.compile(r"(?=.*\d)(?=.*[^\W\d_])")
_BACKTICKS = re.compile(r"`+")


def render_markdown(report: Report) -> str:
    """The verdict, a table of the findings, and each of them."""
    return "\n\n".join(_report(report, report.verdict.value.upper(), "#")) + "\n"


def render_summary_markdown(summary: Summary) -> str:
    """A table of all endpoints, then the reports of those that failed."""
    parts = [
        f"# {summary.verdict.value.upper()}: {counts_of(summary).removesuffix('.')}",
        _endpoints(summary),
    ]
    for name, report in summary.reports.items():
        if report.verdict is not Verdict.PASS:
            parts += _report(report, f"{_code(name)} {report.verdict.value.upper()}", "##")
    return "\n\n".join(parts) + "\n"


def _endpoints(summary: Summary) -> str:
    lines = ["| endpoint | verdict | found | pages | rows |", "| --- | --- | --- | ---: | ---: |"]
    lines += [
        f"| {_code(name)} | {report.verdict.value.upper()} | {_cell(found_of(report))} "
        f"| {report.crawl.pages:,} | {report.crawl.rows:,} |"
        for name, report in summary.reports.items()
    ]
    lines += [
        f"| {_code(name)} | not checked | {_cell(why)} | | |"
        for name, why in summary.not_checked.items()
    ]
    return "\n".join(lines)


def _report(report: Report, title: str, heading: str) -> list[str]:
    parts = [
        f"{heading} {title}: {counts_sentence(report)}",
        f"Endpoint: {_code(report.endpoint)}",
        _sentence(f"{crawl_sentence(report)} {origin_sentence(report)}"),
    ]
    told = [baseline_sentence(report), stack_sentence(report)]
    parts += [_sentence(sentence) for sentence in told if sentence]
    if report.findings:
        parts.append(_table(report))
    for group in groups(report):
        parts += _group(report, group, f"{heading}#")
    if lost := [
        f"- {item.rule} {item.name}: {word} ({item.severity.value}, "
        f"{plural(item.count, 'place')} before)"
        for item, word in gone(report)
    ]:
        parts.append(f"{heading}# In the baseline, but not in this report\n\n" + "\n".join(lost))
    if report.not_judged:
        lines = [f"- {ranges(item.rules)}: {_sentence(item.why)}" for item in report.not_judged]
        parts.append(f"{heading}# Not judged\n\n" + "\n".join(lines))
    closing = [closing_sentence(report), explain_sentence(report)]
    return [*parts, *(_sentence(sentence) for sentence in closing if sentence)]


def _table(report: Report) -> str:
    compared = report.baseline is not None
    lines = [
        f"| severity | rule | places |{' baseline |' if compared else ''} what is wrong |",
        f"| --- | --- | ---: |{' --- |' if compared else ''} --- |",
    ]
    lines += [
        f"| {finding.severity.value} | {finding.rule} {finding.name} | {finding.count:,} "
        f"|{f' {standing(report, finding)} |' if compared else ''} {_cell(finding.message)} |"
        for finding in report.findings
    ]
    return "\n".join(lines)


def _group(report: Report, group: FindingGroup, heading: str) -> list[str]:
    """A finding in full, then in short what follows from it."""
    parts = [_finding(report, group.finding, heading)]
    if group.consequences:
        lines = [
            f"- {finding.severity.value.capitalize()} {_title(report, finding)}: "
            f"{_sentence(finding.message)}"
            for finding in group.consequences
        ]
        parts.append("**What follows from it:**\n\n" + "\n".join(lines))
    return parts


def _title(report: Report, finding: Finding) -> str:
    compared = standing(report, finding)
    return f"{finding.rule} {finding.name}{f' ({compared})' if compared else ''}"


def _finding(report: Report, finding: Finding, heading: str) -> str:
    parts = [
        f"{heading} {finding.severity.value.capitalize()}: {_title(report, finding)}",
        _sentence(finding.message),
    ]
    if finding.cause:
        parts.append(f"**Cause:** {_sentence(finding.cause)}")
    if finding.evidence:
        seen = "\n".join(f"- {_sentence(line)}" for line in finding.evidence)
        parts.append(f"**Seen:**\n\n{seen}")
    parts.append(f"**Fix:** {finding.fix}")
    if fails(report, finding):
        section = fix_section(all_rules()[finding.rule], report.stack.language)
        parts.append(f"**How to fix it:**\n\n{section}")
    if places := _places(finding):
        parts.append("**Where:**\n\n" + "\n".join(f"- {place}" for place in places))
    if repeat := repeat_of(finding):
        parts.append(f"**Repeat:**\n\n{_block(repeat)}")
    return "\n\n".join(parts)


def _places(finding: Finding) -> list[str]:
    if not places_told(finding, len(finding.examples)):
        return []
    places = [place for place in dict.fromkeys(map(_place, finding.examples)) if place]
    if finding.count > len(places):
        places.append(f"({plural(finding.count, 'place')} in all)")
    return places


def _place(example: Example) -> str:
    shown = [_code(text) for text in (place_of(example), example.value) if text]
    return ": ".join(shown)


def _sentence(text: str) -> str:
    """A sentence with remote words in it, on one line."""
    return " ".join(_word(word) for word in visible(text).split(" ") if word)


def _word(word: str) -> str:
    match = _WORD.match(word)
    if match is None or not match["core"]:
        return word if match is not None else _code(word)
    core, after = match["core"], match["after"]
    listed = core.isdecimal() and after  # `1.` would begin a list
    plain = _PLAIN.match(core) and not _DIGIT_AND_LETTER.match(core) and not listed
    if not plain or core.lower().startswith("www."):
        core = _code(core)
    return match["before"] + core + after


def _code(text: str) -> str:
    """A code span: in it nothing is read as anything but text."""
    shown = visible(text)
    fence = "`" * (max(map(len, _BACKTICKS.findall(shown)), default=0) + 1)
    padded = not shown.strip() or shown[0] in "` " or shown[-1] in "` "
    return f"{fence} {shown} {fence}" if padded else f"{fence}{shown}{fence}"


def _block(text: str) -> str:
    shown = visible(text)
    fence = "`" * max(3, max(map(len, _BACKTICKS.findall(shown)), default=0) + 1)
    return f"{fence}sh\n{shown}\n{fence}"


def _cell(text: str) -> str:
    return _sentence(text).replace("|", "\\|")


FORMAT = ReportFormat.without_style(
    render_markdown,
    render_summary_markdown,
    label="Markdown",
    extension="md",
    media_type="text/markdown",
)
