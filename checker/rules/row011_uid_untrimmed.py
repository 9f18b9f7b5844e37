"""ROW011 uid-untrimmed: uid begins or ends with white space."""

from collections.abc import Iterable

from checker.core.model import Location, Page
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import Rule
from checker.rules.wording import rows_with

__all__ = ["UidUntrimmed"]


class UidUntrimmed(Rule):
    """See the help beside this file."""

    id = "ROW011"
    name = "uid-untrimmed"
    severity = Severity.WARNING
    clause = "G2"
    summary = "uid begins or ends with white space"
    fix = "Trim the uid when you read it."
    needs = frozenset({Need.PAGE, Need.EVERY_ROW})

    def on_page(self, page: Page) -> Iterable[Location]:
        if page.trimmed:
            return
        for index, uid in enumerate(page.uids):
            if uid is not None and uid.strip() not in ("", uid):
                yield Location(exchange=page.exchange, pointer=f"/list/{index}/uid", value=uid)

    def message(self, count: int, first: Location) -> str:
        return f"{rows_with(count, first)}: uid begins or ends with white space."
