"""ROW005 msg-missing: no msg."""

from checker.model import Place
from checker.outcome import Severity
from checker.rules import SchemaRule, rows_with

__all__ = ["MsgMissing"]


class MsgMissing(SchemaRule):
    """See the help beside this file."""

    id = "ROW005"
    name = "msg-missing"
    severity = Severity.ERROR
    clause = "G2"
    summary = "no msg"
    fix = "Give each row the member `msg`, spelt exactly so: the message for this person."

    def message(self, count: int, first: Place) -> str:
        return f"{rows_with(count, first)} without a msg: nothing to send."
