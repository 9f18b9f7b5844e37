"""What an application that crawls with this checker builds on, such as the broadcaster.

    check = Check(Config(endpoint=Endpoint.parse(url), stop_at_error=True), listener, client)
    report = check.run()

The listener hears of each page once it is judged, its rows still there; `check.first_error()` tells
whether anything is wrong so far. `checker` itself is for those who only want a report.
"""

from checker.address import PublicResolver, Resolver
from checker.client import Asker, Client, NotRecordedError
from checker.completion import SHELLS, PrintCompletion
from checker.config import Config, parse_header, parse_headers
from checker.endpoint import Endpoint
from checker.engine import Check, run
from checker.events import (
    CheckStarted,
    Event,
    Exchanged,
    Finished,
    Listener,
    PageRead,
    Probed,
    Waiting,
    told_to,
)
from checker.exits import crash_sentence
from checker.model import Exchange, Headers, NextKind, Page, PageKind, Purpose
from checker.offline import Offline, offline_check
from checker.outcome import Report, TimelinePoint, Transcript
from checker.output import open_report
from checker.progress import ProgressLine
from checker.redact import MASK
from checker.reports import FORMATS, Style, render
from checker.reports.json_v1 import as_document
from checker.request_options import (
    add_request_options,
    add_settings_options,
    request_config,
    words_too_many,
)
from checker.rules import all_rules
from checker.saved_pages import SavedPages
from checker.selection import selected
from checker.settings.choosing import Asked, every_config
from checker.streams import forget_output, survive_any_streams, written
from checker.transport import Reply, Sender

__all__ = [
    "FORMATS",
    "MASK",
    "SHELLS",
    "Asked",
    "Asker",
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
    "Listener",
    "NextKind",
    "NotRecordedError",
    "Offline",
    "Page",
    "PageKind",
    "PageRead",
    "PrintCompletion",
    "Probed",
    "ProgressLine",
    "PublicResolver",
    "Purpose",
    "Reply",
    "Report",
    "Resolver",
    "SavedPages",
    "Sender",
    "Style",
    "TimelinePoint",
    "Transcript",
    "Waiting",
    "add_request_options",
    "add_settings_options",
    "all_rules",
    "as_document",
    "crash_sentence",
    "every_config",
    "forget_output",
    "offline_check",
    "open_report",
    "parse_header",
    "parse_headers",
    "render",
    "request_config",
    "run",
    "selected",
    "survive_any_streams",
    "told_to",
    "words_too_many",
    "written",
]
