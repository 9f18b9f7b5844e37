"""ROW005 msg-missing: no msg."""

from checker.core.model import Location
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import SchemaRule
from checker.rules.wording import agree, rows_with

__all__ = ["MsgMissing"]


class MsgMissing(SchemaRule):
    """See the help beside this file."""

    id = "ROW005"
    name = "msg-missing"
    severity = Severity.ERROR
    clause = "G2"
    summary = "no msg"
    fix = "Give each row the member `msg`, spelt exactly so: the message for this person."
    needs = frozenset({Need.PAGE, Need.EVERY_ROW})

    def message(self, count: int, first: Location) -> str:
        return f"{rows_with(count, first)} {agree(count, 'has', 'have')} no msg: there is nothing to send."
