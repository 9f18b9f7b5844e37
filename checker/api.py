"""What an application that crawls with this checker builds on, such as the broadcaster.

    check = Check(Config(endpoint=Endpoint.parse(url), stop_at_error=True), listener, client)
    report = check.run()

The listener hears of each page once it is judged, its rows still there; `check.first_error()` tells
whether anything is wrong so far. `checker` itself is for those who only want a report.
"""

from checker.cli.completion import SHELLS, PrintCompletion
from checker.cli.exit_status import crash_sentence
from checker.cli.progress import ProgressLine
from checker.cli.request_options import (
    add_request_options,
    add_settings_options,
    request_config,
    words_too_many,
)
from checker.core.config import Config, parse_header, parse_headers
from checker.core.endpoint import Endpoint
from checker.core.errors import NotRecordedError
from checker.core.events import (
    CheckStarted,
    Event,
    Exchanged,
    Finished,
    Listener,
    PageRead,
    Probed,
    Waiting,
    all_listeners,
)
from checker.core.model import Exchange, Headers, NextKind, Page, PageKind, Purpose, Reply
from checker.core.protocols import HttpSender, PageSource
from checker.core.report import Report, Stack, TimelinePoint, Transcript
from checker.core.retry_after import retry_after_seconds
from checker.crawling.client import Client
from checker.engine.run import Check, run
from checker.output.report_file import open_report
from checker.output.streams import forget_output, survive_any_streams, written
from checker.recordings.offline import Offline, offline_check
from checker.recordings.saved_pages import SavedPages
from checker.reports import FORMATS, Style, format_of, render
from checker.reports.json_report import as_document
from checker.rules import all_rules
from checker.rules.channel_format import utf16_units
from checker.rules.selection import selected
from checker.settings.configs import Asked, every_config
from checker.text.redact import MASK
from checker.transport.connection import tls_context
from checker.transport.resolver import PublicResolver, Resolver

__all__ = [
    "FORMATS",
    "MASK",
    "SHELLS",
    "Asked",
    "Check",
    "CheckStarted",
    "Client",
    "Config",
    "Endpoint",
    "Event",
    "Exchange",
    "Exchanged",
    "Finished",
    "Headers",
    "HttpSender",
    "Listener",
    "NextKind",
    "NotRecordedError",
    "Offline",
    "Page",
    "PageKind",
    "PageRead",
    "PageSource",
    "PrintCompletion",
    "Probed",
    "ProgressLine",
    "PublicResolver",
    "Purpose",
    "Reply",
    "Report",
    "Resolver",
    "SavedPages",
    "Stack",
    "Style",
    "TimelinePoint",
    "Transcript",
    "Waiting",
    "add_request_options",
    "add_settings_options",
    "all_listeners",
    "all_rules",
    "as_document",
    "crash_sentence",
    "every_config",
    "forget_output",
    "format_of",
    "offline_check",
    "open_report",
    "parse_header",
    "parse_headers",
    "render",
    "request_config",
    "retry_after_seconds",
    "run",
    "selected",
    "survive_any_streams",
    "tls_context",
    "utf16_units",
    "words_too_many",
    "written",
]
