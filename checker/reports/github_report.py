"""Annotations of a GitHub workflow: one line for each finding, written to the job's log."""

from collections.abc import Iterator

from checker.core.report import Finding, Report, Severity, Summary
from checker.reports.format import ReportFormat
from checker.reports.wording import fails, known, place_of, standing, unexplained_failure
from checker.text.display import plural, visible

__all__ = ["FORMAT", "render_github", "render_summary_github"]

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render_github(report: Report) -> str:
    """`::error title=…::…` for what fails, `::warning` and `::notice` for the rest."""
    return "".join(_lines(report, ""))


def render_summary_github(summary: Summary) -> str:
    """The same for each endpoint, its name at the beginning of the titles."""
    lines = [line for name, one in summary.reports.items() for line in _lines(one, f"{name}: ")]
    lines += [
        _command("error", f"{name}: not checked", f"Not checked: {why}.")
        for name, why in summary.not_checked.items()
    ]
    return "".join(lines)


def _lines(report: Report, prefix: str) -> Iterator[str]:
    yield from (_line(report, finding, prefix) for finding in report.findings)
    why = unexplained_failure(report)
    if why is not None:
        yield _command("error", f"{prefix}The check failed", why)


def _line(report: Report, finding: Finding, prefix: str) -> str:
    command = "error" if fails(report, finding) else _COMMANDS[finding.severity]
    command = "notice" if known(report, finding) else command
    reference = standing(report, finding)
    title = f"{prefix}{finding.rule} {finding.name}{f' ({reference})' if reference else ''}"
    places = [place_of(example) for example in finding.examples[:1]]
    where = f" {plural(finding.count, 'place')}"
    where += f", first at {places[0]}." if places and places[0] else "."
    why = f" Cause: {finding.cause}" if finding.cause else ""
    return _command(command, title, f"{finding.message}{where}{why} Fix: {finding.fix}")


def _command(command: str, title: str, text: str) -> str:
    return f"::{command} title={_property(visible(title))}::{_message(visible(text))}\n"


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")


FORMAT = ReportFormat.without_style(
    render_github,
    render_summary_github,
    label="GitHub",
    extension="github.txt",
    media_type="text/plain",
)
