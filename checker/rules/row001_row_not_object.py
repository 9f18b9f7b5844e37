"""ROW001 row-not-object: a row is not an object."""

from checker.model import Place
from checker.outcome import Severity
from checker.rules import SchemaRule, rows_with

__all__ = ["RowNotObject"]


class RowNotObject(SchemaRule):
    """See the help beside this file."""

    id = "ROW001"
    name = "row-not-object"
    severity = Severity.ERROR
    clause = "G2"
    summary = "a row is not an object"
    fix = 'Send each row as {"uid": "...", "msg": "..."}.'

    def message(self, count: int, first: Place) -> str:
        return f"{rows_with(count, first)} should be an object with uid and msg; the first is {first.note}."
