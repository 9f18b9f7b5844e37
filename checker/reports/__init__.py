"""Reports: each turns one finished Report, or a Summary of several, into text. Nothing judges.

A format's module is loaded only when it is asked for, since most checks need one of them.
"""

import importlib
from typing import TYPE_CHECKING, cast

from checker.core.report import Report
from checker.reports.terminal import Style, render_terminal, verdict_line

if TYPE_CHECKING:
    from checker.core.report import Summary

__all__ = ["FORMATS", "Style", "render", "render_summary", "verdict_line"]

_MODULES = {
    "json": "json_v1",
    "html": "html",
    "markdown": "markdown",
    "junit": "junit",
    "github": "github",
    "sarif": "sarif",
}

FORMATS = ("text", *_MODULES)
"""The names of all formats."""


def render(report: Report, form: str, style: Style, *, quiet: bool = False) -> str:
    """The report in one of `FORMATS`; `style` and `quiet` are for text alone."""
    if form == "text":
        return verdict_line(report, style) + "\n" if quiet else render_terminal(report, style)
    module = importlib.import_module(f"{__name__}.{_MODULES[form]}")
    return cast("str", getattr(module, f"render_{form}")(report))


def render_summary(summary: "Summary", form: str, style: Style, *, quiet: bool = False) -> str:
    """The summary of several checks in one of `FORMATS`, made of the same parts."""
    name = "summary" if form in ("text", "json") else _MODULES[form]
    write = getattr(importlib.import_module(f"{__name__}.{name}"), f"render_summary_{form}")
    return cast("str", write(summary, style, quiet=quiet) if form == "text" else write(summary))
