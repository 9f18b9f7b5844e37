"""What one run knows when it has ended: frozen, and all that the report is built from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from checker.core.config import Config
from checker.core.model import CrawlEnd
from checker.core.needs import Need
from checker.core.report import PageSeconds, TimelinePoint
from checker.diagnosis.facts import Facts
from checker.engine.findings import Tally
from checker.rules.base import Rule
from checker.text.redact import Redactor

__all__ = ["RunState"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunState:
    """The end of one run. Times in seconds, sizes in bytes; nothing in it is masked yet.

    `facts` are what the causes look at. `lacks` are the needs that the source of the pages cannot
    meet, with the reason. `crashes` are the rules that failed, with the error's type. `abridged`
    says that of some page not all rows were judged, `rows_forgotten` why not all rows could be
    compared, `not_recorded` what a recording does not hold, `reached` that the server answered
    anything at all.
    """

    config: Config
    facts: Facts
    run_id: str
    started: datetime
    seconds: float
    end: CrawlEnd
    rules: Mapping[str, Rule]
    tallies: Mapping[str, Tally]
    crashes: Mapping[str, str]
    chosen: frozenset[str]
    redactor: Redactor
    pages: int
    rows: int
    requests: int
    bytes: int
    timed_pages: int
    page_seconds: PageSeconds
    timeline: tuple[TimelinePoint, ...]
    asked_probes: frozenset[str]
    lacks: Mapping[Need, str]
    page_was_read: bool
    reached: bool
    abridged: bool
    interrupted: bool
    rows_forgotten: str | None
    not_recorded: str | None
