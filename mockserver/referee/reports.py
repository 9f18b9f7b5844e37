"""What the referee says, as a table, as JSON and as JUnit. Pure."""

import json
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from xml.etree import ElementTree as ET

from mockserver.referee.game import Judgement
from schemas import __version__

__all__ = ["FORMATS", "render_json", "render_junit", "render_table", "table_lines", "verdict_line"]

_ID_WIDTH, _NAME_WIDTH = 9, 26


def render_table(judgements: Sequence[Judgement]) -> str:
    """A line for each scenario, and one for each thing that is wrong."""
    lines: list[str] = []
    for judgement in judgements:
        lines += table_lines(judgement)
    return "\n".join([*lines, "", verdict_line(judgements)]) + "\n"


def table_lines(judgement: Judgement) -> list[str]:
    """The lines of one scenario."""
    scenario = judgement.scenario
    head = f"{scenario.id:<{_ID_WIDTH}} {scenario.name:<{_NAME_WIDTH}} {_word(judgement)}"
    if judgement.passed:
        return [head]
    return [head, f"    {scenario.summary}", *(f"    {each}" for each in judgement.complaints)]


def verdict_line(judgements: Sequence[Judgement]) -> str:
    """The figures in one sentence."""
    errors = sum(judgement.failed for judgement in judgements)
    warnings = sum(not judgement.passed for judgement in judgements) - errors
    passed = len(judgements) - errors - warnings
    return (
        f"{'FAIL' if errors else 'PASS'}: {passed} of {len(judgements)} scenarios passed, "
        f"{_count(errors, 'error')}, {_count(warnings, 'warning')}."
    )


def render_json(judgements: Sequence[Judgement]) -> str:
    """One object; its form has a version."""
    document = {
        "referee_version": 1,
        "tool": {"name": "broadcast-mock referee", "version": __version__},
        "verdict": "fail" if any(judgement.failed for judgement in judgements) else "pass",
        "scenarios": [
            {
                "id": judgement.scenario.id,
                "name": judgement.scenario.name,
                "severity": judgement.scenario.severity.value,
                "summary": judgement.scenario.summary,
                "passed": judgement.passed,
                "complaints": list(judgement.complaints),
                "requests": judgement.requests,
                "rows": len(judgement.run.rows),
                "seconds": round(judgement.run.seconds, 3),
            }
            for judgement in judgements
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def render_junit(judgements: Sequence[Judgement]) -> str:
    """A test case for each scenario; a warning passes and is in the case's output."""
    failures = sum(judgement.failed for judgement in judgements)
    suite = ET.Element(
        "testsuite",
        name="broadcast-mock referee",
        tests=str(len(judgements)),
        failures=str(failures),
        errors="0",
        time=f"{sum(judgement.run.seconds for judgement in judgements):.3f}",
    )
    for judgement in judgements:
        scenario = judgement.scenario
        case = ET.SubElement(
            suite,
            "testcase",
            classname="referee",
            name=f"{scenario.id} {scenario.name}",
            time=f"{judgement.run.seconds:.3f}",
        )
        text = _xml_text("\n".join((scenario.summary, *judgement.complaints)))
        if judgement.failed:
            ET.SubElement(case, "failure", message=_xml_text(judgement.complaints[0])).text = text
        elif not judgement.passed:
            ET.SubElement(case, "system-out").text = text
    ET.indent(suite)
    return ET.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


FORMATS: Mapping[str, Callable[[Sequence[Judgement]], str]] = MappingProxyType(
    {"table": render_table, "json": render_json, "junit": render_junit}
)


def _word(judgement: Judgement) -> str:
    return "passed" if judgement.passed else judgement.scenario.severity.value


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _xml_text(text: str) -> str:
    """The text without characters that XML forbids."""
    return "".join(char if char in "\n\t" or char.isprintable() else "\ufffd" for char in text)
