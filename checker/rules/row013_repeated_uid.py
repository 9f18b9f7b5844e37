"""ROW013 repeated-uid: one uid has several different messages."""

from collections.abc import Iterable

from checker.core.model import CrawlEnd, Location
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import Rule
from checker.rules.wording import rows_with

__all__ = ["RepeatedUid"]


class RepeatedUid(Rule):
    """See the help beside this file."""

    id = "ROW013"
    name = "repeated-uid"
    severity = Severity.INFO
    clause = "G2"
    summary = "one uid has several different messages"
    fix = "No change is needed if these people are to get several messages."
    needs = frozenset({Need.PAGE, Need.WHOLE_CRAWL, Need.EVERY_ROW, Need.ROWS_COMPARED})

    def on_end(self, end: CrawlEnd) -> Iterable[Location]:
        tally = self.context.rows.tally()
        yield from self.context.repeat_places(tally.first_other_messages, tally.other_messages)

    def message(self, count: int, first: Location) -> str:
        return f"{rows_with(count, first)}: the same uid has another message ({first.note})."
