"""Reports: each turns one finished Report, or a Summary of several, into text. Nothing judges.

A format is a module of this folder whose name ends in `_report`: what comes before is the format's
name, and its `FORMAT` says how to write it. The module is loaded only when it is asked for, since
most checks need one of them.
"""

import importlib
import pkgutil
from typing import TYPE_CHECKING

from checker.core.report import Report
from checker.reports.format import ReportFormat, Style

if TYPE_CHECKING:
    from checker.core.report import Summary

__all__ = ["FORMATS", "ReportFormat", "Style", "format_of", "render", "render_summary"]

_SUFFIX = "_report"

FORMATS = tuple(
    sorted(
        module.name.removesuffix(_SUFFIX)
        for module in pkgutil.iter_modules(__path__)
        if module.name.endswith(_SUFFIX)
    )
)
"""The names of all formats, found by a scan."""


def render(report: Report, form: str, style: Style) -> str:
    """The report in one of `FORMATS`."""
    return format_of(form).render(report, style)


def render_summary(summary: "Summary", form: str, style: Style) -> str:
    """The summary of several checks in one of `FORMATS`, made of the same parts."""
    return format_of(form).render_summary(summary, style)


def format_of(form: str) -> ReportFormat:
    """How one of `FORMATS` is written, and what its file is called."""
    found = importlib.import_module(f"{__name__}.{form}{_SUFFIX}").FORMAT
    if not isinstance(found, ReportFormat):
        raise TypeError(f"FORMAT of {form}{_SUFFIX} is not a ReportFormat")
    return found
