"""Annotations of a GitHub workflow: one line for each finding, written to the job's log."""

from checker.model import Finding, Report, Severity
from checker.reports.wording import fails, known, place_of, unexplained_failure
from checker.text import visible

__all__ = ["render_github"]

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render_github(report: Report) -> str:
    """`::error title=…::…` for what fails, `::warning` and `::notice` for the rest."""
    lines = [_line(report, finding) for finding in report.findings]
    why = unexplained_failure(report)
    if why is not None:
        lines.append(_command("error", "The check failed", why))
    return "".join(lines)


def _line(report: Report, finding: Finding) -> str:
    command = "error" if fails(report, finding) else _COMMANDS[finding.severity]
    command = "notice" if known(report, finding) else command
    places = [place_of(example) for example in finding.examples[:1]]
    where = f" First at {places[0]}." if places and places[0] else ""
    text = f"{finding.message}{where} Fix: {finding.fix}"
    return _command(command, f"{finding.rule} {finding.name}", text)


def _command(command: str, title: str, text: str) -> str:
    return f"::{command} title={_property(visible(title))}::{_message(visible(text))}\n"


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
