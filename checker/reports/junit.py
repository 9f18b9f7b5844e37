"""JUnit's XML: one test case for each rule, so that a CI server shows what was judged.

Errors fail; warnings fail with --strict only, and otherwise pass with what was found as the output.
"""

import re
from xml.etree import ElementTree as ET

from checker.model import Finding, Report
from checker.reports.wording import (
    Outcome,
    RuleOutcome,
    crawl_sentence,
    outcomes,
    place_of,
    unexplained_failure,
)
from checker.text import visible

__all__ = ["render_junit"]

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render_junit(report: Report) -> str:
    """One `testsuite` in a `testsuites`, as Jenkins and most CI servers read it."""
    cases = [_case(item) for item in outcomes(report)]
    why = unexplained_failure(report)
    if why is not None and not report.crashes:
        cases.append(_incomplete(why))
    counts = {
        "tests": str(len(cases)),
        "failures": str(sum(case.find("failure") is not None for case in cases)),
        "errors": str(sum(case.find("error") is not None for case in cases)),
    }
    seconds = f"{report.seconds:.3f}"
    root = ET.Element("testsuites", {"name": "broadcast-check", "time": seconds, **counts})
    suite = ET.SubElement(root, "testsuite", {
        "name": _clean(report.endpoint),
        **counts,
        "skipped": str(sum(case.find("skipped") is not None for case in cases)),
        "time": seconds,
        "timestamp": report.started.removesuffix("Z"),
    })  # fmt: skip
    suite.append(_properties(report))
    suite.extend(cases)
    ET.SubElement(suite, "system-out").text = _clean(crawl_sentence(report))
    ET.indent(root)
    return f"<?xml version='1.0' encoding='UTF-8'?>\n{ET.tostring(root, encoding='unicode')}\n"


def _properties(report: Report) -> ET.Element:
    properties = ET.Element("properties")
    for name, value in (
        ("run", report.run),
        ("verdict", report.verdict.value),
        ("complete", "true" if report.complete else "false"),
        ("pages", str(report.crawl.pages)),
        ("rows", str(report.crawl.rows)),
        ("version", report.tool.version),
    ):
        ET.SubElement(properties, "property", {"name": name, "value": _clean(value)})
    return properties


def _case(item: RuleOutcome) -> ET.Element:
    rule = item.rule
    family = rule.id.rstrip("0123456789")
    name = f"{rule.id} {rule.name}"
    case = ET.Element("testcase", {"classname": family, "name": name, "time": "0"})
    if item.outcome is Outcome.CRASHED:
        ET.SubElement(case, "error", {"message": _clean(item.why), "type": "crash"})
    elif item.outcome is Outcome.NOT_JUDGED:
        ET.SubElement(case, "skipped", {"message": _clean(item.why)})
    elif item.finding is not None and item.outcome is Outcome.FAILED:
        attributes = {"message": _clean(item.finding.message), "type": item.finding.severity.value}
        ET.SubElement(case, "failure", attributes).text = _clean_lines(_account(item.finding))
    elif item.finding is not None:
        ET.SubElement(case, "system-out").text = _clean_lines(_account(item.finding))
    return case


def _incomplete(why: str) -> ET.Element:
    case = ET.Element("testcase", {"classname": "CRAWL", "name": "complete", "time": "0"})
    ET.SubElement(case, "error", {"message": _clean(why), "type": "incomplete"})
    return case


def _account(finding: Finding) -> list[str]:
    lines = [f"{finding.severity.value}: {finding.message}"]
    for example in finding.examples:
        shown = ": ".join(part for part in (place_of(example), example.value) if part)
        if shown:
            lines.append(f"where: {shown}")
    lines.append(f"fix: {finding.fix}")
    lines += [f"repeat: {example.curl}" for example in finding.examples[:1] if example.curl]
    lines.append(f"more: broadcast-check explain {finding.rule}")
    return lines


def _clean_lines(lines: list[str]) -> str:
    return "\n".join(map(_clean, lines))


def _clean(text: str) -> str:
    """Remote text without what fools a reader, and without what XML cannot hold."""
    return _NOT_IN_XML.sub(lambda match: f"\\u{{{ord(match[0]):x}}}", visible(text))
