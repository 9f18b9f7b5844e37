"""Checks a broadcast endpoint against the contract, and says what to change.

from checker import check
report = check("https://api.example.com/recipients", headers={"Authorization": "Bearer …"})
report.verdict, report.complete, [finding.rule for finding in report.findings]

report = check("/recipients", app=app)  # a WSGI or ASGI application of this process, no socket

What masks secrets and makes remote text safe to show is offered, too, for the broadcaster.
"""

import importlib
from typing import TYPE_CHECKING, Any

from schemas import __version__

if TYPE_CHECKING:
    from checker.checking import check
    from checker.core.config import parse_headers
    from checker.core.endpoint import Endpoint, looks_secret
    from checker.core.errors import CheckerError, UsageError
    from checker.core.events import Event, Listener
    from checker.core.report import (
        CrawlSummary,
        Example,
        Finding,
        NotJudged,
        PageSeconds,
        Report,
        Severity,
        Tool,
        Verdict,
    )
    from checker.reports.html_report import report_body, report_style
    from checker.text.display import cut, plural, visible
    from checker.text.redact import Redactor

__all__ = [
    "CheckerError",
    "CrawlSummary",
    "Endpoint",
    "Event",
    "Example",
    "Finding",
    "Listener",
    "NotJudged",
    "PageSeconds",
    "Redactor",
    "Report",
    "Severity",
    "Tool",
    "UsageError",
    "Verdict",
    "__version__",
    "check",
    "cut",
    "looks_secret",
    "parse_headers",
    "plural",
    "report_body",
    "report_style",
    "visible",
]

_MODULE_OF = {
    "CheckerError": "core.errors",
    "CrawlSummary": "core.report",
    "Endpoint": "core.endpoint",
    "Event": "core.events",
    "Example": "core.report",
    "Finding": "core.report",
    "Listener": "core.events",
    "NotJudged": "core.report",
    "PageSeconds": "core.report",
    "Redactor": "text.redact",
    "Report": "core.report",
    "Severity": "core.report",
    "Tool": "core.report",
    "UsageError": "core.errors",
    "Verdict": "core.report",
    "check": "checking",
    "cut": "text.display",
    "looks_secret": "core.endpoint",
    "parse_headers": "core.config",
    "plural": "text.display",
    "report_body": "reports.html_report",
    "report_style": "reports.html_report",
    "visible": "text.display",
}


def __getattr__(name: str) -> Any:
    """Load a name when it is first used, so that importing one rule loads no network library."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
    globals()[name] = value
    return value
