"""ROW004 uid-blank: uid is empty or white space."""

from checker.core.model import Location
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import SchemaRule
from checker.rules.wording import NOBODY, agree, rows_with

__all__ = ["UidBlank"]


class UidBlank(SchemaRule):
    """See the help beside this file."""

    id = "ROW004"
    name = "uid-blank"
    severity = Severity.ERROR
    clause = "G2"
    summary = "uid is empty or white space"
    fix = "Leave out the people whose user id you do not know."
    needs = frozenset({Need.PAGE, Need.EVERY_ROW})

    def message(self, count: int, first: Location) -> str:
        return f"{rows_with(count, first)} {agree(count, 'has', 'have')} an empty uid: {NOBODY}."
