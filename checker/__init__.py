"""Checks a broadcast endpoint against the contract, and says what to change.

from checker import check
report = check("https://api.example.com/recipients", headers={"Authorization": "Bearer …"})
report.verdict, report.complete, [finding.rule for finding in report.findings]

report = check("/recipients", app=app)  # a WSGI or ASGI application of this process, no socket

What masks secrets and makes remote text safe to show is offered, too, for the broadcaster.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from checker.address import Resolver
from checker.config import Config, parse_headers
from checker.endpoint import Endpoint, looks_secret
from checker.engine import run
from checker.errors import CheckerError, UsageError
from checker.events import Event, Listener
from checker.inprocess import HOST, sender_for
from checker.outcome import (
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
from checker.redact import Redactor
from checker.rules import all_rules
from checker.selection import selected
from checker.text import cut, plural, visible
from checker.transport import BODY_LIMIT_BYTES
from schemas import __version__

if TYPE_CHECKING:
    from checker.reports.html import report_body, report_style

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


def __getattr__(name: str) -> Any:
    """What is loaded once it is asked for, since most checks need no HTML."""
    if name in ("report_body", "report_style"):
        from checker.reports import html

        return getattr(html, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def check(
    url: str,
    *,
    headers: Mapping[str, str] | Iterable[tuple[str, str]] | None = None,
    token_param: str = "next",  # noqa: S107  a parameter's name
    channel: str | None = None,
    probes: bool = True,
    probe_methods: Iterable[str] = (),
    max_pages: int = 100_000,
    timeout: float = 30.0,
    retries: int = 2,
    ca_bundle: str | None = None,
    load: int = 0,
    strict: bool = False,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    show_data: bool = False,
    body_limit_bytes: int = BODY_LIMIT_BYTES,
    resolver: Resolver | None = None,
    listener: Listener | None = None,
    app: Callable[..., Any] | None = None,
) -> Report:
    """Crawl the endpoint at `url`, judge it by every rule, and return the report.

    With `app`, a WSGI or ASGI 3 application, no socket is opened, and `url` is the endpoint's path
    in it, such as "/recipients", or a whole URL where the app cares for its host. What it raises is
    reported as the status 500 that a server would answer.

    `timeout` bounds each request as a whole, in seconds. Prints nothing. Raises UsageError for a
    wrong argument, before anything is sent; what is wrong with the endpoint is in the report.
    """
    sender = None
    if app is not None:
        url = f"{HOST}{url}" if url.startswith("/") else url
        sender = sender_for(app, timeout_seconds=timeout, body_limit_bytes=body_limit_bytes)
    config = Config(
        endpoint=Endpoint.parse(url, token_param),
        headers=parse_headers(headers),
        channel=channel,
        probes=probes,
        probe_methods=tuple(probe_methods),
        max_pages=max_pages,
        timeout_seconds=timeout,
        retries=retries,
        ca_bundle=ca_bundle,
        load=load,
        strict=strict,
        select=tuple(select),
        ignore=tuple(ignore),
        show_data=show_data,
        body_limit_bytes=body_limit_bytes,
        resolver=resolver or Resolver(),
        sender=sender,
    )
    selected(config, all_rules())
    report = run(config, listener)
    if report.interrupted:
        raise KeyboardInterrupt
    return report
