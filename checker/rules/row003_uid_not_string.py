"""ROW003 uid-not-string: uid is not a string."""

from checker.core.model import Location
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import SchemaRule
from checker.rules.wording import must_be_string

__all__ = ["UidNotString"]


class UidNotString(SchemaRule):
    """See the help beside this file."""

    id = "ROW003"
    name = "uid-not-string"
    severity = Severity.ERROR
    clause = "G2"
    summary = "uid is not a string"
    fix = (
        "Send the uid as a string, also when it is a number in your database, and leave out "
        "people without one."
    )
    needs = frozenset({Need.PAGE, Need.EVERY_ROW})

    def message(self, count: int, first: Location) -> str:
        return must_be_string(count, first, "uid")
