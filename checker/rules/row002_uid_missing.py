"""ROW002 uid-missing: no uid."""

from checker.model import Place
from checker.outcome import Severity
from checker.rules import SchemaRule, rows_with

__all__ = ["UidMissing"]


class UidMissing(SchemaRule):
    """See the help beside this file."""

    id = "ROW002"
    name = "uid-missing"
    severity = Severity.ERROR
    clause = "G2"
    summary = "no uid"
    fix = "Give each row the member `uid`, spelt exactly so: the user's id on the channel."

    def message(self, count: int, first: Place) -> str:
        return f"{rows_with(count, first)} without a uid: nobody to send the message to."
