"""ROW006 msg-not-string: msg is not a string."""

from checker.core.model import Location
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import SchemaRule
from checker.rules.wording import must_be_string

__all__ = ["MsgNotString"]


class MsgNotString(SchemaRule):
    """See the help beside this file."""

    id = "ROW006"
    name = "msg-not-string"
    severity = Severity.ERROR
    clause = "G2"
    summary = "msg is not a string"
    fix = "Send the message as a string of text, and leave out people who have none."
    needs = frozenset({Need.PAGE, Need.EVERY_ROW})

    def message(self, count: int, first: Location) -> str:
        return must_be_string(count, first, "msg")
