"""ROW001 row-not-object: a row is not an object."""

from checker.core.model import Location
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import SchemaRule
from checker.rules.wording import rows_with

__all__ = ["RowNotObject"]


class RowNotObject(SchemaRule):
    """See the help beside this file."""

    id = "ROW001"
    name = "row-not-object"
    severity = Severity.ERROR
    clause = "G2"
    summary = "a row is not an object"
    fix = 'Send each row as {"uid": "...", "msg": "..."}.'
    needs = frozenset({Need.PAGE, Need.EVERY_ROW})

    def message(self, count: int, first: Location) -> str:
        if count == 1:
            return f"{rows_with(1, first)} is {first.note} (it must be an object with uid and msg)."
        return f"{rows_with(count, first)} are not objects with uid and msg; the first is {first.note}."
