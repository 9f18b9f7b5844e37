"""Reports: each turns one finished Report into text. Nothing here judges.

A format's module is loaded only when it is asked for, since most checks need one of them.
"""

import importlib
from typing import cast

from checker.model import Report
from checker.reports.terminal import Style, render_terminal, verdict_line

__all__ = ["FORMATS", "Style", "render", "verdict_line"]

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
