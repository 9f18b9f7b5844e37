"""ROW007 msg-blank: msg is empty or white space."""

from checker.core.model import Location
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import SchemaRule
from checker.rules.wording import agree, rows_with

__all__ = ["MsgBlank"]


class MsgBlank(SchemaRule):
    """See the help beside this file."""

    id = "ROW007"
    name = "msg-blank"
    severity = Severity.ERROR
    clause = "G2"
    summary = "msg is empty or white space"
    fix = "Leave out the people who have no message."
    needs = frozenset({Need.PAGE, Need.EVERY_ROW})

    def message(self, count: int, first: Location) -> str:
        has = agree(count, "has", "have")
        return f"{rows_with(count, first)} {has} an empty msg: there is nothing to send."
