"""JUnit's XML: one test case for each rule, so that a CI server shows what was judged.

Errors fail; warnings fail with --strict only, and otherwise pass with what was found as the output.
"""

import re
from xml.etree import ElementTree as ET

from checker.core.report import Counted, Finding, Report, Summary
from checker.reports.format import ReportFormat
from checker.reports.wording import (
    Outcome,
    RuleOutcome,
    baseline_sentence,
    crawl_sentence,
    gone,
    outcomes,
    places_told,
    repeat_of,
    standing,
    unexplained_failure,
)
from checker.text.display import plural, visible

__all__ = ["FORMAT", "render_junit", "render_summary_junit"]

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render_junit(report: Report) -> str:
    """One `testsuite` in a `testsuites`, as Jenkins and most CI servers read it."""
    return _document([_suite(report, report.endpoint, "")])


def render_summary_junit(summary: Summary) -> str:
    """A suite for each endpoint, named by it; so are the classes, to tell equal rules apart."""
    suites = [_suite(report, name, f"{name}.") for name, report in summary.reports.items()]
    suites += [_not_checked(name, why) for name, why in summary.not_checked.items()]
    return _document(suites)


def _document(suites: list[ET.Element]) -> str:
    root = ET.Element(
        "testsuites",
        {
            "name": "broadcast-check",
            "time": f"{sum(float(suite.get('time', '0')) for suite in suites):.3f}",
            **{
                count: str(sum(int(suite.get(count, "0")) for suite in suites))
                for count in ("tests", "failures", "errors")
            },
        },
    )
    root.extend(suites)
    ET.indent(root)
    return f"<?xml version='1.0' encoding='UTF-8'?>\n{ET.tostring(root, encoding='unicode')}\n"


def _suite(report: Report, name: str, prefix: str) -> ET.Element:
    lost = {item.rule: (item, word) for item, word in gone(report)}
    cases = [_case(report, item, prefix, lost.get(item.rule.id)) for item in outcomes(report)]
    why = unexplained_failure(report)
    if why is not None and not report.crashes:
        cases.append(_error_case(prefix, "complete", why))
    suite = ET.Element(
        "testsuite",
        {
            "name": _clean(name),
            **_counts(cases),
            "time": f"{report.seconds:.3f}",
            "timestamp": report.started.removesuffix("Z"),
        },
    )
    suite.append(_properties(report))
    suite.extend(cases)
    ET.SubElement(suite, "system-out").text = _clean(crawl_sentence(report))
    return suite


def _not_checked(name: str, why: str) -> ET.Element:
    cases = [_error_case(f"{name}.", "checked", why)]
    suite = ET.Element("testsuite", {"name": _clean(name), **_counts(cases), "time": "0"})
    suite.extend(cases)
    return suite


def _counts(cases: list[ET.Element]) -> dict[str, str]:
    found = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    counts = {
        name: str(sum(case.find(tag) is not None for case in cases)) for name, tag in found.items()
    }
    return {"tests": str(len(cases)), **counts}


def _properties(report: Report) -> ET.Element:
    properties = ET.Element("properties")
    for name, value in (
        ("endpoint", report.endpoint),
        ("run", report.run),
        ("verdict", report.verdict.value),
        ("complete", "true" if report.complete else "false"),
        ("pages", str(report.crawl.pages)),
        ("rows", str(report.crawl.rows)),
        ("version", report.tool.version),
        ("baseline", baseline_sentence(report)),
    ):
        if value is not None:
            ET.SubElement(properties, "property", {"name": name, "value": _clean(value)})
    return properties


def _case(
    report: Report, item: RuleOutcome, prefix: str, lost: tuple[Counted, str] | None
) -> ET.Element:
    rule = item.rule
    family = rule.id.rstrip("0123456789")
    name = f"{rule.id} {rule.name}"
    case = ET.Element("testcase", {"classname": prefix + family, "name": name, "time": "0"})
    if item.outcome is Outcome.CRASHED:
        ET.SubElement(case, "error", {"message": _clean(item.why), "type": "crash"})
    elif item.outcome is Outcome.NOT_JUDGED:
        ET.SubElement(case, "skipped", {"message": _clean(item.why)})
    elif item.finding is not None and item.outcome is Outcome.FAILED:
        attributes = {"message": _clean(item.finding.message), "type": item.finding.severity.value}
        told = _clean_lines(_account(report, item.finding))
        ET.SubElement(case, "failure", attributes).text = told
    elif item.finding is not None:
        told = _clean_lines(_account(report, item.finding))
        ET.SubElement(case, "system-out").text = told
    if lost is not None:
        found, word = lost
        before = f"{found.severity.value}, {plural(found.count, 'place')} before"
        ET.SubElement(case, "system-out").text = f"baseline: {word} ({before})"
    return case


def _error_case(prefix: str, name: str, why: str) -> ET.Element:
    case = ET.Element("testcase", {"classname": f"{prefix}CRAWL", "name": name, "time": "0"})
    ET.SubElement(case, "error", {"message": _clean(why), "type": "incomplete"})
    return case


def _account(report: Report, finding: Finding) -> list[str]:
    lines = [f"{finding.severity.value}: {finding.message}", f"places: {finding.count:,}"]
    if reference := standing(report, finding):
        lines.append(f"baseline: {reference}")
    if finding.consequence_of:
        lines.append(f"follows from: {finding.consequence_of}")
    if finding.cause:
        lines.append(f"cause: {finding.cause}")
    lines += [f"seen: {line}" for line in finding.evidence]
    lines.append(f"fix: {finding.fix}")
    lines += [f"where: {place}" for place in places_told(finding, len(finding.examples))]
    if repeat := repeat_of(finding):
        lines.append(f"repeat: {repeat}")
    lines.append(f"more: broadcast-check explain {finding.rule}")
    return lines


def _clean_lines(lines: list[str]) -> str:
    return "\n".join(map(_clean, lines))


def _clean(text: str) -> str:
    """Remote text without what fools a reader, and without what XML cannot hold."""
    return _NOT_IN_XML.sub(lambda match: f"\\u{{{ord(match[0]):x}}}", visible(text))


FORMAT = ReportFormat.without_style(
    render_junit,
    render_summary_junit,
    label="JUnit",
    extension="xml",
    media_type="application/xml",
)
