"""ROW002 uid-missing: no uid."""

from checker.core.model import Location
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import SchemaRule
from checker.rules.wording import NOBODY, agree, rows_with

__all__ = ["UidMissing"]


class UidMissing(SchemaRule):
    """See the help beside this file."""

    id = "ROW002"
    name = "uid-missing"
    severity = Severity.ERROR
    clause = "G2"
    summary = "no uid"
    fix = "Give each row the member `uid`, spelt exactly so: the user's id on the channel."
    needs = frozenset({Need.PAGE, Need.EVERY_ROW})

    def message(self, count: int, first: Location) -> str:
        return f"{rows_with(count, first)} {agree(count, 'has', 'have')} no uid: {NOBODY}."
