"""ROW007 msg-blank: msg is empty or white space."""

from checker.model import Place
from checker.outcome import Severity
from checker.rules import SchemaRule, rows_with

__all__ = ["MsgBlank"]


class MsgBlank(SchemaRule):
    """See the help beside this file."""

    id = "ROW007"
    name = "msg-blank"
    severity = Severity.ERROR
    clause = "G2"
    summary = "msg is empty or white space"
    fix = "Leave out the people who have no message."

    def message(self, count: int, first: Place) -> str:
        return f"{rows_with(count, first)} with an empty msg: nothing to send."
